package oauth

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"net/http"
	"strings"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/web"
)

const (
	sessionCookie = "iscmarket_session"
	csrfCookie    = "iscmarket_csrf"
)

// session is a browser that a user has signed in with.
type session struct {
	user web.User
	hash []byte
	// consent is the digest of the one request that the user signed in for or
	// confirmed; others have to ask him.
	consent []byte
}

// sessionOf finds the browser's session; nil without a valid one.
func (s *Server) sessionOf(r *http.Request) (*session, error) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil, nil // no cookie is no session, and no error
	}
	found := &session{hash: digest(cookie.Value)}
	err = s.db.Read(r.Context(), func(tx database.Tx) error {
		row := tx.QueryRow(r.Context(), `SELECT a.id, a.user_name, a.name, a.email, t.id, t.name, s.consent
			FROM session s JOIN account a ON a.id = s.account JOIN tenant t ON t.id = a.tenant
			WHERE s.hash = ? AND s.expires > ?`, found.hash, database.Millis(s.config.Now()))
		return scanUser(row, &found.user, &found.consent)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // an unknown cookie is no session either
	}
	return found, err
}

// beginSession signs a browser in for one request, under a fresh cookie.
func (s *Server) beginSession(w http.ResponseWriter, r *http.Request, account, request string) error {
	secret, now := newSecret(), s.config.Now()
	err := s.db.Write(r.Context(), func(tx database.Tx) error {
		if _, err := tx.Exec(r.Context(), `DELETE FROM session WHERE expires <= ?`, database.Millis(now)); err != nil {
			return err
		}
		_, err := tx.Exec(r.Context(), `INSERT INTO session (hash, account, expires, consent) VALUES (?, ?, ?, ?)`,
			digest(secret), account, database.Millis(now.Add(s.config.SessionLifetime)), digest(request))
		return err
	})
	if err != nil {
		return err
	}
	http.SetCookie(w, s.cookie(r, sessionCookie, secret, int(s.config.SessionLifetime.Seconds())))
	return nil
}

// takeConsent uses up the session's consent for a request. It tells whether
// there was one: exactly one of two that ask at once gets it.
func (s *Server) takeConsent(ctx context.Context, current *session, request string) (bool, error) {
	if subtle.ConstantTimeCompare(current.consent, digest(request)) != 1 {
		return false, nil
	}
	var taken int64
	err := s.db.Write(ctx, func(tx database.Tx) error {
		result, err := tx.Exec(ctx, `UPDATE session SET consent = NULL WHERE hash = ? AND consent = ?`, current.hash, current.consent)
		if err != nil {
			return err
		}
		taken, err = result.RowsAffected()
		return err
	})
	return taken == 1, err
}

func (s *Server) endSession(ctx context.Context, current *session) error {
	return s.db.Write(ctx, func(tx database.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM session WHERE hash = ?`, current.hash)
		return err
	})
}

func (s *Server) cookie(r *http.Request, name, value string, seconds int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true,
		Secure: s.secure(r), SameSite: http.SameSiteLaxMode,
	}
}

// baseURL is where browsers reach the marketplace.
func (s *Server) baseURL(r *http.Request) string {
	if s.config.PublicURL != "" {
		return strings.TrimSuffix(s.config.PublicURL, "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (s *Server) secure(r *http.Request) bool { return strings.HasPrefix(s.baseURL(r), "https://") }

// csrf is the value that a form of this browser carries. It belongs to a
// cookie that other sites can neither read nor guess.
func (s *Server) csrf(w http.ResponseWriter, r *http.Request) string {
	cookie, err := r.Cookie(csrfCookie)
	if err != nil || len(cookie.Value) < minCSRF {
		cookie = s.cookie(r, csrfCookie, newSecret(), 0)
		http.SetCookie(w, cookie)
	}
	return s.derive("csrf", cookie.Value)
}

const minCSRF = 40

// genuine tells whether a form was sent from a page of this server by the
// browser that got the page.
func (s *Server) genuine(r *http.Request) bool {
	cookie, err := r.Cookie(csrfCookie)
	if err != nil || len(cookie.Value) < minCSRF || s.origins.Check(r) != nil {
		return false
	}
	want := s.derive("csrf", cookie.Value)
	return subtle.ConstantTimeCompare([]byte(r.PostFormValue("csrf")), []byte(want)) == 1
}
