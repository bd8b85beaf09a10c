package license

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"

	"github.com/zeebo/blake3"

	"iscdesk.dev/agent/api"
)

// File hands out the content of a granted licence file to the application
// that applied for it. The caller closes the reader.
func (e *Engine) File(ctx context.Context, app api.Session, id string) (api.FetchHeader, io.ReadCloser, error) {
	list, err := e.requests(ctx, `id = ? AND product = ?`, id, app.Product)
	if err != nil {
		return api.FetchHeader{}, nil, internal(err)
	}
	if len(list) == 0 || list[0].answer == nil || list[0].answer.State != api.LicenseGranted || list[0].kind != api.LicenseFile {
		return api.FetchHeader{}, nil, api.Fail(api.NotFound, "what", "licence file")
	}
	r := list[0]
	if k, err := e.keptFor(ctx, r); err != nil {
		return api.FetchHeader{}, nil, internal(err)
	} else if state, blocked := k.state(e.now()); state == keptBlocked {
		return api.FetchHeader{}, nil, blocked
	}
	var content []byte
	err = e.config.DB.QueryRowContext(ctx, `SELECT content FROM license_file WHERE sha256 = ?`, r.answer.SHA256).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return api.FetchHeader{}, nil, api.Fail(api.NotFound, "what", r.answer.FileName)
	}
	if err != nil {
		return api.FetchHeader{}, nil, internal(err)
	}
	sum := blake3.Sum256(content)
	header := api.FetchHeader{Entries: []api.FileEntry{{
		Path: r.answer.FileName, Size: int64(len(content)), Hash: hex.EncodeToString(sum[:]),
	}}}
	return header, io.NopCloser(bytes.NewReader(content)), nil
}
