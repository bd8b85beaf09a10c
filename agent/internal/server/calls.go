package server

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/logs"
	"iscdesk.dev/agent/session"
)

// sessionCall is one call of a framed session, from its arguments to its
// answer.
type sessionCall func(context.Context, *wire, json.RawMessage) (any, error)

// sessionCalls are the calls of a connection of role session. The heartbeat
// is answered by the reading goroutine itself, without this table.
func sessionCalls() map[string]sessionCall {
	return map[string]sessionCall{
		api.CallLicenseRequest: with(func(ctx context.Context, w *wire, in api.LicenseRequest) (api.LicenseTicket, error) {
			return w.user.Licenses.Request(ctx, w.app, in)
		}),
		api.CallLicenseVerdict: with(func(ctx context.Context, w *wire, in api.LicenseVerdict) (nothing, error) {
			return nothing{}, w.user.Licenses.Verdict(ctx, w.app, in)
		}),
		api.CallLeaseAcquire: with(func(ctx context.Context, w *wire, in api.LeaseRequest) (api.LeaseGrant, error) {
			return w.user.Licenses.Acquire(ctx, w.app, in)
		}),
		api.CallLeaseRelease: with(func(ctx context.Context, w *wire, in api.LeaseRelease) (nothing, error) {
			return nothing{}, w.user.Licenses.Release(ctx, w.app, in)
		}),
		api.CallAppCheck: func(ctx context.Context, w *wire, _ json.RawMessage) (any, error) {
			return nothing{}, w.user.Apps.Check(ctx, w.app)
		},
		api.CallAppAnswer: with(func(ctx context.Context, w *wire, in api.UpgradeAnswer) (nothing, error) {
			if in.Accept {
				if err := w.server.mayInstall(w.who); err != nil {
					return nothing{}, err
				}
			}
			return nothing{}, w.user.Apps.Answer(ctx, w.app, in)
		}),
		api.CallDocumentPick: func(ctx context.Context, w *wire, _ json.RawMessage) (any, error) {
			return w.user.Files.Pick(ctx, w.app)
		},
		api.CallDocumentOpened: with(func(ctx context.Context, w *wire, in api.OpenedDocument) (nothing, error) {
			return nothing{}, w.user.Files.Opened(ctx, in)
		}),
		api.CallDocumentLookup: with(func(ctx context.Context, w *wire, in api.DocumentLookup) (api.OpenedDocument, error) {
			return w.user.Files.Lookup(ctx, in)
		}),
		api.CallSolveCancel: with(func(ctx context.Context, w *wire, in api.SolveRef) (nothing, error) {
			return nothing{}, w.user.Solves.Cancel(ctx, in.ID)
		}),
	}
}

// with decodes and checks the arguments of a call.
func with[In, Out any](f func(context.Context, *wire, In) (Out, error)) sessionCall {
	return func(ctx context.Context, w *wire, args json.RawMessage) (any, error) {
		var in In
		if err := decodeArgs(args, &in); err != nil {
			return nil, err
		}
		return f(ctx, w, in)
	}
}

func decodeArgs(args json.RawMessage, into any) error {
	if len(args) == 0 {
		return api.Fail(api.InvalidArgument, "argument", "args", "reason", "missing")
	}
	if err := json.Unmarshal(args, into); err != nil {
		return api.Fail(api.InvalidArgument, "argument", "args", "reason", "not the JSON that is expected").Because(err)
	}
	return checkCall(into)
}

// converse reads the calls of a session until its connection ends.
func (w *wire) converse(ctx context.Context) error {
	for {
		f, err := w.conn.ReadFrame()
		if err != nil {
			return w.ended(err)
		}
		m := f.Message
		if f.Kind != session.KindMessage || m.Call == "" || m.ID == 0 {
			return w.ended(api.Fail(api.Protocol))
		}
		if m.Call == api.CallHeartbeat {
			err = w.answer(m.ID, w.heartbeat(), nil)
		} else {
			err = w.begin(ctx, m)
		}
		if err != nil {
			return err
		}
	}
}

// ended tells a peer that is still there why its connection is closed.
func (w *wire) ended(err error) error {
	if errors.Is(err, api.Protocol) {
		_ = w.conn.WriteMessage(session.Message{Error: api.Fail(api.Protocol)})
	}
	return err
}

// begin sets a call going, if there is room for it.
func (w *wire) begin(ctx context.Context, m session.Message) error {
	do := w.server.calls[m.Call]
	if do == nil {
		return w.answer(m.ID, nil, api.Fail(api.Unsupported, "what", clip(m.Call)))
	}
	select {
	case w.slots <- struct{}{}:
	default:
		return w.answer(m.ID, nil, api.Fail(api.Busy))
	}
	if err := w.tenant.beginCall(); err != nil {
		<-w.slots
		return w.answer(m.ID, nil, err)
	}
	w.calls.Go(func() {
		out, err := w.do(ctx, w.server.cfg.Limits.CallWait, func(ctx context.Context) (any, error) { return do(ctx, w, m.Args) })
		if w.answer(m.ID, out, err) != nil {
			w.cut()
		}
		w.tenant.endCall()
		<-w.slots
	})
	return nil
}

// do runs a call of an engine under a limit.
func (w *wire) do(ctx context.Context, limit time.Duration, f func(context.Context) (any, error)) (any, error) {
	ctx, cancel := within(ctx, limit)
	defer cancel()
	return w.server.guarded(ctx, w.who, func() (any, error) { return f(ctx) })
}

// answer sends what a call came to.
func (w *wire) answer(id uint64, out any, failure error) error {
	if failure != nil {
		return w.conn.WriteMessage(session.Message{ID: id, Error: w.server.logged(w.who, "session call", failure)})
	}
	body, err := json.Marshal(out)
	if err != nil {
		return w.conn.WriteMessage(session.Message{ID: id, Error: w.server.logged(w.who, "session call", err)})
	}
	return w.conn.WriteMessage(session.Message{ID: id, OK: body})
}

// forward sends the session its events, the missed ones first.
func (w *wire) forward(ctx context.Context, after uint64) {
	stream, err := w.user.Events.Since(ctx, w.app, after)
	if err != nil {
		w.server.cfg.Log.Error("a session's events cannot be read", logs.UserKey, w.who.User(), "err", err)
		w.cut()
		return
	}
	defer stream.Close()
	for {
		event, err := stream.Next(ctx)
		if err == nil {
			err = w.conn.WriteMessage(session.Message{Event: &event})
		}
		if err != nil {
			if ctx.Err() == nil {
				w.cut()
			}
			return
		}
	}
}

// clip shortens a peer's word for an error.
func clip(s string) string {
	const limit = 64
	if len(s) > limit {
		return s[:limit] + "…"
	}
	return s
}
