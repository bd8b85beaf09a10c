package cloudfile

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
	"iscdesk.dev/marketplace/agentapi"
)

// Trash sets a document aside: it leaves its folder, with all its versions.
// Saves of it that are on their way have to be published first, because they
// would make a document of their own in its place.
func (e *Engine) Trash(ctx context.Context, path string) (api.TrashedDocument, error) {
	d, err := e.find(ctx, path)
	if err != nil {
		return api.TrashedDocument{}, err
	}
	switch _, pending, err := e.ledger.Newest(ctx, e.account(), d.Path); {
	case err != nil:
		return api.TrashedDocument{}, err
	case pending:
		return api.TrashedDocument{}, api.Fail(api.SavesWaiting, "path", d.Path)
	}
	t, err := e.cfg.Market.SetAside(ctx, d.ID, d.Current.Number)
	if err != nil {
		return api.TrashedDocument{}, err
	}
	e.cfg.Log.Info("set aside", "path", d.Path, "document", d.ID)
	if err := e.ledger.NotRecent(context.WithoutCancel(ctx), d.ID); err != nil {
		e.cfg.Log.Warn("keeping what was set aside out of the recent documents", "error", err)
	}
	e.cfg.Notify.Changed(api.SectionRecent)
	return trashedOf(t), nil
}

func trashedOf(t agentapi.TrashedDocument) api.TrashedDocument {
	d := t.Document
	return api.TrashedDocument{
		ID: d.ID, Path: d.Path, Name: d.Name, Kind: api.DocumentKind(d.Kind), Version: d.Current.Number, Size: d.Current.Size,
		Author: d.Current.Author, By: t.By, Time: unix(t.Since),
	}
}

// Trashed lists the documents below a path that were set aside, the latest
// first.
func (e *Engine) Trashed(ctx context.Context, path string) (api.Trashed, error) {
	path, err := folderPath(path)
	if err != nil {
		return api.Trashed{}, err
	}
	list, err := e.cfg.Market.Trash(ctx, path)
	if err != nil {
		return api.Trashed{}, err
	}
	out := api.Trashed{Documents: make([]api.TrashedDocument, 0, len(list.Documents)), More: list.More}
	for _, t := range list.Documents {
		out.Documents = append(out.Documents, trashedOf(t))
	}
	return out, nil
}

// Untrash takes a document back.
func (e *Engine) Untrash(ctx context.Context, in api.Untrash) (api.Entry, error) {
	if in.Path != "" {
		if err := entry.CheckCloudPath(in.Path); err != nil {
			return api.Entry{}, err
		}
	}
	d, err := e.cfg.Market.TakeBack(ctx, in.ID, in.Path)
	if err != nil {
		return api.Entry{}, err
	}
	return entryOf(d), nil
}
