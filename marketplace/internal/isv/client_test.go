package isv_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/marketplace/internal/isv"
)

func release() isv.Call { return isv.Call{Activity: isv.ActivityReleaseInstance, InstanceID: "i-1"} }

func TestClientSignsWhatItSends(t *testing.T) {
	verifier := isv.Verifier{AccessKey: testKey, Nonces: isv.NewNonces()}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := verifier.Verify(r.URL.Query(), body); err != nil || r.URL.Query().Get("shop") != "1" {
			t.Errorf("call: %v, query %v", err, r.URL.Query())
		}
		answer := `{"resultCode":"000000","resultMsg":"success."}`
		w.Header().Set(isv.BodySignHeader, isv.BodySign(testKey, []byte(answer)))
		_, _ = io.WriteString(w, answer)
	}))
	defer server.Close()
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	c := isv.NewCallbacks(&tls.Config{RootCAs: pool}, isv.CallbackTimeout, time.Now)
	defer c.Close()
	to := isv.Endpoint{URL: server.URL + "/saasproduce?shop=1", AccessKey: testKey}
	for range 2 { // two nonces
		if a, err := c.Do(t.Context(), to, release()); err != nil || a.ResultCode != isv.ResultSuccess {
			t.Errorf("answer %+v, %v", a, err)
		}
	}
	strict := isv.NewCallbacks(nil, isv.CallbackTimeout, time.Now)
	defer strict.Close()
	if _, err := strict.Do(t.Context(), to, release()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an unknown certificate was accepted: %v", err)
	}
}

func TestClientRefusesBadAnswers(t *testing.T) {
	c := isv.NewCallbacks(nil, 200*time.Millisecond, time.Now)
	defer c.Close()
	cases := map[string]http.HandlerFunc{
		"status 500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"redirect":   func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"not JSON":   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"no code":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") },
		"endless":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat(" ", 65<<10)) },
		"long message": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"resultCode":"000000","resultMsg":"`+strings.Repeat("m", 256)+`"}`)
		},
		"forged Body-Sign": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(isv.BodySignHeader, isv.BodySign("x", nil))
			_, _ = io.WriteString(w, `{"resultCode":"000000"}`)
		},
		"never": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then the server notices that the caller is gone
			<-r.Context().Done()
		},
	}
	for name, handler := range cases {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(handler)
			defer server.Close()
			if a, err := c.Do(context.Background(), isv.Endpoint{URL: server.URL, AccessKey: testKey}, release()); err == nil {
				t.Errorf("accepted as %+v", a)
			} else if strings.Contains(err.Error(), "signature=") {
				t.Errorf("the error shows the signature: %v", err)
			}
		})
	}
}

func TestProductionURL(t *testing.T) {
	for raw, ok := range map[string]bool{
		"https://www.isvwebsite.com/saasproduce": true, "https://isv.example:8443/p?x=1": true,
		"http://127.0.0.1:8080/p": true, "http://localhost:8080/p": true, "http://[::1]:80/": true, "https://127.0.0.1/p": true,
		"http://isv.example/p": false, "https://10.0.0.1/p": false, "https://169.254.169.254/latest": false, "http://localhost.evil.example/": false,
		"ftp://127.0.0.1/": false, "https://u:p@isv.example/": false, "https://isv.example/#f": false, "": false, "file:///etc/passwd": false, "://": false,
	} {
		if _, err := isv.ProductionURL(raw); (err == nil) != ok {
			t.Errorf("ProductionURL(%q): %v, want ok %v", raw, err, ok)
		}
	}
}
