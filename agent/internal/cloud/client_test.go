package cloud

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// tokens hands out tok-1, tok-2, … a new one after each rejection.
type tokens struct {
	mu       sync.Mutex
	number   int
	rejected []string
	err      error
}

func (f *tokens) Token(context.Context) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return "tok-" + string(rune('1'+f.number)), f.err
}

func (f *tokens) Rejected(token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.number++
	f.rejected = append(f.rejected, token)
}

func (f *tokens) set(number int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.number, f.err = number, err
}

func newClient(t *testing.T, handler http.HandlerFunc) (*Client, *tokens) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return clientOf(t, server.URL)
}

func clientOf(t *testing.T, base string) (*Client, *tokens) {
	t.Helper()
	web := HTTPClient(NewNetwork(Way{}))
	t.Cleanup(web.CloseIdleConnections)
	owner := &tokens{}
	client, err := New(base, web, owner)
	if err != nil {
		t.Fatal(err)
	}
	return client, owner
}

func TestBaseAddress(t *testing.T) {
	for base, good := range map[string]bool{
		"https://mkt.example.com":      true,
		"https://mkt.example.com/":     true,
		"https://mkt.example.com/sub":  true,
		"http://127.0.0.1:8080":        true,
		"http://[::1]:8080":            true,
		"http://localhost:1":           true,
		"http://mkt.example.com":       false,
		"http://127.0.0.1.evil.com":    false,
		"http://localhost.evil.com":    false,
		"https://user:pw@example.com":  false,
		"https://example.com?x=1":      false,
		"https://":                     false,
		"ftp://example.com":            false,
		"mkt.example.com":              false,
		"http://10.0.0.1":              false,
		"https://example.com/#section": false,
	} {
		_, err := New(base, http.DefaultClient, &tokens{})
		if (err == nil) != good {
			t.Errorf("%q: %v", base, err)
		}
		if err != nil && !errors.Is(err, api.InvalidArgument) {
			t.Errorf("%q: %v, want invalid_argument", base, err)
		}
	}
}

func TestCallSendsAndReads(t *testing.T) {
	client, _ := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/api/agent/v1/license-requests" || r.Header.Get("Authorization") != "Bearer tok-1" ||
			r.Header.Get("Content-Type") != "application/json" || r.ContentLength <= 0 {
			t.Errorf("%s %s %v", r.Method, r.URL.Path, r.Header)
		}
		var in agentapi.LicenseApplication
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Product != "minicad" {
			t.Errorf("%+v, %v", in, err)
		}
		_, _ = io.WriteString(w, `{"eventId":"e1","product":"minicad","kind":"string","state":"granted","characters":"0078"}`)
	})
	got, err := client.RequestLicense(t.Context(), agentapi.LicenseApplication{Product: "minicad"})
	if err != nil || got.Characters != "0078" || got.State != agentapi.Granted {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestRefusals(t *testing.T) {
	var status int
	var body string
	client, _ := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   api.Code
		param  string
		value  string
	}{
		{"code of the table", 409, `{"code":"lease_no_seat","params":{"total":"5"}}`, api.LeaseNoSeat, "total", "5"},
		{"table code on 5xx", 502, `{"code":"license_vendor_unreachable"}`, api.LicenseVendorUnreachable, "", ""},
		{"internal is theirs", 500, `{"code":"internal"}`, api.MarketplaceFailed, "", ""},
		{"offline is theirs", 503, `{"code":"offline"}`, api.MarketplaceFailed, "status", "503"},
		{"signed out without 401", 403, `{"code":"signed_out"}`, api.PermissionDenied, "", ""},
		{"code of a newer marketplace", 400, `{"code":"brand_new"}`, api.MarketplaceFailed, "status", "400"},
		{"a proxy's page", 502, `<html>bad gateway</html>`, api.MarketplaceFailed, "status", "502"},
		{"a proxy's 404", 404, `<html>`, api.NotFound, "", ""},
		{"too many", 429, ``, api.Busy, "", ""},
		{"too large", 413, ``, api.TooLarge, "", ""},
		{"empty 400", 400, ``, api.MarketplaceFailed, "status", "400"},
		{"redirect without location", 304, ``, api.MarketplaceFailed, "status", "304"},
	} {
		status, body = c.status, c.body
		err := client.Call(t.Context(), http.MethodGet, "/me", nil, nil)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
			continue
		}
		if got := api.AsError(err).Params[c.param]; got != c.value {
			t.Errorf("%s: %s=%q, want %q", c.name, c.param, got, c.value)
		}
	}
}

