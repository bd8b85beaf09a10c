package signin

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func openLanding(t *testing.T) *landing {
	t.Helper()
	l, err := listenForCode(t.Context())
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
