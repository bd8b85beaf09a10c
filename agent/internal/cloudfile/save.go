package cloudfile

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/chunk"
	"iscdesk.dev/agent/internal/cloudfile/core"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
	"iscdesk.dev/agent/internal/cloudfile/stage"
	"iscdesk.dev/agent/internal/cloudfile/transfer"
	"iscdesk.dev/agent/workspace/entry"
)

// askTime bounds what a save asks the marketplace beforehand. A save must not
// wait for a network that hangs.
const askTime = 2 * time.Second

// Bounds of the texts of a save, in bytes.
const (
	maxOperation = 128
	maxLocalPath = 4096
	maxText      = 4096
)

// Save is one save whose content is coming in. It is for one goroutine; exactly
// one of Commit and Abort ends it.
type Save struct {
	engine *Engine
	app    api.Session
	req    api.SaveBegin
	row    ledger.Row // what is known of it; complete where done is set
	done   bool       // it was staged before
	writer *stage.Writer
	end    sync.Once
}

// BeginSave checks that the save may be, and where it goes, before any content
// flows. A repeated operation is answered without content.
func (e *Engine) BeginSave(ctx context.Context, app api.Session, req api.SaveBegin) (*Save, error) {
	if err := checkSave(&req); err != nil {
		return nil, err
	}
	announced := digest(req)
	row, known, err := e.ledger.Find(ctx, req.Operation)
	if err != nil {
		return nil, err
	}
	if known && row.Announced != announced {
		return nil, api.Fail(api.InvalidArgument, "argument", "operation", "reason", "it was used for another save")
	}
	s := &Save{engine: e, app: app, req: req, row: row, done: known}
	if known {
		return s, nil
	}
	account, err := e.saver(ctx, req.LocalPath)
	if err != nil {
		return nil, err
	}
	s.row = ledger.Row{Operation: req.Operation, Announced: announced, Account: account}
	if !req.SaveAs {
		if err := e.admit(ctx, req, account); err != nil {
			return nil, err
		}
	}
	if err := e.claim(ctx, req.Operation, entry.Total(req.Entries)); err != nil {
		return nil, err
	}
	if s.writer, err = e.dir.Create(req.Entries); err != nil {
		e.unclaim(req.Operation)
		return nil, err
	}
	return s, nil
}

func checkSave(req *api.SaveBegin) error {
	switch {
	case req.Operation == "" || len(req.Operation) > maxOperation || strings.ContainsFunc(req.Operation, func(r rune) bool { return r <= ' ' || r > '~' }):
		return api.Fail(api.InvalidArgument, "argument", "operation", "reason", "it is not 1 to 128 visible characters")
	case len(req.Comment) > maxText || len(req.Tag) > maxText || !utf8.ValidString(req.Comment):
		return api.Fail(api.InvalidArgument, "argument", "comment", "reason", "it is too long")
	case len(req.LocalHash) > maxOperation:
		return api.Fail(api.InvalidArgument, "argument", "localHash", "reason", "it is no hash")
	}
	if err := checkLocalPath(req.LocalPath); err != nil {
		return err
	}
	if req.LocalPath != "" {
		req.LocalPath = filepath.Clean(req.LocalPath)
	}
	if err := entry.CheckName(req.Name); err != nil {
		return err
	}
	if req.Path != "" {
		if err := entry.CheckCloudPath(req.Path); err != nil {
			return err
		}
	}
	if err := entry.Check(req.Kind, req.Entries); err != nil {
		return err
	}
	return checkSpelling(req.Entries)
}

func checkLocalPath(path string) error {
	if len(path) > maxLocalPath || strings.ContainsRune(path, 0) || !utf8.ValidString(path) {
		return api.Fail(api.InvalidArgument, "argument", "localPath", "reason", "it is no path")
	}
	return nil
}

// digest tells two announcements apart. Base is left out: who repeats a save
// may see the version that it has made by then.
func digest(req api.SaveBegin) string {
	req.Base = 0
	b, _ := json.Marshal(req) // plain data: never fails
	return chunk.Hash(b)
}

// saver is the account that a save belongs to: the one signed in, else the one
// that its local path was opened by.
func (e *Engine) saver(ctx context.Context, localPath string) (string, error) {
	if account := e.account(); account != "" {
		return account, nil
	}
	b, ok, err := e.ledger.Binding(ctx, localPath)
	if err != nil {
		return "", err
	}
	if !ok || b.Account == "" {
		return "", api.Fail(api.SignedOut)
	}
	return b.Account, nil
}

