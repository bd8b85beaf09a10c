package oauth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/web"
)

// authorizeRequest is an authorization request whose client and redirect URI
// have been found right; fault is what else is wrong with it, to be told to
// the client.
type authorizeRequest struct {
	client      Client
	redirectURI string
	state       string
	challenge   string
	fault       *refusal
}

var (
	errClient   = errors.New("client unknown")
	errRedirect = errors.New("redirect URI not allowed")
)

const (
	scope        = "get_user_info"
	maxState     = 1024
	challengeLen = 43 // base64url of a SHA-256
)

// readRequest reads a request. An error means that the browser must not
// be sent anywhere.
func (s *Server) readRequest(ctx context.Context, query url.Values) (authorizeRequest, error) {
	var (
		request authorizeRequest
		secret  []byte
	)
	err := s.db.Read(ctx, func(tx database.Tx) (err error) {
		request.client, secret, err = s.client(ctx, tx, query.Get("client_id"))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return request, errClient
	}
	if err != nil {
		return request, err
	}
	request.redirectURI = query.Get("redirect_uri")
	if !redirectAllowed(request.client, request.redirectURI) {
		return request, errRedirect
	}
	request.state = query.Get("state")
	request.challenge = query.Get("code_challenge")
	request.fault = faultOf(query, secret == nil)
	return request, nil
}

func faultOf(query url.Values, public bool) *refusal {
	challenge := query.Get("code_challenge")
	switch {
	case query.Get("response_type") != "code":
		return refuse("unsupported_response_type", "response_type must be code")
	case len(query.Get("state")) > maxState:
		return refuse("invalid_request", "state is too long")
	case challenge == "" && public:
		return refuse("invalid_request", "code_challenge is required")
	case challenge != "" && query.Get("code_challenge_method") != "S256":
		return refuse("invalid_request", "code_challenge_method must be S256")
	case challenge != "" && len(challenge) != challengeLen:
		return refuse("invalid_request", "code_challenge is not a SHA-256 in base64url")
	}
	return nil
}

// authorize sends the browser on with a code, once the user has signed in for
// this very request. A session alone is not enough for a program on the user's
// machine, whose identity nothing proves: then he is asked.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) error {
	request, current, err := s.requestAndSession(w, r)
	if err != nil || current == nil {
		return err
	}
	consented, err := s.takeConsent(r.Context(), current, r.URL.RequestURI())
	if err != nil {
		return err
	}
	if consented || request.client.RedirectURI != "" {
		return s.sendCode(w, r, request, current.user)
	}
	_, say := wordsFor(r)
	return s.show(w, r, http.StatusOK, "confirm", page{
		Text:    fmt.Sprintf(say.confirm, request.client.Name, current.user.UserName),
		Action:  r.URL.RequestURI(),
		leadsTo: origin(request.redirectURI),
	})
}

// authorizeConfirmed takes the answer to the question of authorize.
func (s *Server) authorizeConfirmed(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	if !s.genuine(r) {
		return s.message(w, r, http.StatusForbidden, func(say words) string { return say.stale })
	}
	request, current, err := s.requestAndSession(w, r)
	if err != nil || current == nil {
		return err
	}
	if r.PostFormValue("decision") == "allow" {
		return s.sendCode(w, r, request, current.user)
	}
	if err := s.endSession(r.Context(), current); err != nil {
		return err
	}
	toLogin(w, r)
	return nil
}

// requestAndSession reads the request and finds the session. Without a session
// it has answered: with a page, or by sending the browser on.
func (s *Server) requestAndSession(w http.ResponseWriter, r *http.Request) (authorizeRequest, *session, error) {
	request, err := s.readRequest(r.Context(), r.URL.Query())
	switch {
	case errors.Is(err, errClient):
		return request, nil, s.message(w, r, http.StatusBadRequest, func(say words) string { return say.badClient })
	case errors.Is(err, errRedirect):
		return request, nil, s.message(w, r, http.StatusBadRequest, func(say words) string { return say.badRedirect })
	case err != nil:
		return request, nil, err
	case request.fault != nil:
		target := withQuery(request.redirectURI, "error", request.fault.Code, "error_description", request.fault.Description, "state", request.state)
		http.Redirect(w, r, target, http.StatusSeeOther)
		return request, nil, nil
	}
	current, err := s.sessionOf(r)
	if err == nil && current == nil {
		toLogin(w, r)
	}
	return request, current, err
}

func toLogin(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
}

func (s *Server) sendCode(w http.ResponseWriter, r *http.Request, request authorizeRequest, user web.User) error {
	code, now := newSecret(), s.config.Now()
	err := s.db.Write(r.Context(), func(tx database.Tx) error {
		// A used code is kept as long as what it gave may live, to notice its second use.
		if _, err := tx.Exec(r.Context(), `DELETE FROM code WHERE expires <= ?`, database.Millis(now.Add(-s.config.RefreshLifetime))); err != nil {
			return err
		}
		_, err := tx.Exec(r.Context(), `INSERT INTO code (hash, client, redirect_uri, challenge, account, expires) VALUES (?, ?, ?, ?, ?, ?)`,
			digest(code), request.client.ID, request.redirectURI, request.challenge, user.ID, database.Millis(now.Add(s.config.CodeLifetime)))
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, withQuery(request.redirectURI, "code", code, "tenant", user.Tenant, "state", request.state), http.StatusSeeOther)
	return nil
}
