package oauth

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"time"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/web"
)

// tokens is the documented answer of the token endpoint.
type tokens struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"` // seconds
	Scope        string `json:"scope"`
	RefreshToken string `json:"refresh_token"`
}

// exchange is one request at the token endpoint, within its transaction.
// What it revokes is announced after the commit, also when the request itself
// is refused: so a refusal does not roll the transaction back.
type exchange struct {
	*Server
	tx      database.Tx
	now     time.Time
	client  Client
	revoked []string
}

// deviceGrant is the grant type of RFC 8628.
const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// token answers the grants.
func (s *Server) token(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	var (
		answer  tokens
		refused *refusal
	)
	revoked, err := s.exchange(r.Context(), r, func(ctx context.Context, e *exchange) error {
		var err error
		switch r.PostFormValue("grant_type") {
		case "authorization_code":
			answer, err = e.redeemCode(ctx, r.PostForm)
		case "refresh_token":
			answer, err = e.refresh(ctx, r.PostForm)
		case deviceGrant:
			answer, err = e.redeemDevice(ctx, r.PostForm)
		default:
			err = refuse("unsupported_grant_type", "The grant type is not supported")
		}
		if errors.As(err, &refused) {
			return nil
		}
		return err
	})
	for _, grant := range revoked {
		s.config.Revoked(grant)
	}
	if err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	w.Header().Set("Pragma", "no-cache")
	return web.WriteJSON(w, http.StatusOK, answer)
}

// exchange authenticates the client and runs f in a transaction.
func (s *Server) exchange(ctx context.Context, r *http.Request, f func(context.Context, *exchange) error) ([]string, error) {
	var e *exchange
	err := s.db.Write(ctx, func(tx database.Tx) error {
		client, err := s.authenticateClient(ctx, tx, r)
		if err != nil {
			return err
		}
		e = &exchange{Server: s, tx: tx, now: s.config.Now(), client: client}
		return f(ctx, e)
	})
	if err != nil || e == nil {
		return nil, err
	}
	return e.revoked, nil
}

// authenticateClient finds who asks: by the form or by HTTP Basic, with the
// secret where the client has one.
func (s *Server) authenticateClient(ctx context.Context, tx database.Tx, r *http.Request) (Client, error) {
	id, presented := r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	if user, password, ok := r.BasicAuth(); ok {
		id, presented = unescape(user), unescape(password)
	}
	client, secret, err := s.client(ctx, tx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Client{}, badClient()
	}
	if err != nil {
		return Client{}, err
	}
	if secret != nil && subtle.ConstantTimeCompare(secret, digest(presented)) != 1 {
		return Client{}, badClient()
	}
	return client, nil
}

// unescape undoes the form encoding that OAuth lays over HTTP Basic.
func unescape(value string) string {
	plain, err := url.QueryUnescape(value)
	if err != nil {
		return value
	}
	return plain
}

// redeemCode exchanges an authorization code, once. A second use means that
// somebody else has it too: what the first gave is revoked.
func (e *exchange) redeemCode(ctx context.Context, form url.Values) (tokens, error) {
	var (
		client, redirectURI, challenge, account string
		expires                                 int64
		grant                                   sql.NullString
	)
	code := form.Get("code")
	err := e.tx.QueryRow(ctx, `SELECT client, redirect_uri, challenge, account, expires, access_grant FROM code WHERE hash = ?`, digest(code)).
		Scan(&client, &redirectURI, &challenge, &account, &expires, &grant)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return tokens{}, invalidCode()
	case err != nil:
		return tokens{}, err
	case client != e.client.ID:
		return tokens{}, otherClient()
	case grant.Valid:
		return tokens{}, after(e.revokeGrant(ctx, grant.String), invalidCode())
	case expires <= database.Millis(e.now),
		!redirectMatches(form, redirectURI, e.client),
		!verifierMatches(form.Get("code_verifier"), challenge):
		return tokens{}, invalidCode()
	}
	id, err := e.newGrant(ctx, account)
	if err != nil {
		return tokens{}, err
	}
	if _, err := e.tx.Exec(ctx, `UPDATE code SET access_grant = ? WHERE hash = ?`, id, digest(code)); err != nil {
		return tokens{}, err
	}
	return e.issue(ctx, id, code)
}

// redirectMatches: a client with a registered address may leave it out, as
// documented; a public one has to repeat it.
func redirectMatches(form url.Values, want string, c Client) bool {
	got := form.Get("redirect_uri")
	return got == want || got == "" && c.RedirectURI != ""
}

func verifierMatches(verifier, challenge string) bool {
	if challenge == "" {
		return verifier == ""
	}
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(s256(verifier)), []byte(challenge)) == 1
}

// refresh exchanges a refresh token for new tokens.
func (e *exchange) refresh(ctx context.Context, form url.Values) (tokens, error) {
	presented := form.Get("refresh_token")
	found, err := e.refreshFacts(ctx, presented)
	if errors.Is(err, sql.ErrNoRows) {
		return tokens{}, invalidRefresh()
	}
	if err != nil {
		return tokens{}, err
	}
	switch decideRefresh(found, e.client.ID, e.now, e.config.RepeatWindow) {
	case rotate:
		if _, err := e.tx.Exec(ctx, `UPDATE refresh_token SET used = ?, successor = ? WHERE hash = ?`,
			database.Millis(e.now), digest(e.derive("refresh", presented)), digest(presented)); err != nil {
			return tokens{}, err
		}
		return e.issue(ctx, found.grant, presented)
	case repeat:
		return e.reissue(ctx, presented)
	case stolen:
		return tokens{}, after(e.revokeGrant(ctx, found.grant), invalidRefresh())
	default:
		return tokens{}, invalidRefresh()
	}
}

func (e *exchange) refreshFacts(ctx context.Context, presented string) (refreshFacts, error) {
	var (
		found                           refreshFacts
		expires, used, revoked, onwards int64
	)
	err := e.tx.QueryRow(ctx, `SELECT t.access_grant, g.client, t.expires, t.used, g.revoked, coalesce(n.used, 0)
		FROM refresh_token t JOIN access_grant g ON g.id = t.access_grant LEFT JOIN refresh_token n ON n.hash = t.successor
		WHERE t.hash = ?`, digest(presented)).
		Scan(&found.grant, &found.client, &expires, &used, &revoked, &onwards)
	found.expires, found.used = database.Time(expires), database.Time(used)
	found.revoked, found.successorUsed = revoked != 0, onwards != 0
	return found, err
}

// after gives err if there is one, else the refusal that what succeeded leads
// to.
func after(err, refusal error) error {
	if err != nil {
		return err
	}
	return refusal
}
