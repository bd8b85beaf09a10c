package daemon

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// newMarket is just enough of a marketplace to sign in at. It knows no
// documents, licences or push: for those it is away.
func newMarket(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	answer := func(pattern string, body any) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(body)
		})
	}
	answer("POST /api/v1/oauth2/token", map[string]any{
		"access_token": "access", "refresh_token": "refresh", "token_type": "Bearer", "expires_in": 7200,
	})
	answer("GET /api/agent/v1/me", map[string]any{
		"id": "U1", "userName": "engineer", "name": "Li Hua", "tenant": "sample", "tenantName": "Sample Works",
	})
	answer("GET /api/agent/v1/info", map[string]any{"name": "test", "version": "1", "api": 1, "heartbeatSeconds": 17})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	market := httptest.NewServer(mux)
	t.Cleanup(market.Close)
	return market.URL
}
