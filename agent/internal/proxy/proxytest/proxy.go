// Package proxytest runs real proxies for tests: HTTP and HTTPS with CONNECT
// and Basic credentials, and SOCKS 5. They know hosts by name that no
// resolver knows, so that a connection which arrives can have come through
// them only.
package proxytest

import (
	"bufio"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
)

// Options of a proxy.
type Options struct {
	Kind string // http, https or socks5
	// Hosts are the addresses behind "host:port"; others are refused.
	Hosts map[string]string
	// User and Password are asked for; empty: nothing is.
	User, Password string
}

// Proxy is a proxy that runs.
type Proxy struct {
	URL string
	// Roots verify an https proxy.
	Roots *x509.CertPool

	options Options
	mu      sync.Mutex
	counts  map[string]int
	refused int
	open    map[net.Conn]bool
	running sync.WaitGroup
}

// Start runs a proxy until the test ends.
func Start(t testing.TB, o Options) *Proxy {
	t.Helper()
	p := &Proxy{options: o, counts: map[string]int{}, open: map[net.Conn]bool{}}
	if o.Kind == "socks5" {
		p.startSocks(t)
	} else {
		p.startHTTP(t)
	}
	return p
}

// Count is how often a host was connected to.
func (p *Proxy) Count(host string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts[host]
}

// Refused is how often credentials were wrong or missing.
func (p *Proxy) Refused() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused
}

func (p *Proxy) startHTTP(t testing.TB) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(p.connect))
	if p.options.Kind == "https" {
		server.StartTLS()
		p.Roots = x509.NewCertPool()
		p.Roots.AddCert(server.Certificate())
	} else {
		server.Start()
	}
	p.URL = server.URL
	t.Cleanup(func() {
		server.Close()
		p.cut()
	})
}

func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	if p.options.User != "" {
		want := "Basic " + base64.StdEncoding.EncodeToString([]byte(p.options.User+":"+p.options.Password))
		if r.Header.Get("Proxy-Authorization") != want {
			p.refuse()
			w.Header().Set("Proxy-Authenticate", `Basic realm="test"`)
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
	}
	target, known := p.options.Hosts[r.Host]
	if r.Method != http.MethodConnect || !known {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	there, err := net.Dial("tcp", target)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = there.Close()
		return
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
	p.join(r.Host, here, buffered.Reader, there)
}

func (p *Proxy) refuse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused++
}

// join copies both ways until one side ends.
func (p *Proxy) join(host string, here net.Conn, in io.Reader, there net.Conn) {
	p.mu.Lock()
	p.counts[host]++
	p.open[here], p.open[there] = true, true
	p.mu.Unlock()
	for _, way := range []struct {
		to   net.Conn
		from io.Reader
	}{{there, in}, {here, there}} {
		p.running.Go(func() {
			_, _ = io.Copy(way.to, way.from)
			_ = here.Close()
			_ = there.Close()
		})
	}
}

func (p *Proxy) cut() {
	p.mu.Lock()
	for c := range p.open {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
}

func (p *Proxy) startSocks(t testing.TB) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.URL = "socks5://" + l.Addr().String()
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.running.Go(func() { p.socks(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		accepting.Wait()
		p.cut()
	})
}

// socks serves one connection as RFC 1928 and 1929 say, names only.
func (p *Proxy) socks(c net.Conn) {
	in := bufio.NewReader(c)
	host, ok := p.negotiate(c, in)
	target, known := p.options.Hosts[host]
	if !ok || !known {
		_, _ = c.Write([]byte{5, 2, 0, 1, 0, 0, 0, 0, 0, 0})
		_ = c.Close()
		return
	}
	there, err := net.Dial("tcp", target)
	if err != nil {
		_ = c.Close()
		return
	}
	_, _ = c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	p.join(host, c, in, there)
}

func (p *Proxy) negotiate(c net.Conn, in *bufio.Reader) (host string, ok bool) {
	methods := take(in, 2)
	take(in, int(methods[1]))
	if p.options.User == "" {
		_, _ = c.Write([]byte{5, 0})
	} else {
		_, _ = c.Write([]byte{5, 2})
		user := take(in, int(take(in, 2)[1]))
		password := take(in, int(take(in, 1)[0]))
		if string(user) != p.options.User || string(password) != p.options.Password {
			p.refuse()
			_, _ = c.Write([]byte{1, 1})
			return "", false
		}
		_, _ = c.Write([]byte{1, 0})
	}
	if kind := take(in, 4)[3]; kind != 3 {
		return "", false
	}
	name := take(in, int(take(in, 1)[0]))
	port := binary.BigEndian.Uint16(take(in, 2))
	return net.JoinHostPort(string(name), strconv.Itoa(int(port))), true
}

// take reads n bytes; zeros where the peer has gone.
func take(in io.Reader, n int) []byte {
	b := make([]byte, n)
	_, _ = io.ReadFull(in, b)
	return b
}
