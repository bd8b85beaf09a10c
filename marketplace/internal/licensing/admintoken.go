package licensing

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// AdminTokenFile is the file in the state folder whose content is the
// administrator's right. It is random, made at the first start, and readable
// by the owner of the state only.
const AdminTokenFile = "admin-token"

// AdminGuard lets in who holds the token of a state folder; it makes the token
// if there is none.
func AdminGuard(state string) (web.Guard, error) {
	token, err := ReadAdminToken(state)
	if errors.Is(err, fs.ErrNotExist) {
		token = rand.Text()
		err = writeToken(filepath.Join(state, AdminTokenFile), token)
	}
	if err != nil {
		return nil, fmt.Errorf("admin token: %w", err)
	}
	want := sha256.Sum256([]byte("Bearer " + token))
	return func(r *http.Request) (context.Context, error) {
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			return nil, fault.New(fault.PermissionDenied)
		}
		return r.Context(), nil
	}, nil
}

// ReadAdminToken reads the token of a state folder.
func ReadAdminToken(state string) (string, error) {
	body, err := os.ReadFile(filepath.Join(state, AdminTokenFile))
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(body))
	if len(token) < 20 {
		return "", errors.New("the token is damaged: remove the file and start again")
	}
	return token, nil
}

func writeToken(path, token string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(token + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}
