package push

import (
	"context"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// Timing is how the connections are kept alive. Zero values stand for the
// usual ones.
type Timing struct {
	// Ping is how often an agent is asked for a sign of life; 20 s.
	Ping time.Duration
	// Silence is how long an agent may be silent; 50 s.
	Silence time.Duration
	// Write bounds the writing of one message; 10 s.
	Write time.Duration
}

func (t Timing) withDefaults() Timing {
	if t.Ping <= 0 {
		t.Ping = 20 * time.Second
	}
	if t.Silence <= 0 {
		t.Silence = t.Ping * 5 / 2
	}
	if t.Write <= 0 {
		t.Write = 10 * time.Second
	}
	return t
}

// An agent says nothing but pongs, and has few connections.
const (
	maxIncoming     = 4 << 10
	maxPerUser      = 32
	handshakeWait   = 10 * time.Second
	closeSignedOut  = 4401 // the token ended: sign in, then connect again
	closeTooSlow    = 4408 // messages were lost: connect again and resynchronise
	closeGoingAway  = websocket.CloseGoingAway
	reasonSignedOut = "signed_out"
	reasonTooSlow   = "too slow"
	reasonGoing     = "shutting_down"
)

// Alive tells whether a grant still stands. It is asked when an agent has
// joined and with every ping, because the grant may have ended just before, or
// in another process of the marketplace.
type Alive func(ctx context.Context, grant string) bool

// Handler upgrades an agent's connection and serves it until one side ends
// it, its token ends, it falls behind, or the hub closes.
func (h *Hub) Handler(timing Timing, alive Alive) web.Handler {
	timing = timing.withDefaults()
	upgrader := websocket.Upgrader{
		HandshakeTimeout: handshakeWait,
		// Agents are no browsers: a request with an Origin comes from a page.
		CheckOrigin: func(r *http.Request) bool { return r.Header.Get("Origin") == "" },
		Error:       func(http.ResponseWriter, *http.Request, int, error) {},
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		if !websocket.IsWebSocketUpgrade(r) || r.Header.Get("Origin") != "" {
			return fault.New(fault.Protocol)
		}
		p, err := h.join(web.UserOf(r.Context()), web.CredentialOf(r.Context()))
		if err != nil {
			return err
		}
		defer h.leave(p)
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return fault.New(fault.Protocol).Because(err)
		}
		p.serve(r.Context(), conn, timing, func() bool { return alive(r.Context(), p.credential.Grant) })
		return nil
	}
}

// serve writes to the agent; one goroutine beside it reads, and has ended when
// serve returns.
func (p *peer) serve(ctx context.Context, conn *websocket.Conn, timing Timing, alive func() bool) {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		listen(conn, timing)
	}()
	code, reason := p.pump(ctx, conn, timing, gone, alive)
	if code != 0 {
		deadline := time.Now().Add(timing.Write)
		_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), deadline) // a courtesy
	}
	_ = conn.Close()
	<-gone
}

// listen reads until the agent is gone or silent for too long.
func listen(conn *websocket.Conn, timing Timing) {
	conn.SetReadLimit(maxIncoming)
	alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(timing.Silence)) }
	conn.SetPongHandler(alive)
	if alive("") != nil {
		return
	}
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}

// pump writes what comes until there is a reason to close.
func (p *peer) pump(ctx context.Context, conn *websocket.Conn, timing Timing, gone <-chan struct{}, alive func() bool) (code int, reason string) {
	ticker := time.NewTicker(timing.Ping)
	defer ticker.Stop()
	expired := time.NewTimer(time.Until(p.credential.Expires))
	defer expired.Stop()
	if !alive() {
		return closeSignedOut, reasonSignedOut
	}
	message := agentapi.PushMessage{Type: agentapi.Hello}
	for {
		if message.Type != "" && write(conn, message, timing.Write) != nil {
			return 0, ""
		}
		message = agentapi.PushMessage{}
		select {
		case message = <-p.queue:
		case <-ticker.C:
			if !alive() {
				return closeSignedOut, reasonSignedOut
			}
			if conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(timing.Write)) != nil {
				return 0, ""
			}
		case <-expired.C:
			return closeSignedOut, reasonSignedOut
		case <-p.revoked:
			return closeSignedOut, reasonSignedOut
		case <-p.slow:
			return closeTooSlow, reasonTooSlow
		case <-p.going:
			return closeGoingAway, reasonGoing
		case <-gone:
			return 0, ""
		case <-ctx.Done():
			return closeGoingAway, reasonGoing
		}
	}
}

func write(conn *websocket.Conn, message agentapi.PushMessage, wait time.Duration) error {
	if err := conn.SetWriteDeadline(time.Now().Add(wait)); err != nil {
		return err
	}
	return conn.WriteJSON(message)
}
