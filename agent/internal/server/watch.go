package server

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/logs"
)

// maxWatchRead is what a watch may send: control frames and nothing else.
const maxWatchRead = 512

// byeWait is how long a peer may take to accept that the service stops.
const byeWait = time.Second

// watcher is a tray or CLI that follows its user's state over a WebSocket.
type watcher struct {
	*call
	server *Server
	ws     *websocket.Conn
	cancel context.CancelFunc
}

// openWatch turns a request into a watch and follows it to its end.
func (s *Server) openWatch(c *call) {
	upgrader := websocket.Upgrader{
		HandshakeTimeout: s.cfg.Limits.HeaderWait,
		ReadBufferSize:   1 << 10,
		WriteBufferSize:  4 << 10,
		CheckOrigin:      func(r *http.Request) bool { return r.Header.Values("Origin") == nil },
		Error: func(w http.ResponseWriter, r *http.Request, _ int, reason error) {
			s.fail(w, r, api.Fail(api.Protocol).Because(reason))
		},
	}
	ws, err := upgrader.Upgrade(c.w, c.r, nil)
	if err != nil {
		return // answered by Error
	}
	ctx, cancel := context.WithCancel(c.r.Context())
	w := &watcher{call: c, server: s, ws: ws, cancel: cancel}
	var reading sync.WaitGroup
	defer reading.Wait()
	defer w.cut()
	defer cancel()
	if !s.wires.add(w) {
		return
	}
	defer s.wires.remove(w)
	reading.Go(w.listen)
	_, err = s.guarded(ctx, c.conn.who, func() (any, error) { return nil, w.tell(ctx) })
	if err != nil && ctx.Err() == nil {
		s.cfg.Log.Debug("watch ended", logs.UserKey, c.conn.who.User(), "err", err)
	}
}

// listen takes pongs and the peer's goodbye. Anything else is one too.
func (w *watcher) listen() {
	defer w.cancel()
	patience := 2 * w.server.cfg.Limits.PingWait
	w.ws.SetReadLimit(maxWatchRead)
	awake := func(string) error { return w.ws.SetReadDeadline(time.Now().Add(patience)) }
	w.ws.SetPongHandler(awake)
	if awake("") != nil {
		return
	}
	_, _, _ = w.ws.NextReader() // returns when a message or the end has come
}

// tell sends the whole state, and then what changes, until ctx ends.
func (w *watcher) tell(ctx context.Context) error {
	feed, err := w.user.Events.Watch(ctx)
	if err != nil {
		return err
	}
	defer feed.Close()
	if err := w.send(api.WatchMessage{State: w.server.stateOf(ctx, w.user, w.tenant)}); err != nil {
		return err
	}
	for {
		wait, cancel := context.WithTimeout(ctx, w.server.cfg.Limits.PingWait)
		event, sections, skipped, err := feed.Next(wait)
		cancel()
		switch {
		case ctx.Err() != nil:
			return w.goodbye()
		case errors.Is(err, context.DeadlineExceeded):
			err = w.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(w.server.cfg.Limits.WriteWait))
		case err == nil:
			err = w.send(w.message(ctx, event, sections, skipped))
		}
		if err != nil {
			return err
		}
	}
}

func (w *watcher) message(ctx context.Context, event *api.Event, sections []string, skipped int) api.WatchMessage {
	m := api.WatchMessage{Event: event, Skipped: skipped}
	switch {
	case skipped > 0:
		m.State = w.server.stateOf(ctx, w.user, w.tenant)
	case len(sections) > 0:
		m.Sections = sections
		m.Changed = w.server.sectionsOf(ctx, w.user, w.tenant, sections)
	}
	return m
}

func (w *watcher) send(m api.WatchMessage) error {
	if err := w.ws.SetWriteDeadline(time.Now().Add(w.server.cfg.Limits.WriteWait)); err != nil {
		return err
	}
	return w.ws.WriteJSON(m)
}

func (w *watcher) goodbye() error {
	reason := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
	return w.ws.WriteControl(websocket.CloseMessage, reason, time.Now().Add(byeWait))
}

func (w *watcher) bye() { w.cancel() }

func (w *watcher) cut() { _ = w.ws.Close() }
