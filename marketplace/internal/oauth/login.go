package oauth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"iscdesk.dev/marketplace/internal/database"
)

// maxForm bounds the forms and token requests.
const maxForm = 64 << 10

// readForm parses a bounded form.
func readForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return refuse("invalid_request", "The form cannot be read")
	}
	return nil
}

// loginPage shows the form, or who is signed in.
func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) error {
	next := safeNext(r.URL.Query().Get("next"))
	current, err := s.sessionOf(r)
	if err != nil {
		return err
	}
	if current != nil && next == "" {
		return s.message(w, r, http.StatusOK, func(say words) string { return fmt.Sprintf(say.signedIn, current.user.UserName) })
	}
	return s.show(w, r, http.StatusOK, "login", page{Next: next, leadsTo: s.endOf(r.Context(), next)})
}

// login checks a user name and password, and sends the browser on.
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	_, say := wordsFor(r)
	form := page{Next: safeNext(r.PostFormValue("next")), UserName: r.PostFormValue("username")}
	form.leadsTo = s.endOf(r.Context(), form.Next)
	if !s.genuine(r) {
		form.Wrong = say.stale
		return s.show(w, r, http.StatusForbidden, "login", form)
	}
	keys := guesses(form.UserName, address(r))
	if wait := s.failures.blocked(keys); wait > 0 {
		seconds := int(wait.Seconds())
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		form.Wrong = fmt.Sprintf(say.tooMany, seconds)
		return s.show(w, r, http.StatusTooManyRequests, "login", form)
	}
	account, err := s.authenticate(r.Context(), form.UserName, r.PostFormValue("password"))
	if err != nil {
		return err
	}
	if account == "" {
		s.failures.count(keys)
		form.Wrong = say.wrongPassword
		return s.show(w, r, http.StatusUnauthorized, "login", form)
	}
	if err := s.beginSession(w, r, account, form.Next); err != nil {
		return err
	}
	target := form.Next
	if target == "" {
		target = "/login"
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

// authenticate gives the id of the account whose password this is, or "".
func (s *Server) authenticate(ctx context.Context, userName, password string) (string, error) {
	var id, hash string
	err := s.db.Read(ctx, func(tx database.Tx) error {
		return tx.QueryRow(ctx, `SELECT id, password FROM account WHERE user_name = ?`, userName).Scan(&id, &hash)
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	ok, err := s.verifyPassword(ctx, hash, password)
	if err != nil || !ok {
		return "", err
	}
	return id, nil
}

// endOf is the origin where the browser ends up after a login that leads to
// next; "" for this server's own.
func (s *Server) endOf(ctx context.Context, next string) string {
	u, err := url.Parse(next)
	if err != nil {
		return ""
	}
	request, err := s.readRequest(ctx, u.Query())
	if err != nil {
		return ""
	}
	return origin(request.redirectURI)
}

// logout ends the browser's session. It sends browsers to registered and
// loopback addresses only; any other leads to the login page.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	current, err := s.sessionOf(r)
	if err != nil {
		return err
	}
	if current != nil {
		if err := s.endSession(r.Context(), current); err != nil {
			return err
		}
	}
	http.SetCookie(w, s.cookie(r, sessionCookie, "", -1))
	target := r.URL.Query().Get("redirect_url")
	known, err := s.knownRedirect(r.Context(), target)
	if err != nil {
		return err
	}
	if !known {
		target = "/login"
	}
	http.Redirect(w, r, target, http.StatusFound)
	return nil
}

// knownRedirect tells whether an address is registered by some client, or is
// on the user's own machine.
func (s *Server) knownRedirect(ctx context.Context, uri string) (bool, error) {
	if uri == "" || len(uri) > maxRedirect {
		return false, nil
	}
	if loopback(uri) {
		return true, nil
	}
	var n int
	err := s.db.Read(ctx, func(tx database.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM client WHERE redirect_uri = ? AND redirect_uri <> ''`, uri).Scan(&n)
	})
	return n > 0, err
}

func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
