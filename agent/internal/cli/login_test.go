package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"iscdesk.dev/agent/api"
)

func openLanding(t *testing.T) *landing {
	t.Helper()
	p, _, _ := newPrinter(t, api.English)
	l, err := listenForCode(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func visit(t *testing.T, method, address string, change func(*http.Request)) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func TestLandingRefusesWhatIsNotTheAnswer(t *testing.T) {
	l := openLanding(t)
	good := l.URL() + "?state=s1&code=c1"
	if status, _ := visit(t, http.MethodGet, good, nil); status != http.StatusBadRequest {
		t.Errorf("before a state is expected: status %d", status)
	}
	l.Expect("s1")
	for name, try := range map[string]func() (int, string){
		"another state": func() (int, string) { return visit(t, http.MethodGet, l.URL()+"?state=s2&code=c1", nil) },
		"no state":      func() (int, string) { return visit(t, http.MethodGet, l.URL()+"?code=c1", nil) },
		"no code":       func() (int, string) { return visit(t, http.MethodGet, l.URL()+"?state=s1", nil) },
		"POST":          func() (int, string) { return visit(t, http.MethodPost, good, nil) },
		"another path":  func() (int, string) { return visit(t, http.MethodGet, strings.Replace(good, landingPath, "/", 1), nil) },
		"another host": func() (int, string) {
			return visit(t, http.MethodGet, good, func(r *http.Request) { r.Host = "evil.example" })
		},
	} {
		if status, _ := try(); status != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, status)
		}
	}
	select {
	case a := <-l.answers:
		t.Errorf("took %+v", a)
	default:
	}
}

func TestLandingTakesOneAnswer(t *testing.T) {
	l := openLanding(t)
	l.Expect("s1")
	l.Finish(true)
	status, body := visit(t, http.MethodGet, l.URL()+"?state=s1&code=c1", nil)
	if status != http.StatusOK || !strings.Contains(body, "You may close this page") || !strings.Contains(body, "可以关闭此页面") {
		t.Errorf("status %d, page %s", status, body)
	}
	if a, err := l.Await(t.Context()); err != nil || a.code != "c1" {
		t.Errorf("answer %+v, %v", a, err)
	}
	if status, _ := visit(t, http.MethodGet, l.URL()+"?state=s1&code=c2", nil); status != http.StatusBadRequest {
		t.Errorf("a second answer: status %d", status)
	}
}

func TestLandingListensOnLoopbackOnly(t *testing.T) {
	u, err := url.Parse(openLanding(t).URL())
	if err != nil || u.Hostname() != "127.0.0.1" || u.Port() == "0" {
		t.Errorf("listens at %v, %v", u, err)
	}
}

// signIn is a fake service whose login page answers at once with query.
func signIn(t *testing.T, query string, visited chan<- string) *fakeService {
	t.Helper()
	return &fakeService{
		begun: api.LoginBegun{URL: "https://market.example/authorize", State: "s1"},
		onBegin: func(b api.LoginBegin) {
			go func() { visited <- browse(t.Context(), b.RedirectURI+"?"+query) }()
		},
		complete: func(c api.LoginComplete) (api.Account, error) {
			if c != (api.LoginComplete{State: "s1", Code: "c1"}) {
				return api.Account{}, api.Fail(api.LoginFailed, "reason", "code")
			}
			return api.Account{State: api.AccountSignedIn, Name: "Li Lei", UserName: "engineer"}, nil
		},
	}
}

// browse comes back until it is let in, as a person who reloads the page.
func browse(ctx context.Context, address string) string {
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err.Error()
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err.Error()
		}
		body, err := io.ReadAll(answer.Body)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			return err.Error()
		}
		if answer.StatusCode != http.StatusBadRequest {
			return string(body)
		}
	}
}

func TestLogin(t *testing.T) {
	for _, tt := range []struct {
		name, query string
		exit        int
		page, says  string
	}{
		{"signed in", "state=s1&code=c1", ExitOK, "You may close", "Signed in as Li Lei"},
		{"the code is refused", "state=s1&code=c2", ExitSignedOut, "did not succeed", "Signing in did not succeed"},
		{"the user says no", "state=s1&error=access_denied", ExitSignedOut, "did not succeed", "access_denied"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			visited := make(chan string, 1)
			got := signIn(t, tt.query, visited).run(t, "", "login", "--no-browser")
			if got.exit != tt.exit || !strings.Contains(got.out+got.err, tt.says) {
				t.Errorf("exit %d, want %d: %s%s", got.exit, tt.exit, got.out, got.err)
			}
			if page := <-visited; !strings.Contains(page, tt.page) {
				t.Errorf("the browser shows %s", page)
			}
			if !strings.Contains(got.err, "https://market.example/authorize") {
				t.Errorf("the address is not printed: %s", got.err)
			}
		})
	}
}

func TestLoginGivesUpAfterFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &landing{answers: make(chan browserAnswer)}
		ctx, cancel := context.WithTimeout(t.Context(), loginLimit)
		defer cancel()
		start := time.Now()
		_, err := l.Await(ctx)
		p, _, _ := newPrinter(t, api.English)
		failure := (&cli{term: p}).loginFailure(err)
		if time.Since(start) != 5*time.Minute || !errors.Is(failure, api.LoginFailed) {
			t.Errorf("after %s: %v", time.Since(start), failure)
		}
	})
}
