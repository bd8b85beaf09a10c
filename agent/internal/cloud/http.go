package cloud

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
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

// HTTPClient is the only place where an HTTP client for the marketplace is
// made: TLS 1.2 or newer, the system's certificate authorities and those of
// the PEM file caFile (empty: none), the proxy of the environment, and no
// redirect to another host, because the request carries the user's token.
func HTTPClient(caFile string) (*http.Client, error) {
	roots, err := authorities(caFile)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	return &http.Client{
		CheckRedirect: sameHost,
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := dialer.DialContext(ctx, network, address)
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
		},
	}, nil
}

// authorities gives the certificate pool; nil means the system's.
func authorities(caFile string) (*x509.CertPool, error) {
	if caFile == "" {
		return nil, nil
	}
	info, err := os.Stat(caFile)
	if err != nil {
		return nil, fmt.Errorf("certificate authorities: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxCABundleSize {
		return nil, fmt.Errorf("certificate authorities: %s is not a PEM file of at most %d bytes", caFile, maxCABundleSize)
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("certificate authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificate authorities: %s holds no certificate", caFile)
	}
	return pool, nil
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
