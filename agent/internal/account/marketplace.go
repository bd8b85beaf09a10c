package account

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/oauth2"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// clientID is the public client that iscdesk is registered as.
const clientID = "iscdesk"

// maxAnswer bounds an answer of the authorization server, in bytes.
const maxAnswer = 64 << 10

// checkMarketplace allows https, plain http to this very machine, and none.
func checkMarketplace(address string) (string, error) {
	if address == "" {
		return "", nil
	}
	u, err := url.Parse(strings.TrimRight(address, "/"))
	if err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())) {
		return u.String(), nil
	}
	return "", api.Fail(api.InvalidArgument, "argument", "marketplace", "reason", "it must be an https address")
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// oauth is the client of the authorization server, for a login that comes
// back to redirect.
func (e *Engine) oauth(redirect string) *oauth2.Config {
	root := e.base + "/api/v1/oauth2/"
	return &oauth2.Config{
		ClientID: clientID, RedirectURL: redirect,
		Endpoint: oauth2.Endpoint{
			AuthURL: root + "authorize", TokenURL: root + "token", DeviceAuthURL: root + "device_authorization",
			AuthStyle: oauth2.AuthStyleInParams,
		},
	}
}

// calling makes the oauth2 library use our HTTP client.
func (e *Engine) calling(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, e.config.HTTP)
}

// who asks whom a new token belongs to.
func (e *Engine) who(ctx context.Context, token string) (agentapi.Me, error) {
	var me agentapi.Me
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.base+"/api/agent/v1/me", nil)
	if err != nil {
		return me, api.Fail(api.Internal).Because(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if err := e.exchange(request, &me); err != nil {
		return me, err
	}
	if me.ID == "" {
		return me, api.Fail(api.MarketplaceFailed, "status", "an account without an id")
	}
	return me, nil
}

// post sends a form and reads the answer into out (nil: it is dropped).
func (e *Engine) post(ctx context.Context, endpoint string, form url.Values, out any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.base+"/api/v1/oauth2/"+endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return api.Fail(api.Internal).Because(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return e.exchange(request, out)
}

func (e *Engine) exchange(request *http.Request, out any) error {
	answer, err := e.config.HTTP.Do(request)
	if err != nil {
		return explain(request.Context(), err)
	}
	defer func() { _ = answer.Body.Close() }() // nothing was written
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	switch {
	case err != nil:
		return explain(request.Context(), err)
	case answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusNoContent:
		return api.Fail(api.MarketplaceFailed, "status", strconv.Itoa(answer.StatusCode))
	case out == nil:
		return nil
	case json.Unmarshal(content, out) != nil: // the error could quote the answer, which holds secrets
		return api.Fail(api.MarketplaceFailed, "status", "malformed answer")
	}
	return nil
}

// explain gives an error of the network or of the oauth2 library as one of the
// table. Of an answer it keeps the documented error code only, never the body.
func explain(ctx context.Context, err error) error {
	var refused *oauth2.RetrieveError
	var network *url.Error
	var broken net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return api.Fail(api.Cancelled)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return api.Fail(api.Timeout)
	case errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < http.StatusInternalServerError && refused.ErrorCode != "":
		return api.Fail(api.LoginFailed, "reason", known(refused.ErrorCode))
	case errors.As(err, &refused):
		return api.Fail(api.MarketplaceFailed, "status", status(refused))
	case errors.As(err, &network):
		return api.Fail(api.Offline).Because(network.Err) // without the address, which may hold a code
	case errors.As(err, &broken), errors.Is(err, io.ErrUnexpectedEOF):
		return api.Fail(api.Offline)
	}
	return api.Fail(api.MarketplaceFailed, "status", "malformed answer")
}

// known passes the error codes of OAuth, and nothing that a server made up.
func known(code string) string {
	switch code {
	case errInvalidGrant, "invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
		"access_denied", "expired_token", "authorization_pending", "slow_down", "server_error", "temporarily_unavailable":
		return code
	}
	return "refused"
}

// errInvalidGrant is the one answer that ends a login.
const errInvalidGrant = "invalid_grant"

func status(refused *oauth2.RetrieveError) string {
	if refused.Response == nil {
		return "no answer"
	}
	return strconv.Itoa(refused.Response.StatusCode)
}
