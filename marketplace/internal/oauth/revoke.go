package oauth

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
)

// revoke ends the grant of an access or refresh token (RFC 7009). An unknown
// token is no error: it is as good as revoked.
func (s *Server) revoke(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	presented := r.PostFormValue("token")
	if presented == "" {
		return refuse("invalid_request", "token is required")
	}
	revoked, err := s.exchange(r.Context(), r, func(ctx context.Context, e *exchange) error {
		var grant string
		err := e.tx.QueryRow(ctx, `SELECT g.id FROM access_grant g JOIN (
				SELECT access_grant FROM access_token WHERE hash = ? UNION SELECT access_grant FROM refresh_token WHERE hash = ?
			) t ON t.access_grant = g.id WHERE g.client = ?`, digest(presented), digest(presented), e.client.ID).Scan(&grant)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return e.revokeGrant(ctx, grant)
	})
	for _, grant := range revoked {
		s.config.Revoked(grant)
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}
