package daemon

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAfterSleepTheEnginesLookAtOnce(t *testing.T) {
	asked := make(chan struct{}, 100)
	market := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/info") {
			asked <- struct{}{}
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(market.Close)
	told := make(chan struct{})
	cfg := config(t, true)
	cfg.Marketplace, cfg.Resumed = market.URL, told
	start(t, cfg, nil)
	connect(t, cfg.Socket, 0)
	<-asked // when the user's engines start; without a reason the next one comes in an hour
	for range 2 {
		told <- struct{}{}
		<-asked
	}
}
