package cloud

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/proxy"
)

// The patience of the HTTP client. A connection on which nothing moves for
// stallTimeout is given up, however large the transfer.
const (
	dialTimeout     = 10 * time.Second
	tlsTimeout      = 10 * time.Second
	headerTimeout   = 60 * time.Second
	stallTimeout    = 2 * time.Minute
	idleTimeout     = 90 * time.Second
	maxRedirects    = 5
	maxHostConns    = 16
	maxHeaderBytes  = 64 << 10
	pingAfterIdle   = 30 * time.Second
	pingMustAnswer  = 15 * time.Second
	maxCABundleSize = 4 << 20
)

var errForeignRedirect = errors.New("redirect to another host refused")

// Way is how the marketplace is reached. The zero value: directly or by the
// proxy of the environment, with the system's certificate authorities.
type Way struct {
	Proxy proxy.Config // Roots are set from CAFile
	// CAFile holds further certificate authorities in PEM; empty: none.
	CAFile string
	Limits *proxy.Limits // nil: none
}

// Network is every connection to the marketplace. The way can be changed while
// it is used: what is under way ends on the old one. It is an
// http.RoundTripper.
type Network struct{ now atomic.Pointer[network] }

// network is a Network as it stands between two changes.
type network struct {
	transport *http.Transport
	dialer    *proxy.Dialer
	dial      dialFunc // without the guard against stalls
	roots     *x509.CertPool
	trouble   *api.Error
}

// NewNetwork makes a Network.
func NewNetwork(way Way) *Network {
	n := &Network{}
	n.Change(way)
	return n
}

// Change has everything from now on go another way. Certificate authorities
// that cannot be read are not trusted: Trouble tells.
func (n *Network) Change(way Way) {
	next := &network{}
	roots, err := authorities(way.CAFile)
	if err != nil {
		next.trouble = api.Fail(api.CAFileUnusable, "path", way.CAFile).Why(err).Because(err)
	}
	next.roots = roots
	way.Proxy.Roots = roots
	next.dialer = proxy.New(way.Proxy)
	next.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := next.dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return way.Limits.Bound(conn), nil
	}
	next.transport = newTransport(next.dial, roots)
	if last := n.now.Swap(next); last != nil {
		last.transport.CloseIdleConnections()
	}
}

// Trouble is what is wrong with the way: with the certificate authorities, or
// with a proxy when it was last used; nil: nothing.
func (n *Network) Trouble() []*api.Error {
	var list []*api.Error
	now := n.now.Load()
	for _, e := range []*api.Error{now.trouble, now.dialer.Trouble()} {
		if e != nil {
			list = append(list, e)
		}
	}
	return list
}

// RoundTrip sends a request the way that is set.
func (n *Network) RoundTrip(r *http.Request) (*http.Response, error) {
	return n.now.Load().transport.RoundTrip(r)
}

// CloseIdleConnections lets go of connections that nobody uses.
func (n *Network) CloseIdleConnections() { n.now.Load().transport.CloseIdleConnections() }

// HTTPClient is the only place where an HTTP client for the marketplace is
// made: TLS 1.2 or newer, the system's certificate authorities and the
// administrator's, the administrator's proxy, and no redirect to another host,
// because the request carries the user's token.
func HTTPClient(n *Network) *http.Client {
	return &http.Client{CheckRedirect: sameHost, Transport: n}
}

// Paced is client under one user's share of the network. The push connection,
// on which next to nothing flows, is not held back.
func Paced(client *http.Client, share *proxy.Share) *http.Client {
	paced := *client
	paced.Transport = share.Transport(client.Transport)
	return &paced
}

// networkOf is the network that a transport sends on.
func networkOf(t http.RoundTripper) (*Network, bool) {
	if paced, ok := t.(*proxy.Paced); ok {
		t = paced.RoundTripper
	}
	n, ok := t.(*Network)
	return n, ok
}

func newTransport(dial dialFunc, roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return stallGuard{conn}, nil
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  headerTimeout,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        idleTimeout,
		MaxConnsPerHost:        maxHostConns,
		MaxIdleConnsPerHost:    4,
		MaxResponseHeaderBytes: maxHeaderBytes,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfterIdle, PingTimeout: pingMustAnswer},
	}
}

// authorities gives the certificate pool; nil means the system's.
func authorities(caFile string) (*x509.CertPool, error) {
	if caFile == "" {
		return nil, nil
	}
	info, err := os.Stat(caFile)
	switch {
	case err != nil:
		return nil, withoutPath(err)
	case !info.Mode().IsRegular():
		return nil, api.Explain(api.FileNotRegular)
	case info.Size() > maxCABundleSize:
		return nil, api.Explain(api.FileTooLarge, "limit", strconv.Itoa(maxCABundleSize))
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, withoutPath(err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, api.Explain(api.NoCertificate)
	}
	return pool, nil
}

// withoutPath is an error of a file without its path, which stands beside it
// anyway.
func withoutPath(err error) error {
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		return wrapped.Err
	}
	return err
}

func sameHost(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	if next.URL.Host != first.Host || next.URL.Scheme != first.Scheme {
		return fmt.Errorf("%w: %s", errForeignRedirect, next.URL.Host)
	}
	if len(via) >= maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	return nil
}

// stallGuard ends a connection on which no byte moves for stallTimeout. Bytes
// in either direction count, so that a long upload does not run into the
// deadline of the answer that it waits for.
type stallGuard struct{ net.Conn }

func (c stallGuard) Read(p []byte) (int, error) {
	_ = c.SetDeadline(time.Now().Add(stallTimeout)) // a closed connection fails in Read itself
	return c.Conn.Read(p)
}

func (c stallGuard) Write(p []byte) (int, error) {
	_ = c.SetDeadline(time.Now().Add(stallTimeout)) // a closed connection fails in Write itself
	return c.Conn.Write(p)
}
