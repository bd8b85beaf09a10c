package signin

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/assets/locale"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is a marketplace that knows one state and one code. Where await is
// set, DeviceAwait waits for it.
type service struct {
	redirect string
	await    chan struct{}
	given    []api.LoginCancel
	expires  time.Time
}

func (s *service) LoginBegin(_ context.Context, in api.LoginBegin) (api.LoginBegun, error) {
	s.redirect = in.RedirectURI
	return api.LoginBegun{URL: "https://market.example/authorize", State: "s1"}, nil
}

func (s *service) LoginComplete(_ context.Context, in api.LoginComplete) (api.Account, error) {
	if in != (api.LoginComplete{State: "s1", Code: "c1"}) {
		return api.Account{}, api.Fail(api.LoginFailed, "reason", "code")
	}
	return api.Account{State: api.AccountSignedIn, Name: "Li Lei"}, nil
}

func (s *service) LoginCancel(_ context.Context, in api.LoginCancel) error {
	s.given = append(s.given, in)
	return nil
}

func (s *service) DeviceBegin(context.Context) (api.DeviceLogin, error) {
	return api.DeviceLogin{ID: "d1", UserCode: "ABCD", ExpiresAt: s.expires.Unix()}, nil
}

func (s *service) DeviceAwait(ctx context.Context, _ string) (api.Account, error) {
	select {
	case <-s.await:
		return api.Account{State: api.AccountSignedIn}, nil
	case <-ctx.Done():
		return api.Account{}, ctx.Err()
	}
}

// person signs in: the browser comes back with query. page gets what it shows.
func person(s *service, query string, page chan<- string) func(context.Context, string) error {
	return func(ctx context.Context, _ string) error {
		go func() {
			r, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodGet, s.redirect+"?"+query, nil)
			if err != nil {
				page <- err.Error()
				return
			}
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			answer, err := client.Do(r)
			if err != nil {
				page <- err.Error()
				return
			}
			defer func() { _ = answer.Body.Close() }()
			body, _ := io.ReadAll(answer.Body) // what came is what is shown
			page <- string(body)
		}()
		return nil
	}
}

func TestSignIn(t *testing.T) {
	for _, tt := range []struct {
		name, query string
		want        error
		page, says  string
	}{
		{"signed in", "state=s1&code=c1", nil, "可以关闭此页面", ""},
		{"the code is refused", "state=s1&code=c2", api.LoginFailed, "did not succeed", "code"},
		{"the user says no", "state=s1&error=access_denied", api.LoginFailed, "登录未成功", "登录被拒绝(access_denied)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, page := &service{}, make(chan string, 1)
			var told string
			_, err := Browser{Service: s, Open: person(s, tt.query, page), Tell: func(p string, opened bool) {
				if opened {
					told = p
				}
			}}.SignIn(t.Context())
			if !errors.Is(err, tt.want) || err == nil != (tt.want == nil) {
				t.Errorf("SignIn: %v, want %v", err, tt.want)
			}
			if err != nil && !strings.Contains(api.AsError(err).Text(api.Chinese), tt.says) {
				t.Errorf("the error says %q", api.AsError(err).Text(api.Chinese))
			}
			if shown := <-page; !strings.Contains(shown, tt.page) {
				t.Errorf("the browser shows %s", shown)
			}
			if told != "https://market.example/authorize" {
				t.Errorf("told of %q", told)
			}
			closed(t, s.redirect)
		})
	}
}

// closed holds that nothing answers at address any more.
func closed(t *testing.T, address string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	var d net.Dialer
	if c, err := d.DialContext(t.Context(), "tcp", u.Host); err == nil {
		_ = c.Close()
		t.Errorf("the port of %s is still open", address)
	}
}

func TestSignInEndsWhenTheUserCancels(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &service{}
	_, err := Browser{Service: s, Tell: func(_ string, opened bool) {
		if opened {
			t.Error("a browser opened that there is not")
		}
		cancel()
	}}.SignIn(ctx)
	if !errors.Is(err, api.Cancelled) || !slices.Equal(s.given, []api.LoginCancel{{State: "s1"}}) {
		t.Errorf("SignIn: %v, want %s; given up: %+v", err, api.Cancelled, s.given)
	}
	closed(t, s.redirect)
}

func TestSignInGivesUpWhenNobodyComes(t *testing.T) {
	_, err := Browser{Service: &service{}, Timeout: time.Millisecond}.SignIn(t.Context())
	if !errors.Is(err, api.LoginFailed) || api.AsError(err).Params["reason"] != string(api.LoginTimedOut) {
		t.Errorf("SignIn: %v", err)
	}
}

func TestDevice(t *testing.T) {
	s := &service{await: make(chan struct{}), expires: time.Now().Add(time.Hour)}
	account, err := Device(t.Context(), s, func(d api.DeviceLogin) {
		if d.UserCode != "ABCD" {
			t.Errorf("told of %+v", d)
		}
		close(s.await)
	})
	if err != nil || account.State != api.AccountSignedIn {
		t.Errorf("Device: %+v, %v", account, err)
	}
}

func TestDeviceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := &service{expires: start.Add(10 * time.Minute)}
		_, err := Device(t.Context(), s, func(api.DeviceLogin) {})
		if !errors.Is(err, api.LoginFailed) || time.Since(start) != 10*time.Minute {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		s.expires = time.Now().Add(time.Hour)
		if _, err = Device(ctx, s, func(api.DeviceLogin) { cancel() }); !errors.Is(err, api.Cancelled) || s.given[1] != (api.LoginCancel{Device: "d1"}) {
			t.Errorf("cancelled: %v, given up: %+v", err, s.given)
		}
	})
}

func TestBothLanguagesHaveTheTextsOfThePage(t *testing.T) {
	for _, lang := range []api.Language{api.English, api.Chinese} {
		c, err := locale.SignIn(string(lang))
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"landing.done", "landing.failed"} {
			if c[key] == "" {
				t.Errorf("%s has no text %s", lang, key)
			}
		}
		if len(c) != 2 {
			t.Errorf("%s has %d texts, want 2", lang, len(c))
		}
	}
}
