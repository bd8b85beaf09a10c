package agenttest_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
)

// landingOf is where the login page at address sends the browser back to.
func landingOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Query().Get("redirect_uri") == "" {
		t.Fatalf("%q leads nowhere: %v", address, err)
	}
	return u.Query().Get("redirect_uri")
}

func visit(ctx context.Context, t *testing.T, address string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}
