package client

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/ipc"
)

// Bounds of a watch.
const (
	watchDial    = 10 * time.Second
	watchSilence = 3 * time.Minute // the service pings every minute
	maxMessage   = 64 << 20
	retryFirst   = 100 * time.Millisecond
	retryMost    = 5 * time.Second
)

// Watch follows the user's state. After a break it reconnects by itself; the
// first message of each connection carries the whole state, so a reader that
// takes State as a new beginning never misses a thing. It has one reader.
type Watch struct {
	client *Client
	ws     *websocket.Conn
	unhook func() bool // takes back that Close closes ws
	broken func(error) // nil: nobody wants to know
	pause  time.Duration
	closed context.Context // it is the watch's own end
	close  context.CancelFunc
}

// Watch connects and follows the state. It fails if the service cannot be
// reached now; a break later is the watch's own business. The caller closes
// it. ctx bounds the connecting only.
func (c *Client) Watch(ctx context.Context) (*Watch, error) {
	w := &Watch{client: c}
	w.closed, w.close = context.WithCancel(context.Background())
	if err := w.connect(ctx); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// Next waits for the next message, or for ctx; after ctx has ended the watch
// goes on with the next Next.
func (w *Watch) Next(ctx context.Context) (api.WatchMessage, error) {
	for {
		if err := w.end(ctx); err != nil {
			return api.WatchMessage{}, err
		}
		if w.ws == nil {
			if err := w.again(ctx); err != nil {
				return api.WatchMessage{}, err
			}
		}
		if m, ok := w.read(ctx); ok {
			return m, nil
		}
	}
}

// OnBreak has f called when the connection breaks, and for each attempt to
// reconnect that fails, with why. f runs on the goroutine of Next, and is set
// before the first Next.
func (w *Watch) OnBreak(f func(error)) { w.broken = f }

func (w *Watch) tell(err error) {
	if w.broken != nil {
		w.broken(api.AsError(err))
	}
}

// Close ends the watch, also while Next waits.
func (w *Watch) Close() { w.close() }

func (w *Watch) end(ctx context.Context) error {
	switch {
	case w.closed.Err() != nil:
		w.drop()
		return api.Fail(api.Cancelled)
	case ctx.Err() != nil:
		return transportError(ctx, ctx.Err())
	}
	return nil
}

// read takes one message. A connection that breaks, or that ctx has broken
// off, is dropped.
func (w *Watch) read(ctx context.Context) (api.WatchMessage, bool) {
	ws := w.ws
	defer context.AfterFunc(ctx, func() { _ = ws.Close() })()
	var m api.WatchMessage
	_, body, err := ws.ReadMessage()
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	if err != nil {
		w.drop()
		if w.end(ctx) == nil {
			w.tell(api.Fail(api.ServiceUnavailable).Because(err))
		}
		return m, false
	}
	w.pause = 0
	return m, true
}

func (w *Watch) drop() {
	if w.ws != nil {
		w.unhook()
		_ = w.ws.Close()
		w.ws = nil
	}
}

// again reconnects, with a pause that grows while the service is away.
func (w *Watch) again(ctx context.Context) error {
	for {
		if err := w.end(ctx); err != nil {
			return err
		}
		timer := time.NewTimer(w.pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
		case <-w.closed.Done():
		}
		timer.Stop()
		w.pause = min(max(2*w.pause, retryFirst), retryMost)
		if err := w.end(ctx); err != nil {
			return err
		}
		err := w.connect(ctx)
		if err == nil || final(err) {
			return err
		}
		w.tell(err)
	}
}

// final tells an answer that does not change by asking again.
func final(err error) bool {
	return errors.Is(err, api.PermissionDenied) || errors.Is(err, api.ServiceImpostor)
}

func (w *Watch) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, watchDial)
	defer cancel()
	dialer := websocket.Dialer{
		NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return ipc.Dial(ctx, w.client.path()) },
	}
	_, path, _ := strings.Cut(api.RouteWatch, " ")
	ws, answer, err := dialer.DialContext(ctx, "ws://"+api.Host+path, nil) //nolint:bodyclose // the library has read and closed it
	if err != nil {
		return watchRefused(ctx, answer, err)
	}
	ws.SetReadLimit(maxMessage)
	alive := func() error { return ws.SetReadDeadline(time.Now().Add(watchSilence)) }
	ws.SetPingHandler(func(data string) error {
		if err := alive(); err != nil {
			return err
		}
		return ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(watchDial))
	})
	w.ws, w.unhook = ws, context.AfterFunc(w.closed, func() { _ = ws.Close() })
	return alive()
}

func watchRefused(ctx context.Context, answer *http.Response, err error) error {
	var e api.Error
	if answer != nil && json.NewDecoder(answer.Body).Decode(&e) == nil && e.Code != "" {
		return &e
	}
	return transportError(ctx, err)
}
