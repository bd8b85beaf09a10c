package cloudfile

import (
	"context"
	"path/filepath"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
	"iscdesk.dev/agent/workspace/entry"
)

// Opened keeps what the caller has written to a path of his.
func (e *Engine) Opened(ctx context.Context, in api.OpenedDocument) error {
	if err := checkOpened(in); err != nil {
		return err
	}
	account := e.account()
	if account == "" {
		return api.Fail(api.SignedOut)
	}
	b := ledger.Binding{
		LocalPath: filepath.Clean(in.LocalPath), Account: account, Document: in.Document, Path: in.Path, Kind: in.Kind,
		Version: in.Version, OpenType: in.OpenType, WorkState: in.WorkState, Hash: in.Hash, Updated: e.cfg.Now(),
	}
	e.order.Lock()
	defer e.order.Unlock()
	if in.Hash != "" {
		r, ok, err := e.ledger.Content(ctx, account, in.Path, in.Hash)
		if err != nil {
			return err
		}
		if ok {
			b = inStep(b, r)
		}
	}
	if err := e.ledger.Bind(ctx, b); err != nil {
		return err
	}
	e.cfg.Notify.Changed(api.SectionRecent)
	return nil
}

// inStep ties what was opened to the save that it is the content of. The next
// save builds on that one while it is on its way, and on its version where it
// was published since it was fetched.
func inStep(b ledger.Binding, r ledger.Row) ledger.Binding {
	switch {
	case r.State == ledger.Queued:
		b.Pending = r.Operation
	case r.Result != nil && b.Version == r.Base:
		b.Document, b.Version = r.Result.Document, r.Result.Version
	}
	return b
}

func checkOpened(in api.OpenedDocument) error {
	if in.LocalPath == "" {
		return api.Fail(api.InvalidArgument, "argument", "localPath", "reason", "it is empty")
	}
	if err := checkLocalPath(in.LocalPath); err != nil {
		return err
	}
	if err := entry.CheckCloudPath(in.Path); err != nil {
		return err
	}
	switch {
	case in.Kind != api.Single && in.Kind != api.Assembly:
		return api.Fail(api.InvalidArgument, "argument", "kind", "reason", "it is neither single nor assembly")
	case in.OpenType != api.OpenOnly && in.OpenType != api.OpenAndCheckout:
		return api.Fail(api.InvalidArgument, "argument", "openType", "reason", "it is neither OpenOnly nor OpenAndCheckout")
	case in.WorkState != api.CheckedIn && in.WorkState != api.CheckedOut:
		return api.Fail(api.InvalidArgument, "argument", "workState", "reason", "it is neither CHECKIN nor CHECKOUT")
	case in.Version < 0 || len(in.Document) > maxOperation || len(in.Hash) > maxOperation:
		return api.Fail(api.InvalidArgument, "argument", "document", "reason", "it names no version of a document")
	}
	return nil
}

// Lookup tells what a local path was opened from or saved to;
// api.NotFound where it was neither, by this account.
func (e *Engine) Lookup(ctx context.Context, in api.DocumentLookup) (api.OpenedDocument, error) {
	if err := checkLocalPath(in.LocalPath); err != nil {
		return api.OpenedDocument{}, err
	}
	account, err := e.saver(ctx, filepath.Clean(in.LocalPath))
	if err != nil {
		return api.OpenedDocument{}, api.Fail(api.NotFound, "what", in.LocalPath)
	}
	b, err := e.bindingOf(ctx, in.LocalPath, account)
	if err != nil {
		return api.OpenedDocument{}, err
	}
	if b == nil {
		return api.OpenedDocument{}, api.Fail(api.NotFound, "what", in.LocalPath)
	}
	return api.OpenedDocument{
		LocalPath: b.LocalPath, Document: b.Document, Path: b.Path, Kind: b.Kind, Version: b.Version,
		OpenType: b.OpenType, WorkState: b.WorkState, Hash: b.Hash,
	}, nil
}

// bindingOf is what a local path belongs to for an account; nil: nothing.
func (e *Engine) bindingOf(ctx context.Context, localPath, account string) (*ledger.Binding, error) {
	if localPath == "" {
		return nil, nil
	}
	b, ok, err := e.ledger.Binding(ctx, filepath.Clean(localPath))
	if err != nil || !ok || b.Account != account {
		return nil, err
	}
	return &b, nil
}

// personal is the name of the account's own space; empty while it is not
// known. It asks the marketplace once in the life of an account.
func (e *Engine) personal(ctx context.Context, account string) (string, error) {
	name, err := e.ledger.Personal(ctx, account)
	if err != nil || name != "" {
		return name, err
	}
	if a := e.cfg.Account(); !signedIn(a) || !a.Online || accountKey(a) != account {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	name, err = e.askPersonal(ctx, account)
	if err != nil {
		e.cfg.Log.Debug("asking for the own space", "error", err)
	}
	return name, nil
}

// askPersonal asks for the own space and remembers it.
func (e *Engine) askPersonal(ctx context.Context, account string) (string, error) {
	spaces, err := e.cfg.Market.Spaces(ctx)
	if err != nil {
		return "", err
	}
	for _, s := range spaces {
		if s.Personal && entry.CheckFolderPath("/"+s.Name) == nil {
			return s.Name, e.ledger.SetPersonal(context.WithoutCancel(ctx), account, s.Name)
		}
	}
	return "", api.Fail(api.NotFound, "what", "personal space")
}
