package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session"
)

// pieceSize is how much of a fetched document is in memory at once.
const pieceSize = 256 << 10

// transfer is a connection on which content flows: one call after the other,
// each at the pace of its slowest side.
type transfer struct {
	*wire
	save *saving
	buf  []byte
}

// saving is a save whose content comes in.
type saving struct {
	Save
	operation string
	left      int64 // bytes that were announced and have not come
	failed    error // why the rest is thrown away
}

// transfer serves the connection until it ends. A save that was not committed
// by then never was.
func (w *wire) transfer(ctx context.Context) error {
	t := &transfer{wire: w}
	defer func() { t.drop() }()
	for {
		if t.server.stopping() {
			return nil
		}
		if err := t.patience(); err != nil {
			return err
		}
		f, err := t.conn.ReadFrame()
		if err != nil {
			return t.ended(err)
		}
		if f.Kind == session.KindContent {
			err = t.content(f.Content)
		} else {
			err = t.call(ctx, f.Message)
		}
		if err != nil {
			return t.ended(err)
		}
	}
}

// patience bounds the silence of a peer that has a save open; without one it
// may be silent.
func (t *transfer) patience() error {
	var until time.Time
	if t.save != nil {
		until = time.Now().Add(t.server.cfg.Limits.ContentWait)
	}
	return t.conn.SetReadDeadline(until)
}

// content hands a piece on to the staging, straight from the read buffer.
func (t *transfer) content(p []byte) error {
	s := t.save
	if s == nil {
		return api.Fail(api.Protocol)
	}
	if s.failed != nil || len(p) == 0 {
		return nil
	}
	s.left -= int64(len(p))
	if s.left < 0 {
		s.failed = invalid("entries", "more content than was announced")
		return nil
	}
	_, s.failed = t.server.guarded(context.Background(), t.who, func() (any, error) {
		_, err := s.Write(p)
		return nil, err
	})
	return nil
}

func (t *transfer) call(ctx context.Context, m session.Message) error {
	if m.ID == 0 || m.Call == "" {
		return api.Fail(api.Protocol)
	}
	if m.Call == api.CallHeartbeat {
		return t.answer(m.ID, t.heartbeat(), nil)
	}
	if err := t.tenant.beginCall(); err != nil {
		return t.answer(m.ID, nil, err)
	}
	defer t.tenant.endCall()
	var out any
	var err error
	switch m.Call {
	case api.CallSaveBegin:
		out, err = t.beginSave(ctx, m.Args)
	case api.CallSaveCommit:
		out, err = t.commitSave(ctx, m.Args)
	case api.CallFetchBegin:
		return t.fetch(ctx, m)
	case api.CallLicenseFile:
		return t.licenseFile(ctx, m)
	case api.CallDocumentOpened, api.CallDocumentLookup:
		// Who writes a document also ties it to its path, over the same connection.
		out, err = t.do(ctx, t.server.cfg.Limits.CallWait, func(ctx context.Context) (any, error) {
			return sessionCalls()[m.Call](ctx, t.wire, m.Args)
		})
	default:
		err = api.Fail(api.Unsupported, "what", clip(m.Call))
	}
	return t.answer(m.ID, out, err)
}

func (t *transfer) beginSave(ctx context.Context, args json.RawMessage) (any, error) {
	var in api.SaveBegin
	if err := decodeArgs(args, &in); err != nil {
		return nil, err
	}
	t.drop()
	out, err := t.do(ctx, t.server.cfg.Limits.CallWait, func(ctx context.Context) (any, error) {
		return t.user.Files.BeginSave(ctx, t.app, in)
	})
	if err != nil {
		return nil, err
	}
	s := &saving{operation: in.Operation}
	s.Save, _ = out.(Save)
	for _, e := range in.Entries {
		s.left += e.Size
	}
	t.save = s
	return s.Ticket(), nil
}

func (t *transfer) commitSave(ctx context.Context, args json.RawMessage) (any, error) {
	var in api.SaveCommit
	if err := decodeArgs(args, &in); err != nil {
		return nil, err
	}
	s := t.save
	if s == nil || s.operation != in.Operation {
		return nil, api.Fail(api.NotFound, "what", in.Operation)
	}
	if s.failed != nil {
		t.drop()
		return nil, s.failed
	}
	t.save = nil
	return t.do(ctx, t.server.cfg.Limits.LongWait, func(ctx context.Context) (any, error) { return s.Commit(ctx, in) })
}

// drop gives up the save that is open, if one is.
func (t *transfer) drop() {
	if s := t.save; s != nil {
		t.save = nil
		s.Abort()
	}
}

func (t *transfer) fetch(ctx context.Context, m session.Message) error {
	var in api.FetchBegin
	if err := decodeArgs(m.Args, &in); err != nil {
		return t.answer(m.ID, nil, err)
	}
	return t.send(ctx, m.ID, func(ctx context.Context) (api.FetchHeader, io.ReadCloser, error) {
		h, body, err := t.user.Files.Fetch(ctx, in)
		h.Workspace = t.user.Settings.Settings().Workspace
		return h, body, err
	})
}

func (t *transfer) licenseFile(ctx context.Context, m session.Message) error {
	var in api.LicenseFileFetch
	if err := decodeArgs(m.Args, &in); err != nil {
		return t.answer(m.ID, nil, err)
	}
	return t.send(ctx, m.ID, func(ctx context.Context) (api.FetchHeader, io.ReadCloser, error) {
		return t.user.Licenses.File(ctx, t.app, in.Request)
	})
}

type opener func(context.Context) (api.FetchHeader, io.ReadCloser, error)

// send answers with a header and lets the content follow. It ends with an
// empty frame, or with an error for the same call.
func (t *transfer) send(ctx context.Context, id uint64, open opener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var body io.ReadCloser
	header, err := t.server.guarded(ctx, t.who, func() (any, error) {
		var h api.FetchHeader
		var err error
		h, body, err = open(ctx)
		return h, err
	})
	if err != nil {
		return t.answer(id, nil, err)
	}
	defer func() { _ = body.Close() }()
	if err := t.answer(id, header, nil); err != nil {
		return err
	}
	broken, err := t.pour(body)
	if err != nil {
		return err
	}
	if broken != nil {
		return t.answer(id, nil, broken)
	}
	return t.conn.EndContent()
}

// pour copies body to the peer, a piece at a time: a peer that reads slowly
// slows the reading of body, and nothing piles up.
func (t *transfer) pour(body io.Reader) (broken, lost error) {
	if t.buf == nil {
		t.buf = make([]byte, pieceSize)
	}
	for {
		n, err := io.ReadAtLeast(body, t.buf, 1)
		if n > 0 {
			if lost := t.conn.WriteContent(t.buf[:n]); lost != nil {
				return nil, lost
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil
		case err != nil:
			return err, nil
		}
	}
}
