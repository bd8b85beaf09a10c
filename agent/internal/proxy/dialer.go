package proxy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"

	"iscdesk.dev/agent/api"
)

const (
	dialTimeout      = 10 * time.Second
	handshakeTimeout = 15 * time.Second
)

// Config is how to dial. The zero value dials as the environment says.
type Config struct {
	// Held, where not nil, is why nothing may be dialled but this machine.
	Held *api.Error
	// Proxy is the one proxy, without credentials; Direct uses none; empty:
	// those of the environment (HTTPS_PROXY, NO_PROXY).
	Proxy string
	// PAC is the address or the path of a script; it goes before Proxy.
	PAC string
	// NoProxy are the hosts, domains and networks that are dialled directly.
	NoProxy []string
	// User and Password are for proxies, Basic.
	User, Password string
	// Roots verify https proxies and the server of the script; nil: the system's.
	Roots *x509.CertPool
	// Environment gives the proxies of the environment; nil: of this process.
	Environment func() *httpproxy.Config
}

// Direct is the Proxy that is none.
const Direct = "direct"

// Dialer dials. It is safe for any number of goroutines.
type Dialer struct {
	cfg    Config
	net    net.Dialer
	script *script
	choose func(*url.URL) (*url.URL, error)

	mu      sync.Mutex // guards what follows
	trouble *api.Error
}

// New makes a Dialer.
func New(cfg Config) *Dialer {
	d := &Dialer{cfg: cfg, net: net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}}
	rules := &httpproxy.Config{NoProxy: strings.Join(cfg.NoProxy, ",")}
	switch {
	case cfg.PAC != "":
		d.script = newScript(cfg.PAC, d.fetcher())
		rules.HTTPSProxy = "http://script.invalid" // stands for: whatever the script says
	case cfg.Proxy != "" && cfg.Proxy != Direct:
		rules.HTTPSProxy = cfg.Proxy
	case cfg.Proxy == "":
		rules = environment(cfg)
	}
	d.choose = rules.ProxyFunc()
	return d
}

func environment(cfg Config) *httpproxy.Config {
	read := cfg.Environment
	if read == nil {
		read = httpproxy.FromEnvironment
	}
	rules := *read()
	if len(cfg.NoProxy) > 0 {
		rules.NoProxy = strings.Trim(rules.NoProxy+","+strings.Join(cfg.NoProxy, ","), ",")
	}
	return &rules
}

// DialContext connects to address, "host:port", over TCP.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	hops, err := d.hops(ctx, address)
	if err != nil {
		d.note(err)
		return nil, err
	}
	var failed error
	for _, hop := range hops {
		conn, err := d.through(ctx, network, address, hop)
		if err == nil {
			if hop != nil {
				d.note(nil)
			}
			return conn, nil
		}
		failed = errors.Join(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	d.note(failed)
	return nil, failed
}

// hops are the ways to address in the order in which they are tried; nil:
// directly.
func (d *Dialer) hops(ctx context.Context, address string) ([]*url.URL, error) {
	target := &url.URL{Scheme: "https", Host: address}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if isLoopback(host) {
		return []*url.URL{nil}, nil
	}
	if d.cfg.Held != nil {
		return nil, d.cfg.Held
	}
	proxy, err := d.choose(target)
	switch {
	case err != nil:
		return nil, failure("HTTPS_PROXY", api.Explain(api.ProxyInvalid))
	case proxy == nil:
		return []*url.URL{nil}, nil
	case d.script != nil:
		return d.script.hops(ctx, host, address)
	}
	return []*url.URL{d.signed(proxy)}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// signed gives a proxy with the configured credentials.
func (d *Dialer) signed(proxy *url.URL) *url.URL {
	if d.cfg.User == "" || proxy == nil {
		return proxy
	}
	with := *proxy
	with.User = url.UserPassword(d.cfg.User, d.cfg.Password)
	return &with
}

// through connects by one way.
func (d *Dialer) through(ctx context.Context, network, address string, hop *url.URL) (net.Conn, error) {
	if hop == nil {
		return d.net.DialContext(ctx, network, address)
	}
	hop = d.signed(hop)
	ctx, cancel := context.WithTimeout(ctx, dialTimeout+handshakeTimeout)
	defer cancel()
	conn, err := d.tunnel(ctx, address, hop)
	if err != nil {
		return nil, failure(hop.Scheme+"://"+hop.Host, reason(err)).Because(err)
	}
	return conn, nil
}

// Trouble is why a set-up way could not be used when it was last tried; nil:
// it could.
func (d *Dialer) Trouble() *api.Error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.trouble
}

// note keeps what is the fault of the way. That nobody answers at the other
// end is not.
func (d *Dialer) note(err error) {
	e, ok := errors.AsType[*api.Error](err)
	if err != nil && !ok {
		return
	}
	d.mu.Lock()
	d.trouble = e
	d.mu.Unlock()
}

// fetcher gets scripts: directly, because they say how to get everything else.
func (d *Dialer) fetcher() *http.Client {
	return &http.Client{
		Timeout: scriptFetch,
		Transport: &http.Transport{
			DialContext:         d.net.DialContext,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: d.cfg.Roots},
			TLSHandshakeTimeout: handshakeTimeout, ResponseHeaderTimeout: handshakeTimeout,
			DisableKeepAlives: true,
		},
	}
}

func failure(proxy string, why error) *api.Error {
	return api.Fail(api.ProxyFailed, "proxy", proxy).Why(why)
}

// reason is what people are told of a failure; it names no credentials.
func reason(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return api.Explain(api.NoAnswer)
	case errors.Is(err, context.Canceled):
		return api.Explain(api.WasCancelled)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		return op.Err
	}
	return err
}
