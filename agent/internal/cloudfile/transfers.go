package cloudfile

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/core"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
)

// The states of api.Transfer.
const (
	transferPicking   = "picking"
	transferWaiting   = "waiting"
	transferUploading = "uploading"
	transferFailed    = "failed"
)

// Transfers are the saves that are not published yet, in order.
func (e *Engine) Transfers() []api.Transfer {
	rows, err := e.ledger.Unended(context.Background())
	if err != nil {
		e.cfg.Log.Error("reading the transfers", "error", err)
	}
	out := make([]api.Transfer, 0, len(rows))
	headed := map[string]bool{}
	account, now := e.cfg.Account(), e.cfg.Now()
	for _, r := range rows {
		if r.State == ledger.Published {
			continue
		}
		behind := headed[r.Queue()] || (r.State == ledger.Queued && r.Parent != "")
		if r.State == ledger.Queued {
			headed[r.Queue()] = true
		}
		out = append(out, e.transferOf(r, core.Next(e.facts(r, account, behind), now)))
	}
	return out
}

func (e *Engine) transferOf(r ledger.Row, d core.Decision) api.Transfer {
	t := api.Transfer{
		Operation: r.Operation, Path: r.Path, State: transferWaiting, Total: r.Size, Created: r.Created.Unix(), Reason: d.Reason,
	}
	e.mu.Lock()
	t.Sent = e.sent[r.Operation].sent
	e.mu.Unlock()
	switch {
	case r.State == ledger.Picking:
		t.State = transferPicking
	case d.State == core.Uploading:
		t.State = transferUploading
	case d.Do == core.Wait:
		t.RetryAt = d.RetryAt.Unix()
	case d.State == core.Failed:
		t.State = transferFailed
	}
	return t
}

// Retry tries a save again now, with those of the same document before it.
func (e *Engine) Retry(ctx context.Context, operation string) error {
	r, ok, err := e.ledger.Find(ctx, operation)
	if err != nil {
		return err
	}
	switch {
	case !ok:
		return api.Fail(api.NotFound, "what", operation)
	case r.State == ledger.Damaged && (r.Path == "" || !e.dir.Holds(r.Blob, r.Size)):
		return api.Fail(api.ContentDamaged, "what", r.Name)
	case r.State != ledger.Queued && r.State != ledger.Damaged:
		return nil
	}
	if err := e.ledger.Retry(ctx, r); err != nil {
		return err
	}
	e.moved()
	return nil
}
