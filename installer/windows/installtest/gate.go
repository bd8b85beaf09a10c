package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// gate stands between the service and the marketplace. It can hold uploads
// back, so that one is surely under way while the product is upgraded.
type gate struct {
	server *http.Server
	listen net.Listener

	mu     sync.Mutex
	target *url.URL
	shut   bool
	held   chan struct{} // closed when an upload is held
	open   chan struct{} // closed when uploads may go on
}

// large is what an upload sends at least, and nothing else does.
const large = 64 << 10

func newGate() (*gate, error) {
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &gate{listen: listen, target: &url.URL{}, held: make(chan struct{}), open: make(chan struct{})}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			g.mu.Lock()
			defer g.mu.Unlock()
			r.SetURL(g.target)
			r.Out.Host = r.In.Host
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	g.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength >= large || r.ContentLength < 0 && r.Body != http.NoBody {
			r.Body = &slow{ReadCloser: r.Body, gate: g, request: r}
		}
		proxy.ServeHTTP(w, r)
	})}
	go func() { _ = g.server.Serve(listen) }()
	return g, nil
}

func (g *gate) url() string { return "http://" + g.listen.Addr().String() }

func (g *gate) close() error {
	g.release()
	return g.server.Close()
}

// leadTo names the marketplace.
func (g *gate) leadTo(address string) (err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.target, err = url.Parse(address)
	return err
}

// hold keeps back uploads from now on; the channel closes when there is one.
func (g *gate) hold() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut, g.held, g.open = true, make(chan struct{}), make(chan struct{})
	return g.held
}

func (g *gate) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		g.shut = false
		close(g.open)
	}
}

// slow is the body of an upload. Some of it passes, then the gate decides.
type slow struct {
	io.ReadCloser
	gate    *gate
	request *http.Request
	passed  int
	noted   bool
}

var errGone = errors.New("the uploader is gone")

func (s *slow) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p[:min(len(p), large/4)])
	s.passed += n
	if s.passed < large/2 {
		return n, err
	}
	s.gate.mu.Lock()
	shut, open := s.gate.shut, s.gate.open
	if shut && !s.noted {
		s.noted = true
		select {
		case <-s.gate.held:
		default:
			close(s.gate.held)
		}
	}
	s.gate.mu.Unlock()
	if !shut {
		return n, err
	}
	select {
	case <-open:
		return n, err
	case <-s.request.Context().Done():
		return n, errGone
	}
}
