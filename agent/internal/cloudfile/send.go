package cloudfile

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/core"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
	"iscdesk.dev/agent/internal/cloudfile/stage"
	"iscdesk.dev/agent/internal/cloudfile/transfer"
	"iscdesk.dev/marketplace/agentapi"
)

// tellEvery bounds how often the progress of one upload is told.
const tellEvery = 250 * time.Millisecond

// errMoved tells that the save got its full path and is to be looked at anew.
const errMoved = moved("the save has another path now")

type moved string

func (m moved) Error() string { return string(m) }

// errPaused tells that the user has paused the uploads.
const errPaused = paused("the uploads are paused")

type paused string

func (p paused) Error() string { return string(p) }

// send uploads and publishes a save.
func (e *Engine) send(ctx context.Context, r ledger.Row) (agentapi.PublishResult, error) {
	if rest, unknown := strings.CutPrefix(r.Path, "/"+core.UnknownSpace+"/"); unknown {
		return agentapi.PublishResult{}, e.locate(ctx, r, rest)
	}
	open := func() (*stage.Blob, error) { return e.dir.Read(r.Blob) }
	m, err := e.chunks(ctx, r, open)
	if err != nil {
		return agentapi.PublishResult{}, err
	}
	job := transfer.Job{
		Version: agentapi.Publish{
			OperationID: r.Operation, DocumentID: r.Document, Path: r.Path, Kind: agentapi.PublishKind(r.Kind),
			BaseVersion: r.Base, Overwrite: r.Overwrite && r.Document == "" && r.Base == 0, Comment: r.Comment, Manifest: m,
		},
		Open:     open,
		Progress: e.progress(ctx, r),
		Packed:   func() { e.step(StepMidUpload) },
		Publishing: func() error {
			e.step(StepBeforePublish)
			if e.account() != r.Account {
				return api.Fail(api.SavedByOther)
			}
			return e.going()
		},
		Going: e.going,
	}
	result, err := transfer.Send(ctx, e.cfg.Market, job)
	if gone(err, r.Document) { // what was saved becomes a new document in its place
		job.Version.DocumentID, job.Version.BaseVersion = "", 0
		result, err = transfer.Send(ctx, e.cfg.Market, job)
	}
	if errors.Is(err, api.NotFound) && job.Version.DocumentID == "" && path.Dir(path.Dir(r.Path)) != "/" {
		if folderErr := e.cfg.Market.CreateFolder(ctx, path.Dir(r.Path)); folderErr == nil {
			result, err = transfer.Send(ctx, e.cfg.Market, job)
		}
	}
	if err == nil {
		e.step(StepAfterPublish)
	}
	return result, err
}

// gone tells whether the marketplace does not know a document any more, as
// after it was restored from a backup.
func gone(err error, document string) bool {
	return document != "" && errors.Is(err, api.NotFound) && api.AsError(err).Params["what"] == document
}

// chunks is the manifest of a save with its chunks, which are cut at the first
// attempt to send it: who saves does not wait for that.
func (e *Engine) chunks(ctx context.Context, r ledger.Row, open func() (*stage.Blob, error)) (agentapi.Manifest, error) {
	m, err := e.ledger.Manifest(ctx, r.Operation)
	if err != nil || transfer.IsCut(m) {
		return m, err
	}
	if m, err = transfer.Cut(ctx, open, m); err != nil {
		return m, err
	}
	e.step(StepCut)
	return m, e.ledger.KeepChunks(ctx, r.Operation, m)
}

func publishedOf(r ledger.Row, result agentapi.PublishResult) api.Published {
	p := api.Published{
		Operation: r.Operation, Path: result.Document.Path, Document: result.Document.ID, Version: result.Version.Number,
		LocalPath: r.LocalPath, Tag: r.Tag,
	}
	if p.Path == "" {
		p.Path = r.Path
	}
	if result.ConflictOf.ID != "" {
		p.ConflictOf = result.ConflictOf.Path
		p.Reason = api.Fail(api.DocumentConflict, "path", p.ConflictOf, "copy", p.Path)
	}
	return p
}

// locate fills in the name of the user's own space.
func (e *Engine) locate(ctx context.Context, r ledger.Row, rest string) error {
	name, err := e.ledger.Personal(ctx, r.Account)
	if err != nil {
		return err
	}
	if name == "" {
		if name, err = e.askPersonal(ctx, r.Account); err != nil {
			return err
		}
	}
	e.order.Lock()
	defer e.order.Unlock()
	if err := e.ledger.Move(ctx, r, "/"+name+"/"+rest); err != nil {
		return err
	}
	return errMoved
}

// progress tells how far an upload is: at its start, its end, and now and then
// between.
func (e *Engine) progress(ctx context.Context, r ledger.Row) func(sent, total int64) {
	var last time.Time
	return func(sent, total int64) {
		e.mu.Lock()
		e.sent[r.Operation] = progress{sent, total}
		e.mu.Unlock()
		now := e.cfg.Now()
		if !last.IsZero() && sent < total && now.Sub(last) < tellEvery {
			return
		}
		last = now
		e.publish(ctx, api.EventUploadProgress, r.Session, r.Product, api.UploadProgress{
			Operation: r.Operation, Path: r.Path, Sent: sent, Total: total,
		})
		e.cfg.Notify.Changed(api.SectionTransfers)
	}
}

func (e *Engine) forgetProgress(operation string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.sent, operation)
}
