package cloud

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// maxPushMessage bounds a message of the marketplace, in bytes.
const maxPushMessage = 64 << 10

var (
	errTokenChanged = errors.New("another user signed in")
	errMoved        = errors.New("the way to the marketplace is another")
)

// connect opens one connection and reads it to its end. It always returns an
// error that says why it ended.
func (p *Push) connect(ctx context.Context, online func(bool)) error {
	l, err := p.dial(ctx)
	if err != nil {
		return err
	}
	conn := l.conn
	online(true)
	conn.SetReadLimit(maxPushMessage)
	// Here, and not in read, which may begin after watch has asked for a proof.
	if err := p.heard(conn); err != nil {
		return errors.Join(err, conn.Close())
	}
	ctx, end := context.WithCancelCause(ctx)
	var group sync.WaitGroup
	group.Go(func() { end(p.read(conn)) })
	group.Go(func() {
		end(p.watch(ctx, l)) // before Close, whose error in read is only the consequence
		_ = conn.Close()
	})
	group.Wait()
	return context.Cause(ctx)
}

// link is an open WebSocket, and what it was opened with.
type link struct {
	conn  *websocket.Conn
	token string
	way   *network
}

// dial opens the WebSocket, with a fresh token if the first is refused.
func (p *Push) dial(ctx context.Context) (link, error) {
	if p.client.base == nil {
		return link{}, api.Fail(api.NotConfigured)
	}
	dialer, way, err := p.client.dialer()
	if err != nil {
		return link{}, err
	}
	address := "ws" + strings.TrimPrefix(p.client.address("/push"), "http")
	for attempt := 0; ; attempt++ {
		token, err := p.client.tokens.Token(ctx)
		if err != nil {
			return link{}, tokenError(ctx, err)
		}
		conn, answer, err := dialer.DialContext(ctx, address, http.Header{"Authorization": {"Bearer " + token}}) //nolint:bodyclose // the dialer has read and closed it
		if err == nil {
			return link{conn: conn, token: token, way: way}, nil
		}
		if answer == nil {
			return link{}, transport(ctx, err)
		}
		if answer.StatusCode != http.StatusUnauthorized {
			return link{}, refusal(answer)
		}
		p.client.tokens.Rejected(token)
		if attempt > 0 {
			return link{}, failed("401", err)
		}
	}
}

// heard gives the connection its usual time to be heard of again.
func (p *Push) heard(conn *websocket.Conn) error {
	return conn.SetReadDeadline(time.Now().Add(p.silence))
}

// read hands the messages over until the connection ends.
func (p *Push) read(conn *websocket.Conn) error {
	conn.SetPongHandler(func(string) error { return p.heard(conn) })
	answerPing := conn.PingHandler()
	conn.SetPingHandler(func(data string) error {
		if err := p.heard(conn); err != nil {
			return err
		}
		return answerPing(data)
	})
	for {
		_, content, err := conn.ReadMessage()
		if err != nil {
			return api.Fail(api.Offline).Because(err)
		}
		if err := p.heard(conn); err != nil {
			return err
		}
		var message agentapi.PushMessage
		if err := json.Unmarshal(content, &message); err != nil {
			return failed("malformed push message", err)
		}
		if message.Type.Valid() { // a newer marketplace may say more
			p.deliver(message)
		}
	}
}

// watch pings, and ends the connection with ctx, when its token's owner signed
// out, or when the way to the marketplace is another.
func (p *Push) watch(ctx context.Context, l link) error {
	ticker := time.NewTicker(p.ping)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			if err := l.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(p.ping)); err != nil {
				return api.Fail(api.Offline).Because(err)
			}
		case <-p.wake:
			if p.client.moved(l.way) {
				return errMoved
			}
			if err := p.prove(l.conn); err != nil {
				return api.Fail(api.Offline).Because(err)
			}
			now, err := p.client.tokens.Token(ctx)
			if errors.Is(err, api.SignedOut) {
				return err
			}
			if err == nil && now != l.token {
				return errTokenChanged
			}
		}
	}
}

// prove pings the marketplace after the machine slept. The answer, like all
// that comes, gives the connection its usual time again.
func (p *Push) prove(conn *websocket.Conn) error {
	if !p.awake.Swap(false) {
		return nil
	}
	until := time.Now().Add(p.proof)
	return errors.Join(conn.SetReadDeadline(until), conn.WriteControl(websocket.PingMessage, nil, until))
}

// dialer shares the way and the certificates with the HTTP client. way is
// what it was made for.
func (c *Client) dialer() (dialer *websocket.Dialer, way *network, err error) {
	shared, ok := networkOf(c.http.Transport)
	if !ok {
		return nil, nil, api.Fail(api.Internal).Because(fmt.Errorf("transport %T cannot open a WebSocket", c.http.Transport))
	}
	way = shared.now.Load()
	return &websocket.Dialer{
		// Without the guard against stalls: a WebSocket is quiet for long and
		// sets its own deadlines.
		NetDialContext:   way.dial,
		TLSClientConfig:  &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: way.roots, NextProtos: []string{"http/1.1"}}, // an upgrade is HTTP/1.1
		HandshakeTimeout: dialTimeout + tlsTimeout,
	}, way, nil
}

// moved tells whether the way has been changed since.
func (c *Client) moved(way *network) bool {
	shared, ok := networkOf(c.http.Transport)
	return ok && shared.now.Load() != way
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)
