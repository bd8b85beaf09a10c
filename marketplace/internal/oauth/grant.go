package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"iscdesk.dev/marketplace/internal/database"
)

// s256 is the PKCE challenge of a verifier.
func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (e *exchange) newGrant(ctx context.Context, account string) (string, error) {
	id := newID()
	_, err := e.tx.Exec(ctx, `INSERT INTO access_grant (id, account, client, created) VALUES (?, ?, ?, ?)`,
		id, account, e.client.ID, database.Millis(e.now))
	return id, err
}

// issue makes the tokens that are given in exchange for what was presented,
// and forgets those that are long over.
func (e *exchange) issue(ctx context.Context, grant, presented string) (tokens, error) {
	for _, table := range []string{"access_token", "refresh_token", "device"} {
		if _, err := e.tx.Exec(ctx, `DELETE FROM `+table+` WHERE expires <= ?`, database.Millis(e.now.Add(-time.Hour))); err != nil {
			return tokens{}, err
		}
	}
	answer := e.answer(presented, e.config.AccessLifetime)
	if _, err := e.tx.Exec(ctx, `INSERT INTO access_token (hash, access_grant, expires) VALUES (?, ?, ?)`,
		digest(answer.AccessToken), grant, database.Millis(e.now.Add(e.config.AccessLifetime))); err != nil {
		return tokens{}, err
	}
	_, err := e.tx.Exec(ctx, `INSERT INTO refresh_token (hash, access_grant, expires) VALUES (?, ?, ?)`,
		digest(answer.RefreshToken), grant, database.Millis(e.now.Add(e.config.RefreshLifetime)))
	return answer, err
}

// reissue makes the same tokens again for a client that lost them.
func (e *exchange) reissue(ctx context.Context, presented string) (tokens, error) {
	answer := e.answer(presented, 0)
	var expires int64
	err := e.tx.QueryRow(ctx, `SELECT expires FROM access_token WHERE hash = ?`, digest(answer.AccessToken)).Scan(&expires)
	if err != nil {
		return tokens{}, err
	}
	answer.ExpiresIn = max(0, int(database.Time(expires).Sub(e.now).Seconds()))
	return answer, nil
}

func (e *exchange) answer(presented string, lifetime time.Duration) tokens {
	return tokens{
		AccessToken: e.derive("access", presented), TokenType: "Bearer", ExpiresIn: int(lifetime.Seconds()),
		Scope: scope, RefreshToken: e.derive("refresh", presented),
	}
}

// revokeGrant ends a grant with all its tokens, and notes that it was.
func (e *exchange) revokeGrant(ctx context.Context, grant string) error {
	result, err := e.tx.Exec(ctx, `UPDATE access_grant SET revoked = ? WHERE id = ? AND revoked = 0`, database.Millis(e.now), grant)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if n > 0 {
		e.revoked = append(e.revoked, grant)
	}
	return err
}
