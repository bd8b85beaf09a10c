package account

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"iscdesk.dev/agent/api"
)

// Bounds of what the marketplace may say about a device login.
const (
	deviceTimeMost     = 30 * time.Minute
	deviceIntervalMost = 60 // seconds
	deviceRetry        = 5 * time.Second
	maxDevices         = 8
)

// device is a device login under way.
type device struct {
	code     string
	interval int64
	until    time.Time
	turn     chan struct{} // holds a token while somebody asks
}

// DeviceBegin starts a login that the user confirms on any machine.
func (e *Engine) DeviceBegin(ctx context.Context) (api.DeviceLogin, error) {
	if e.base == "" {
		return api.DeviceLogin{}, api.Fail(api.NotConfigured)
	}
	var answer struct {
		DeviceCode  string `json:"device_code"`
		UserCode    string `json:"user_code"`
		URI         string `json:"verification_uri"`
		CompleteURI string `json:"verification_uri_complete"`
		ExpiresIn   int64  `json:"expires_in"`
		Interval    int64  `json:"interval"`
	}
	if err := e.post(ctx, "device_authorization", url.Values{"client_id": {clientID}}, &answer); err != nil {
		return api.DeviceLogin{}, err
	}
	if answer.DeviceCode == "" || answer.UserCode == "" || answer.URI == "" || answer.ExpiresIn <= 0 {
		return api.DeviceLogin{}, api.Fail(api.MarketplaceFailed, "status", "an incomplete answer")
	}
	now := e.config.Now()
	d := &device{
		code: answer.DeviceCode, interval: min(max(answer.Interval, 1), deviceIntervalMost), turn: make(chan struct{}, 1),
		until: now.Add(min(time.Duration(min(answer.ExpiresIn, 1<<20))*time.Second, deviceTimeMost)),
	}
	id := random()
	e.mu.Lock()
	e.prune(now)
	full := len(e.device) >= maxDevices
	if !full {
		e.device[id] = d
	}
	e.mu.Unlock()
	if full {
		return api.DeviceLogin{}, api.Fail(api.Busy)
	}
	e.wake()
	e.config.Notify.Changed(api.SectionAccount)
	return api.DeviceLogin{
		ID: id, UserCode: answer.UserCode, VerificationURI: answer.URI, CompleteURI: answer.CompleteURI, ExpiresAt: d.until.Unix(),
	}, nil
}

// DeviceAwait returns when the login was decided, or with ctx. It may be
// called again after it was interrupted.
func (e *Engine) DeviceAwait(ctx context.Context, id string) (api.Account, error) {
	d, ok := e.pendingDevice(id)
	if !ok {
		return api.Account{}, api.Fail(api.NotFound, "what", "device login")
	}
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return api.Account{}, explain(ctx, ctx.Err())
	}
	if _, ok := e.pendingDevice(id); !ok { // whoever waited before us has it
		return e.State(), nil
	}
	token, err := e.poll(ctx, d)
	if ctx.Err() != nil {
		return api.Account{}, explain(ctx, ctx.Err())
	}
	defer e.forgetDevice(id)
	if err != nil {
		return api.Account{}, err
	}
	if _, ok := e.pendingDevice(id); !ok { // given up meanwhile
		e.revoke(ctx, kept{Marketplace: e.base}.withTokens(token, e.config.Now()))
		return api.Account{}, api.Fail(api.Cancelled)
	}
	return e.signIn(ctx, token)
}

// poll asks until the user has decided. A network that fails is waited out.
func (e *Engine) poll(ctx context.Context, d *device) (*oauth2.Token, error) {
	for {
		left := d.until.Sub(e.config.Now())
		if left <= 0 {
			return nil, loginFailed("the code was not entered in time")
		}
		limited, cancel := context.WithTimeout(e.calling(ctx), left)
		token, err := e.oauth("").DeviceAccessToken(limited, &oauth2.DeviceAuthResponse{DeviceCode: d.code, Interval: d.interval})
		over := limited.Err() != nil
		cancel()
		var refused *oauth2.RetrieveError
		switch {
		case err == nil:
			return token, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case over:
			return nil, loginFailed("the code was not entered in time")
		case errors.As(err, &refused) && refused.ErrorCode != "" && refused.Response.StatusCode < http.StatusInternalServerError:
			return nil, refusedDevice(refused.ErrorCode)
		}
		e.config.Log.Info("the marketplace does not answer; the device login goes on", "error", explain(ctx, err))
		if err := pause(ctx, deviceRetry); err != nil {
			return nil, err
		}
	}
}

func refusedDevice(code string) error {
	switch code {
	case "access_denied":
		return loginFailed("it was declined")
	case "expired_token":
		return loginFailed("the code was not entered in time")
	}
	return loginFailed(known(code))
}

func (e *Engine) pendingDevice(id string) (*device, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	d, ok := e.device[id]
	return d, ok
}

func (e *Engine) forgetDevice(id string) {
	e.mu.Lock()
	delete(e.device, id)
	e.mu.Unlock()
	e.config.Notify.Changed(api.SectionAccount)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
