package catalogue

import (
	"errors"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/objects"
	"iscdesk.dev/marketplace/internal/web"
)

// Routes adds what agents may call.
func (c *Catalogue) Routes(r web.Router) {
	const api = "/api/agent/v1"
	r.Handle("GET "+api+"/apps", web.Bearer, func(w http.ResponseWriter, r *http.Request) error {
		apps, err := c.Apps(r.Context())
		if err != nil {
			return err
		}
		return web.WriteJSON(w, http.StatusOK, agentapi.AppList{Apps: apps})
	})
	r.Handle("GET "+api+"/apps/{product}/upgrade", web.Bearer, func(w http.ResponseWriter, r *http.Request) error {
		q := r.URL.Query()
		u, err := c.Upgrade(r.Context(), r.PathValue("product"), q.Get("version"), q.Get("os"), q.Get("arch"))
		if err != nil {
			return err
		}
		return web.WriteJSON(w, http.StatusOK, u)
	})
	r.Handle("GET "+api+"/packages/{sha256}", web.Bearer, c.getPackage)
}

// getPackage streams a package, or the range of it that is asked for. The hash
// is its strong ETag, so that an interrupted download can be resumed safely.
func (c *Catalogue) getPackage(w http.ResponseWriter, r *http.Request) error {
	sum := r.PathValue("sha256")
	if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(sum) {
		return fault.New(fault.NotFound, "what", "package")
	}
	var file string
	err := c.db.Read(r.Context(), func(tx database.Tx) error {
		return tx.QueryRow(r.Context(), `SELECT file FROM app_version WHERE sha256 = ? LIMIT 1`, sum).Scan(&file)
	})
	if err != nil {
		return fault.New(fault.NotFound, "what", sum).Because(err)
	}
	content, err := c.store.Get(r.Context(), objectKey(sum))
	if errors.Is(err, objects.ErrNotFound) {
		return fault.New(fault.PackageDamaged, "product", file).Because(err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("ETag", strconv.Quote(sum))
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file}))
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}