// admit refuses a save that cannot be published, as far as that can be known
// now.
func (e *Engine) admit(ctx context.Context, req api.SaveBegin, account string) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	target, bound, err := e.place(ctx, req, account)
	if err != nil {
		return err
	}
	if bound != nil && !target.Fresh && bound.WorkState == api.CheckedOut {
		return nil // nobody else can hold it, and nobody has to be asked
	}
	return e.admitTo(ctx, target, account, req.LocalPath)
}

func (e *Engine) admitTo(ctx context.Context, t core.Target, account, localPath string) error {
	pending := false
	rows, err := e.ledger.Unended(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		pending = pending || (r.State == ledger.Queued && r.Account == account && r.Path == t.Path && (localPath == "" || r.LocalPath != localPath))
	}
	return core.Admit(t, e.remote(ctx, t.Path), pending)
}

// remote asks the marketplace about a path; nil where it does not say.
func (e *Engine) remote(ctx context.Context, path string) *core.Remote {
	if a := e.cfg.Account(); !signedIn(a) || !a.Online || strings.HasPrefix(path, "/"+core.UnknownSpace+"/") {
		return nil
	}
	d, err := e.cfg.Market.FindDocument(ctx, path)
	switch {
	case errors.Is(err, api.NotFound):
		return &core.Remote{}
	case err != nil:
		return nil
	case d.Checkout.UserID != "" && !d.Checkout.Mine:
		return &core.Remote{Document: d.ID, Owner: d.Checkout.UserName}
	}
	return &core.Remote{Document: d.ID}
}

// place decides where a save goes, by what its local path belongs to now.
func (e *Engine) place(ctx context.Context, req api.SaveBegin, account string) (core.Target, *ledger.Binding, error) {
	personal, err := e.personal(ctx, account)
	if err != nil {
		return core.Target{}, nil, err
	}
	binding, err := e.bindingOf(ctx, req.LocalPath, account)
	if err != nil {
		return core.Target{}, nil, err
	}
	var bound *core.Bound
	if binding != nil {
		bound = &core.Bound{
			Document: binding.Document, Path: binding.Path, Version: binding.Version,
			OpenType: binding.OpenType, WorkState: binding.WorkState, Pending: binding.Pending,
		}
	}
	t, err := core.Place(req, bound, personal)
	return t, binding, err
}

// claim takes an operation and the room that its content needs.
func (e *Engine) claim(ctx context.Context, operation string, size int64) error {
	waiting, err := e.waiting(ctx)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, busy := e.saving[operation]; busy {
		return api.Fail(api.Busy)
	}
	for _, other := range e.saving {
		waiting += other
	}
	if space := e.space(); space > 0 && waiting+size > space {
		return api.Fail(api.StagingFull, "limit", strconv.FormatInt(space>>20, 10)+" MiB")
	}
	e.saving[operation] = size
	return nil
}

func (e *Engine) space() int64 {
	if e.cfg.Space == nil {
		return 0
	}
	return e.cfg.Space()
}

// waiting is how many bytes wait to be published, where that is bounded.
func (e *Engine) waiting(ctx context.Context) (int64, error) {
	if e.space() <= 0 {
		return 0, nil
	}
	rows, err := e.ledger.Unended(ctx)
	total := int64(0)
	for _, r := range rows {
		if r.State != ledger.Published {
			total += r.Size
		}
	}
	return total, err
}

func (e *Engine) unclaim(operation string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.saving, operation)
}

// Ticket lets the content flow, or tells that none is needed.
func (s *Save) Ticket() api.SaveTicket {
	return api.SaveTicket{Operation: s.req.Operation, Done: s.done}
}

// Write takes content. What a repeated save sends all the same is dropped.
func (s *Save) Write(p []byte) (int, error) {
	if s.done {
		return len(p), nil
	}
	return s.writer.Write(p)
}

// Abort forgets the save.
func (s *Save) Abort() {
	s.end.Do(func() {
		if s.writer != nil {
			s.writer.Discard()
			s.engine.unclaim(s.req.Operation)
		}
	})
}

