package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

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