func TestHostileErrorBodyIsBounded(t *testing.T) {
	client, _ := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusConflict)
		params := map[string]string{}
		for i := range 200 {
			params[strings.Repeat("k", i+1)] = strings.Repeat("v", 40)
		}
		params["big"] = strings.Repeat("x", 20_000)
		_ = json.NewEncoder(w).Encode(agentapi.Error{Code: "lease_no_seat", Params: params})
	})
	err := api.AsError(client.Call(t.Context(), http.MethodGet, "/me", nil, nil))
	if err.Code != api.LeaseNoSeat || len(err.Params) > maxParams || len(err.Error()) > maxParams*3*maxParamValue {
		t.Fatalf("%d params, %d bytes", len(err.Params), len(err.Error()))
	}
}

func TestRefusedTokenIsRefreshedOnce(t *testing.T) {
	var seen []string
	good := "Bearer tok-2"
	client, owner := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, r.Header.Get("Authorization")+" "+string(body))
		if r.Header.Get("Authorization") != good {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	if err := client.Call(t.Context(), http.MethodPost, "/x", map[string]int{"a": 1}, nil); err != nil {
		t.Fatal(err)
	}
	if want := []string{`Bearer tok-1 {"a":1}`, `Bearer tok-2 {"a":1}`}; len(seen) != 2 || seen[0] != want[0] || seen[1] != want[1] {
		t.Fatalf("%q", seen)
	}
	good = "none"
	if err := client.Call(t.Context(), http.MethodGet, "/x", nil, nil); !errors.Is(err, api.SignedOut) {
		t.Fatalf("%v, want signed_out", err)
	}
	if len(owner.rejected) != 3 {
		t.Fatalf("rejected %q", owner.rejected)
	}
	oneShot := io.MultiReader(strings.NewReader("abc"))
	if _, err := client.Stream(t.Context(), http.MethodPost, "/packs", oneShot, "application/octet-stream", nil); !errors.Is(err, api.MarketplaceFailed) { //nolint:bodyclose // there is none
		t.Fatalf("%v: a body that is gone cannot be sent again", err)
	}
}

func TestSignedOutAsksNobody(t *testing.T) {
	client, owner := newClient(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	owner.set(0, api.Fail(api.SignedOut))
	if err := client.Call(t.Context(), http.MethodGet, "/me", nil, nil); !errors.Is(err, api.SignedOut) {
		t.Fatal(err)
	}
}

func TestStreamBothWays(t *testing.T) {
	content := bytes.Repeat([]byte("chunk"), 100_000)
	client, _ := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != int64(len(content)) {
			t.Errorf("length %d", r.ContentLength)
		}
		w.Header().Set("X-Range", r.Header.Get("Range"))
		_, _ = io.Copy(w, r.Body)
	})
	answer, err := client.Stream(t.Context(), http.MethodPost, "/packs", bytes.NewReader(content), "application/octet-stream", http.Header{"Range": {"bytes=5-"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	back, err := io.ReadAll(answer.Body)
	if err != nil || !bytes.Equal(back, content) || answer.Header.Get("X-Range") != "bytes=5-" {
		t.Fatalf("%d bytes, %v", len(back), err)
	}
}

func TestNetworkFailures(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	base := server.URL
	server.Close()
	client, _ := clientOf(t, base)
	if err := client.Call(t.Context(), http.MethodGet, "/me", nil, nil); !errors.Is(err, api.Offline) {
		t.Errorf("closed port: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := client.Call(ctx, http.MethodGet, "/me", nil, nil); !errors.Is(err, api.Cancelled) {
		t.Errorf("cancelled: %v", err)
	}
	ctx, cancel = context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if err := client.Call(ctx, http.MethodGet, "/me", nil, nil); !errors.Is(err, api.Timeout) {
		t.Errorf("deadline: %v", err)
	}
	cut, _ := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "{")
	})
	if err := cut.Call(t.Context(), http.MethodGet, "/me", nil, &agentapi.Me{}); !errors.Is(err, api.Offline) {
		t.Errorf("cut answer: %v", err)
	}
}

func TestMalformedAndEndlessAnswers(t *testing.T) {
	client, _ := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/endless") {
			for block := bytes.Repeat([]byte(" "), 1<<20); ; {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}
		_, _ = io.WriteString(w, "<html>")
	})
	var me agentapi.Me
	for _, path := range []string{"/malformed", "/endless"} {
		if err := client.Call(t.Context(), http.MethodGet, path, nil, &me); !errors.Is(err, api.MarketplaceFailed) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestRedirectStaysAtTheHost(t *testing.T) {
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the stranger was asked") }))
	defer stranger.Close()
	client, _ := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case Prefix + "/near":
			http.Redirect(w, r, Prefix+"/me", http.StatusFound)
		case Prefix + "/far":
			http.Redirect(w, r, stranger.URL+"/me", http.StatusFound)
		case Prefix + "/loop":
			http.Redirect(w, r, Prefix+"/loop", http.StatusFound)
		default:
			_, _ = io.WriteString(w, `{"id":"u1"}`)
		}
	})
	var me agentapi.Me
	if err := client.Call(t.Context(), http.MethodGet, "/near", nil, &me); err != nil || me.ID != "u1" {
		t.Fatalf("%+v, %v", me, err)
	}
	if err := client.Call(t.Context(), http.MethodGet, "/far", nil, &me); !errors.Is(err, api.MarketplaceFailed) {
		t.Fatal(err)
	}
	if err := client.Call(t.Context(), http.MethodGet, "/loop", nil, &me); err == nil {
		t.Fatal("an endless redirect was followed")
	}
}