// Commit returns once the save is recorded, and only then.
func (s *Save) Commit(ctx context.Context, in api.SaveCommit) (api.Saved, error) {
	if in.Changed != "" {
		s.Abort()
		return api.Saved{}, api.Fail(api.FileChanged, "path", in.Changed)
	}
	saved, err := api.Saved{}, error(api.Fail(api.InvalidArgument, "argument", "operation", "reason", "the save has ended"))
	s.end.Do(func() {
		if s.done {
			saved, err = savedOf(s.row), nil
			return
		}
		defer s.engine.unclaim(s.req.Operation)
		saved, err = s.stage(ctx)
	})
	return saved, err
}

// stage makes the content durable, then the record of it. A caller who gives
// up after the fsync does not undo it.
func (s *Save) stage(ctx context.Context) (api.Saved, error) {
	e := s.engine
	defer s.writer.Discard() // nothing is left to discard once it is sealed
	e.step(StepBeforeStage)
	sealed, err := s.writer.Seal()
	if err != nil {
		return api.Saved{}, err
	}
	e.step(StepAfterFsync)
	row, err := s.record(context.WithoutCancel(ctx), sealed)
	if err != nil {
		return api.Saved{}, errors.Join(err, e.dir.Remove(sealed.Name))
	}
	e.step(StepRecorded)
	e.cfg.Log.Info("saved", "operation", row.Operation, "path", row.Path, "bytes", row.Size)
	saved := savedOf(row)
	if row.State == ledger.Picking {
		e.cfg.Notify.Changed(api.SectionPicks)
	} else {
		e.cfg.Notify.Changed(api.SectionRecent)
		e.publish(context.WithoutCancel(ctx), api.EventDocumentSaved, row.Session, row.Product, saved)
	}
	e.moved()
	return saved, nil
}

// record writes the row, with the binding or the pick that belongs to it.
func (s *Save) record(ctx context.Context, sealed stage.Sealed) (ledger.Row, error) {
	e := s.engine
	r, manifest := s.row, transfer.Uncut(sealed.Entries)
	r.Session, r.Product, r.LocalPath = s.app.ID, s.app.Product, s.req.LocalPath
	r.Kind, r.Name, r.Comment, r.Tag, r.Solve = s.req.Kind, s.req.Name, s.req.Comment, s.req.Tag, s.req.Solve
	r.Blob, r.Size, r.Created = sealed.Name, sealed.Size, e.cfg.Now()
	r.Hash, r.LocalHash = entry.HashEntries(sealed.Entries), s.req.LocalHash
	if s.req.SaveAs {
		r.State = ledger.Picking
		pick := ledger.Pick{Operation: r.Operation, Pick: api.Pick{
			ID: rand.Text(), Kind: api.PickSaveAs, Product: r.Product, Session: r.Session,
			SuggestedName: r.Name, DocumentKind: r.Kind, Created: r.Created.Unix(),
		}}
		return r, e.ledger.Record(ctx, r, manifest, nil, &pick)
	}
	r.State = ledger.Queued
	e.order.Lock()
	defer e.order.Unlock()
	target, binding, err := e.place(ctx, s.req, r.Account)
	if err != nil {
		return r, err
	}
	r, binding = e.aim(r, target, binding)
	return r, e.ledger.Record(ctx, r, manifest, binding, nil)
}

// aim gives a save its target, and its local path the binding that follows.
// The caller holds order.
func (e *Engine) aim(r ledger.Row, t core.Target, old *ledger.Binding) (ledger.Row, *ledger.Binding) {
	r.Path, r.Document, r.Base, r.Overwrite, r.Parent = t.Path, t.Document, t.Base, t.Overwrite, t.Parent
	if !t.Rebind || r.LocalPath == "" {
		return r, nil
	}
	b := ledger.Binding{OpenType: api.OpenAndCheckout, WorkState: api.CheckedIn}
	if old != nil && !t.Fresh {
		b = *old
	}
	b.LocalPath, b.Account, b.Path, b.Kind = r.LocalPath, r.Account, t.Path, r.Kind
	b.Pending, b.Updated, b.Hash = r.Operation, e.cfg.Now(), r.Hash
	if r.LocalHash != "" {
		b.Hash = r.LocalHash
	}
	return r, &b
}

func savedOf(r ledger.Row) api.Saved {
	s := api.Saved{
		Operation: r.Operation, Path: r.Path, Document: r.Document, Hash: r.Hash, Size: r.Size,
		LocalPath: r.LocalPath, Tag: r.Tag,
	}
	if r.Solve {
		s.Solve = r.Operation
	}
	if r.State == ledger.Withdrawn {
		s.Reason = api.Fail(api.Cancelled)
	}
	return s
}
