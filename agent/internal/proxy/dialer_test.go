package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/http/httpproxy"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/proxy/proxytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo answers every connection with what it reads.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, c)
				_ = c.Close()
			}()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// talk says something over a fresh connection and wants to hear it again.
func talk(t *testing.T, d *Dialer, address string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, "hello\n"); err != nil {
		return err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && line != "hello\n" {
		err = errors.New("heard " + line)
	}
	return err
}

// market is a name that only a proxy knows.
const market = "market.test:443"

func none() *httpproxy.Config { return &httpproxy.Config{} }

func TestEveryKindOfProxy(t *testing.T) {
	target := echo(t)
	for _, kind := range []string{"http", "https", "socks5"} {
		p := proxytest.Start(t, proxytest.Options{Kind: kind, Hosts: map[string]string{market: target}, User: "isc", Password: "p:w/ü"})
		cfg := Config{Proxy: p.URL, User: "isc", Password: "p:w/ü", Roots: p.Roots, Environment: none}
		if err := talk(t, New(cfg), market); err != nil || p.Count(market) != 1 {
			t.Errorf("%s: %v, %d", kind, err, p.Count(market))
		}
		cfg.Password = "wrong"
		d := New(cfg)
		err := talk(t, d, market)
		if !errors.Is(err, api.ProxyFailed) || strings.Contains(err.Error(), "wrong") || d.Trouble() == nil {
			t.Errorf("%s, wrong password: %v, %v", kind, err, d.Trouble())
		}
		if err := talk(t, New(cfg), target); err != nil {
			t.Errorf("%s: this machine is dialled directly: %v", kind, err)
		}
		cfg.NoProxy = []string{".test"}
		if err := talk(t, New(cfg), market); err == nil || errors.Is(err, api.ProxyFailed) {
			t.Errorf("%s, no_proxy: %v", kind, err)
		}
	}
}

func TestWhatIsSetUpIsNeverPassedBy(t *testing.T) {
	target := echo(t)
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := gone.Addr().String()
	_ = gone.Close()
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer silent.Close()
	for name, cfg := range map[string]Config{
		"nobody at the proxy's address": {Proxy: "http://" + nobody},
		"no proxy at all":               {Proxy: "http://" + target},
		"a proxy that forbids":          {Proxy: silent.URL},
		"a certificate nobody trusts":   {Proxy: strings.Replace(silent.URL, "http", "https", 1)},
		"held":                          {Held: api.Fail(api.ProxyFailed, "reason", "proxy = ???")},
		"no script":                     {PAC: filepath.Join(t.TempDir(), "none.pac")},
		"no server of the script":       {PAC: "http://" + nobody + "/proxy.pac"},
		"the script's server forbids":   {PAC: silent.URL},
	} {
		cfg.Environment = none
		d := New(cfg)
		if err := talk(t, d, "192.0.2.1:443"); !errors.Is(err, api.ProxyFailed) || d.Trouble() == nil {
			t.Errorf("%s: %v, %v", name, err, d.Trouble())
		}
	}
}

func TestTheEnvironmentCountsWhereNothingIsSet(t *testing.T) {
	p := proxytest.Start(t, proxytest.Options{Kind: "http", Hosts: map[string]string{market: echo(t)}, User: "u", Password: "p"})
	with, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	with.User = url.UserPassword("u", "p")
	environment := func() *httpproxy.Config { return &httpproxy.Config{HTTPSProxy: with.String()} }
	if err := talk(t, New(Config{Environment: environment}), market); err != nil || p.Count(market) != 1 {
		t.Error(err)
	}
	if err := talk(t, New(Config{Environment: environment, Proxy: Direct}), market); errors.Is(err, api.ProxyFailed) || err == nil || p.Count(market) != 1 {
		t.Errorf("direct: %v", err)
	}
	bad := New(Config{Environment: func() *httpproxy.Config { return &httpproxy.Config{HTTPSProxy: "http://[::1"} }})
	if err := talk(t, bad, market); err == nil {
		t.Error("a wrong environment")
	}
}

func TestHTTPOverATunnelWithAPrivateAuthority(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) }))
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	p := proxytest.Start(t, proxytest.Options{Kind: "http", Hosts: map[string]string{"example.com:443": server.Listener.Addr().String()}})
	transport := &http.Transport{DialContext: New(Config{Proxy: p.URL}).DialContext, TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Get("https://example.com/")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if string(body) != "example.com" || p.Count("example.com:443") != 1 {
		t.Errorf("%q", body)
	}
}

func TestLimitsHold(t *testing.T) {
	target := echo(t)
	c, err := net.Dial("tcp", target)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	const perSecond = 64 << 10
	slow := NewLimits(perSecond, 0).Bound(c)
	began := time.Now()
	if _, err := slow.Write(make([]byte, perSecond+perSecond/4)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 900*time.Millisecond || took > 5*time.Second {
		t.Errorf("64 KiB beyond the first piece took %v at 64 KiB/s", took)
	}
	blocked := NewLimits(1<<10, 0).Bound(c)
	ended := make(chan error, 1)
	go func() {
		_, err := blocked.Write(make([]byte, 1<<20))
		ended <- err
	}()
	if _, err := c.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	_ = blocked.Close()
	if err := <-ended; err == nil {
		t.Error("a write goes on after Close")
	}
}

// pac writes a script to a file.
func pac(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "proxy.pac")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
