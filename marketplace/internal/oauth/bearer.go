package oauth

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// bearer is what a valid access token says.
type bearer struct {
	user       web.User
	credential web.Credential
	agent      bool
}

// verify finds the token's user; SignedOut if the token is not valid (any
// more).
func (s *Server) verify(ctx context.Context, token string) (bearer, error) {
	var (
		b       bearer
		expires int64
	)
	err := s.db.Read(ctx, func(tx database.Tx) error {
		row := tx.QueryRow(ctx, `SELECT a.id, a.user_name, a.name, a.email, t.id, t.name, g.id, k.expires, c.agent
			FROM access_token k JOIN access_grant g ON g.id = k.access_grant JOIN client c ON c.id = g.client
			JOIN account a ON a.id = g.account JOIN tenant t ON t.id = a.tenant
			WHERE k.hash = ? AND k.expires > ? AND g.revoked = 0`, digest(token), database.Millis(s.config.Now()))
		return scanUser(row, &b.user, &b.credential.Grant, &expires, &b.agent)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return bearer{}, fault.New(fault.SignedOut)
	}
	b.credential.Expires = database.Time(expires)
	return b, err
}

// Guard lets in requests with an access token that opens the agent API. The
// token of another client says who its user is, but does not act for him.
func (s *Server) Guard(r *http.Request) (context.Context, error) {
	b, err := s.verify(r.Context(), tokenOf(r))
	if err != nil {
		return nil, err
	}
	if !b.agent {
		return nil, fault.New(fault.PermissionDenied)
	}
	return web.WithCredential(web.WithUser(r.Context(), b.user), b.credential), nil
}

// Alive tells whether a grant still stands. When the database cannot be asked
// it does: the token's own end still holds.
func (s *Server) Alive(ctx context.Context, grant string) bool {
	var n int
	err := s.db.Read(ctx, func(tx database.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM access_grant WHERE id = ? AND revoked = 0`, grant).Scan(&n)
	})
	return err != nil || n > 0
}

func tokenOf(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// userInfo answers with the documented members.
func (s *Server) userInfo(w http.ResponseWriter, r *http.Request) error {
	b, err := s.verify(r.Context(), tokenOf(r))
	if errors.Is(err, fault.SignedOut) {
		return unauthenticated()
	}
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, map[string]string{
		"id": b.user.ID, "userName": b.user.UserName, "name": b.user.Name, "email": b.user.Email, "mobile": "",
		"role": "user", "organizationName": b.user.TenantName, "userId": b.user.ID, "organizationCode": b.user.Tenant,
		"projectName": b.user.TenantName, "tenant": b.user.Tenant,
	})
}

// metadata tells clients where the endpoints are (RFC 8414).
func (s *Server) metadata(w http.ResponseWriter, r *http.Request) error {
	base := s.baseURL(r)
	api := base + "/api/v1/oauth2"
	return web.WriteJSON(w, http.StatusOK, map[string]any{
		"issuer": base, "authorization_endpoint": api + "/authorize", "token_endpoint": api + "/token",
		"revocation_endpoint": api + "/revoke", "device_authorization_endpoint": api + "/device_authorization",
		"userinfo_endpoint": api + "/userinfo", "scopes_supported": []string{scope},
		"response_types_supported":              []string{"code"},
		"grant_types_supported":                 []string{"authorization_code", "refresh_token", deviceGrant},
		"code_challenge_methods_supported":      []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"none", "client_secret_post", "client_secret_basic"},
	})
}
