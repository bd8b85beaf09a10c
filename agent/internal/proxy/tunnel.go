package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/net/proxy"

	"iscdesk.dev/agent/api"
)

// maxAnswer bounds the header with which a proxy answers, in bytes.
const maxAnswer = 64 << 10

// tunnel connects to address through a proxy.
func (d *Dialer) tunnel(ctx context.Context, address string, hop *url.URL) (net.Conn, error) {
	if hop.Scheme == "socks5" || hop.Scheme == "socks5h" {
		return d.socks(ctx, address, hop)
	}
	conn, err := d.net.DialContext(ctx, "tcp", portOf(hop))
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // breaks off what reads
	established, err := d.connect(ctx, conn, address, hop)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close() // it leads nowhere
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	return established, nil
}

func portOf(hop *url.URL) string {
	if hop.Port() != "" {
		return hop.Host
	}
	port := map[string]string{"https": "443", "http": "80"}[hop.Scheme]
	return net.JoinHostPort(hop.Hostname(), port)
}

// connect asks the proxy at the other end of conn for a tunnel.
func (d *Dialer) connect(ctx context.Context, conn net.Conn, address string, hop *url.URL) (net.Conn, error) {
	if hop.Scheme == "https" {
		secure := tls.Client(conn, &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: d.cfg.Roots, ServerName: hop.Hostname(), NextProtos: []string{"http/1.1"}})
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		conn = secure
	}
	request := &http.Request{
		Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address,
		Header: http.Header{"User-Agent": {"iscdesk"}},
	}
	if hop.User != nil {
		password, _ := hop.User.Password()
		request.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(hop.User.Username()+":"+password)))
	}
	if err := request.Write(conn); err != nil {
		return nil, err
	}
	limited := &io.LimitedReader{R: conn, N: maxAnswer}
	buffered := bufio.NewReader(limited)
	answer, err := http.ReadResponse(buffered, request)
	if err != nil {
		return nil, api.Explain(api.ProxyGarbled)
	}
	_ = answer.Body.Close() // of a tunnel there is none, of a refusal it is not read
	switch {
	case answer.StatusCode == http.StatusProxyAuthRequired && hop.User == nil:
		return nil, api.Explain(api.ProxyAsks)
	case answer.StatusCode == http.StatusProxyAuthRequired:
		return nil, api.Explain(api.ProxyRejects)
	case answer.StatusCode != http.StatusOK:
		return nil, api.Explain(api.ProxyStatus, "status", strconv.Itoa(answer.StatusCode), "address", address)
	}
	limited.N = 1 << 62
	if buffered.Buffered() == 0 {
		return conn, nil
	}
	return &begun{Conn: conn, in: buffered}, nil
}

// begun is a tunnel of which some was read along with the proxy's answer.
type begun struct {
	net.Conn
	in *bufio.Reader
}

func (b *begun) Read(p []byte) (int, error) { return b.in.Read(p) }

// socks connects by SOCKS 5; the proxy looks the name up.
func (d *Dialer) socks(ctx context.Context, address string, hop *url.URL) (net.Conn, error) {
	var auth *proxy.Auth
	if hop.User != nil {
		password, _ := hop.User.Password()
		auth = &proxy.Auth{User: hop.User.Username(), Password: password}
	}
	host := hop.Host
	if hop.Port() == "" {
		host = net.JoinHostPort(hop.Hostname(), "1080")
	}
	dialer, err := proxy.SOCKS5("tcp", host, auth, &d.net)
	if err != nil {
		return nil, err
	}
	with, ok := dialer.(proxy.ContextDialer)
	if !ok {
		return nil, errors.New("SOCKS without a context")
	}
	return with.DialContext(ctx, "tcp", address)
}
