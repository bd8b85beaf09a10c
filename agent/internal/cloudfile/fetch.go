package cloudfile

import (
	"context"
	"io"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
	"iscdesk.dev/agent/internal/cloudfile/transfer"
	"iscdesk.dev/agent/workspace/entry"
)

// Fetch streams a version of a document: the bytes of the header's entries,
// one after the other, verified. Version 0 is the newest, and the newest is
// what this machine has saved and not yet published, where there is such.
func (e *Engine) Fetch(ctx context.Context, in api.FetchBegin) (api.FetchHeader, io.ReadCloser, error) {
	if err := entry.CheckCloudPath(in.Path); err != nil {
		return api.FetchHeader{}, nil, err
	}
	account := e.account()
	if account == "" {
		return api.FetchHeader{}, nil, api.Fail(api.SignedOut)
	}
	if in.Version == 0 {
		r, staged, err := e.ledger.Newest(ctx, account, in.Path)
		if err != nil {
			return api.FetchHeader{}, nil, err
		}
		if staged {
			header, content, err := e.fetchStaged(ctx, r)
			if again, _, findErr := e.ledger.Find(ctx, r.Operation); err == nil || findErr != nil || again.State == ledger.Queued {
				return header, content, err
			}
			// It was published in this very moment.
		}
	}
	return e.fetchRemote(ctx, in)
}

func (e *Engine) fetchStaged(ctx context.Context, r ledger.Row) (api.FetchHeader, io.ReadCloser, error) {
	m, err := e.ledger.Manifest(ctx, r.Operation)
	if err != nil {
		return api.FetchHeader{}, nil, err
	}
	blob, err := e.dir.Read(r.Blob)
	if err != nil {
		return api.FetchHeader{}, nil, err
	}
	entries := transfer.Entries(m)
	return api.FetchHeader{
		Document: r.Document, Path: r.Path, Kind: r.Kind, Version: r.Base, Entries: entries,
	}, blob.Content(entries), nil
}

func (e *Engine) fetchRemote(ctx context.Context, in api.FetchBegin) (api.FetchHeader, io.ReadCloser, error) {
	d, err := e.cfg.Market.FindDocument(ctx, in.Path)
	if err != nil {
		return api.FetchHeader{}, nil, err
	}
	number := in.Version
	if number == 0 {
		number = d.Current.Number
	}
	m, err := e.cfg.Market.Manifest(ctx, d.ID, number)
	if err != nil {
		return api.FetchHeader{}, nil, err
	}
	kind := api.DocumentKind(d.Kind)
	entries, err := transfer.CheckManifest(kindOf(kind, len(m.Entries)), m)
	if err != nil {
		return api.FetchHeader{}, nil, err
	}
	header := api.FetchHeader{Document: d.ID, Path: d.Path, Kind: kindOf(kind, len(entries)), Version: number, Entries: entries}
	return header, transfer.Fetch(ctx, e.cfg.Market, transfer.Version{Document: d.ID, Number: number, Manifest: m}), nil
}

// kindOf is the kind of an old version, whose document may have been a single
// file once and be an assembly now.
func kindOf(kind api.DocumentKind, entries int) api.DocumentKind {
	if kind == api.Single && entries != 1 {
		return api.Assembly
	}
	return kind
}