func TestCertificates(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id":"u1"}`) }))
	defer server.Close()
	client, _ := clientOf(t, server.URL)
	if err := client.Call(t.Context(), http.MethodGet, "/me", nil, nil); !errors.Is(err, api.Offline) {
		t.Fatalf("unknown authority: %v", err)
	}
	if _, err := errors.AsType[x509.UnknownAuthorityError](client.Call(t.Context(), http.MethodGet, "/me", nil, nil)); !err {
		t.Fatal("the cause does not name the certificate")
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	network := NewNetwork(Way{CAFile: file})
	web := HTTPClient(network)
	defer web.CloseIdleConnections()
	trusting, err := New(server.URL, web, &tokens{})
	if err != nil {
		t.Fatal(err)
	}
	if me, err := trusting.Me(t.Context()); err != nil || me.ID != "u1" {
		t.Fatalf("%+v, %v", me, err)
	}
	if trouble := network.Trouble(); trouble != nil {
		t.Errorf("a good file: %v", trouble)
	}
	for _, content := range []string{"", "no certificate"} {
		_ = os.WriteFile(file, []byte(content), 0o600)
		network.Change(Way{CAFile: file})
		if trouble := network.Trouble(); len(trouble) != 1 || trouble[0].Code != api.CAFileUnusable {
			t.Errorf("%q was taken for a certificate: %v", content, trouble)
		}
		if _, err := trusting.Me(t.Context()); !errors.Is(err, api.Offline) {
			t.Errorf("it is trusted still: %v", err)
		}
	}
	if trouble := NewNetwork(Way{CAFile: t.TempDir()}).Trouble(); len(trouble) != 1 {
		t.Error("a folder was taken for a certificate")
	}
}

func TestInfoNeedsNoToken(t *testing.T) {
	client, owner := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a token was sent")
		}
		_, _ = io.WriteString(w, `{"name":"iscmarket","version":"1","api":1,"time":"2026-01-02T03:04:05Z","heartbeatSeconds":30}`)
	})
	owner.set(0, api.Fail(api.SignedOut))
	if info, err := client.Info(t.Context()); err != nil || info.HeartbeatSeconds != 30 {
		t.Fatalf("%+v, %v", info, err)
	}
}

func TestLicenseCalls(t *testing.T) {
	var seen []string
	client, _ := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Method+" "+strings.TrimPrefix(r.URL.EscapedPath(), Prefix))
		_, _ = io.WriteString(w, `{"id":"l1","token":"t","licenses":[{"product":"p"}]}`)
	})
	ctx := t.Context()
	_, e1 := client.LicenseDecision(ctx, "a/../b")
	file, e2 := client.LicenseFile(ctx, "e1")
	e3 := client.ReportVerdict(ctx, "e1", agentapi.Verdict{Accepted: true})
	list, e4 := client.Licenses(ctx)
	lease, e5 := client.AcquireLease(ctx, agentapi.LeaseApplication{})
	_, e6 := client.RenewLease(ctx, "l1")
	e7 := client.ReleaseLease(ctx, "l1")
	if err := errors.Join(e1, e2, e3, e4, e5, e6, e7); err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	want := []string{
		"GET /license-requests/a%2F..%2Fb", "GET /license-requests/e1/file", "POST /license-requests/e1/verdict",
		"GET /licenses", "POST /leases", "POST /leases/l1/renew", "DELETE /leases/l1",
	}
	if strings.Join(seen, "\n") != strings.Join(want, "\n") || len(list) != 1 || lease.ID != "l1" {
		t.Fatalf("%q", seen)
	}
}

// TestWithoutAMarketplace has every call say what is missing, and send nothing.
func TestWithoutAMarketplace(t *testing.T) {
	client, err := New("", HTTPClient(NewNetwork(Way{})), &tokens{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Me(t.Context()); !errors.Is(err, api.NotConfigured) {
		t.Errorf("a call: %v", err)
	}
	if _, err := client.Info(t.Context()); !errors.Is(err, api.NotConfigured) {
		t.Errorf("a call without a token: %v", err)
	}
}
