package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// AdminTokenFile is the file in the state folder whose content opens the
// administrators' routes, as a bearer token. Who may read it is an
// administrator.
const AdminTokenFile = "admin-token"

// adminToken reads the token, or makes it.
func adminToken(state string) (string, error) {
	path := filepath.Join(state, AdminTokenFile)
	body, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		token := rand.Text() + rand.Text()
		return token, WriteFileAtomic(path, []byte(token+"\n"))
	}
	token := strings.TrimSpace(string(body))
	if err == nil && len(token) < minAdminToken {
		err = errors.New(path + " holds no token")
	}
	return token, err
}

const minAdminToken = 32

// adminGuard lets in whoever presents the token.
func adminGuard(token string) web.Guard {
	want := sha256.Sum256([]byte("Bearer " + token))
	return func(r *http.Request) (context.Context, error) {
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			return nil, fault.New(fault.PermissionDenied)
		}
		return r.Context(), nil
	}
}
