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

var errTokenChanged = errors.New("another user signed in")

// connect opens one connection and reads it to its end. It always returns an
// error that says why it ended.
func (p *Push) connect(ctx context.Context, online func(bool)) error {
	conn, token, err := p.dial(ctx)
	if err != nil {
		return err
	}
	online(true)
	conn.SetReadLimit(maxPushMessage)
	ctx, end := context.WithCancelCause(ctx)
	var group sync.WaitGroup
	group.Go(func() { end(p.read(conn)) })
	group.Go(func() {
		end(p.watch(ctx, conn, token)) // before Close, whose error in read is only the consequence
		_ = conn.Close()
	})
	group.Wait()
	return context.Cause(ctx)
}

// dial opens the WebSocket, with a fresh token if the first is refused.
func (p *Push) dial(ctx context.Context) (*websocket.Conn, string, error) {
	dialer, err := p.client.dialer()
	if err != nil {
		return nil, "", err
	}
	address := "ws" + strings.TrimPrefix(p.client.address("/push"), "http")
	for attempt := 0; ; attempt++ {
		token, err := p.client.tokens.Token(ctx)
		if err != nil {
			return nil, "", tokenError(ctx, err)
		}
		conn, answer, err := dialer.DialContext(ctx, address, http.Header{"Authorization": {"Bearer " + token}}) //nolint:bodyclose // the dialer has read and closed it
		if err == nil {
			return conn, token, nil
		}
		if answer == nil {
			return nil, "", transport(ctx, err)
		}
		if answer.StatusCode != http.StatusUnauthorized {
			return nil, "", refusal(answer)
		}
		p.client.tokens.Rejected(token)
		if attempt > 0 {
			return nil, "", failed("401", err)
		}
	}
}

// read hands the messages over until the connection ends.
func (p *Push) read(conn *websocket.Conn) error {
	heard := func() error { return conn.SetReadDeadline(time.Now().Add(p.silence)) }
	conn.SetPongHandler(func(string) error { return heard() })
	answerPing := conn.PingHandler()
	conn.SetPingHandler(func(data string) error {
		if err := heard(); err != nil {
			return err
		}
		return answerPing(data)
	})
	for {
		if err := heard(); err != nil {
			return err
		}
		_, content, err := conn.ReadMessage()
		if err != nil {
			return api.Fail(api.Offline).Because(err)
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

// watch pings, and ends the connection with ctx or when its token's owner
// signed out.
func (p *Push) watch(ctx context.Context, conn *websocket.Conn, token string) error {
	ticker := time.NewTicker(p.ping)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			if err := conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(p.ping)); err != nil {
				return api.Fail(api.Offline).Because(err)
			}
		case <-p.wake:
			if err := p.prove(conn); err != nil {
				return api.Fail(api.Offline).Because(err)
			}
			now, err := p.client.tokens.Token(ctx)
			if errors.Is(err, api.SignedOut) {
				return err
			}
			if err == nil && now != token {
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

// dialer shares certificates, proxy and dialling with the HTTP client.
func (c *Client) dialer() (*websocket.Dialer, error) {
	transport, ok := c.http.Transport.(*http.Transport)
	if !ok {
		return nil, api.Fail(api.Internal).Because(fmt.Errorf("transport %T cannot open a WebSocket", c.http.Transport))
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if shared := transport.TLSClientConfig; shared != nil {
		secure.RootCAs = shared.RootCAs // the transport itself writes other members when it is first used
	}
	secure.NextProtos = []string{"http/1.1"} // a WebSocket upgrade is HTTP/1.1
	return &websocket.Dialer{
		Proxy: transport.Proxy, NetDialContext: unguarded(transport.DialContext),
		TLSClientConfig: secure, HandshakeTimeout: dialTimeout + tlsTimeout,
	}, nil
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// unguarded dials without the stall guard: a WebSocket is quiet for long and
// sets its own deadlines, which the guard would move.
func unguarded(dial dialFunc) dialFunc {
	if dial == nil {
		return nil
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if guard, ok := conn.(stallGuard); ok {
			conn = guard.Conn
		}
		return conn, err
	}
}
