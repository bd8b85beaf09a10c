package oauth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"

	"iscdesk.dev/marketplace/internal/database"
)

// devicePage asks the signed-in user for the code of his machine, then whether
// to allow it.
func (s *Server) devicePage(w http.ResponseWriter, r *http.Request) error {
	current, err := s.sessionOf(r)
	if err != nil {
		return err
	}
	if current == nil {
		toLogin(w, r)
		return nil
	}
	code := plainCode(r.URL.Query().Get("user_code"))
	if code == "" {
		return s.show(w, r, http.StatusOK, "code", page{})
	}
	client, err := s.waiting(w, r, current, code)
	if err != nil || client == "" {
		return err
	}
	_, say := wordsFor(r)
	return s.show(w, r, http.StatusOK, "device", page{
		Text:     fmt.Sprintf(say.deviceConfirm, client, current.user.UserName),
		UserCode: code[:4] + "-" + code[4:],
	})
}

// deviceDecision takes the user's answer.
func (s *Server) deviceDecision(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	current, err := s.sessionOf(r)
	if err != nil {
		return err
	}
	if current == nil || !s.genuine(r) {
		return s.message(w, r, http.StatusForbidden, func(say words) string { return say.stale })
	}
	code := plainCode(r.PostFormValue("user_code"))
	if client, err := s.waiting(w, r, current, code); err != nil || client == "" {
		return err
	}
	if r.PostFormValue("decision") != "allow" {
		if err := s.decideWaiting(r.Context(), `UPDATE device SET denied = 1 WHERE user_code = ? AND account IS NULL`, code); err != nil {
			return err
		}
		return s.message(w, r, http.StatusOK, func(say words) string { return say.deviceDenied })
	}
	if err := s.decideWaiting(r.Context(), `UPDATE device SET account = ? WHERE user_code = ? AND account IS NULL AND denied = 0`, current.user.ID, code); err != nil {
		return err
	}
	return s.message(w, r, http.StatusOK, func(say words) string { return say.deviceAllowed })
}

// waiting gives the name of the client whose machine shows the code. Without
// one it has answered; guessing is slowed down.
func (s *Server) waiting(w http.ResponseWriter, r *http.Request, current *session, code string) (string, error) {
	keys := guesses("device code as "+current.user.UserName, address(r))
	if wait := s.failures.blocked(keys); wait > 0 {
		return "", s.message(w, r, http.StatusTooManyRequests, func(say words) string { return fmt.Sprintf(say.tooMany, int(wait.Seconds())) })
	}
	var client string
	err := s.db.Read(r.Context(), func(tx database.Tx) error {
		return tx.QueryRow(r.Context(), `SELECT c.name FROM device d JOIN client c ON c.id = d.client
			WHERE d.user_code = ? AND d.expires > ? AND d.account IS NULL AND d.denied = 0`, code, database.Millis(s.config.Now())).Scan(&client)
	})
	if errors.Is(err, sql.ErrNoRows) {
		s.failures.count(keys)
		return "", s.message(w, r, http.StatusNotFound, func(say words) string { return say.deviceUnknown })
	}
	return client, err
}

func (s *Server) decideWaiting(ctx context.Context, query string, args ...any) error {
	return s.db.Write(ctx, func(tx database.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}
