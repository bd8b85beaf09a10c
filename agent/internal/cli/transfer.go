package cli

import (
	"context"
	"os"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session"
	"iscdesk.dev/agent/workspace"
)

// overTransfer opens a connection for content and closes it after use.
func (r remote) overTransfer(ctx context.Context, use func(*session.Client) error) error {
	t, err := r.Transfer(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }() // all answers are in
	return use(t)
}

// Lookup tells what a local path was opened from.
func (r remote) Lookup(ctx context.Context, local string) (opened api.OpenedDocument, err error) {
	err = r.overTransfer(ctx, func(t *session.Client) error {
		return t.Call(ctx, api.CallDocumentLookup, api.DocumentLookup{LocalPath: local}, &opened)
	})
	return opened, err
}

// Save describes and sends a file or an assembly folder.
func (r remote) Save(ctx context.Context, order SaveOrder) (saved api.Saved, err error) {
	info, statErr := os.Stat(order.Local)
	source, err := workspace.Describe(order.Local, statErr == nil && info.IsDir())
	if err != nil {
		return api.Saved{}, err
	}
	source.Progress = order.Progress
	begin := api.SaveBegin{
		Operation: order.Operation, Path: order.Cloud, Overwrite: order.Overwrite, Base: order.Base,
		Comment: order.Comment, Solve: order.Solve,
	}
	err = r.overTransfer(ctx, func(t *session.Client) error {
		saved, err = workspace.Save(ctx, t, begin, source)
		return err
	})
	return saved, err
}

// Fetch writes a document to a local path.
func (r remote) Fetch(ctx context.Context, order FetchOrder) (got Fetched, err error) {
	picked := api.Picked{Path: order.Cloud, Version: order.Version, OpenType: api.OpenOnly, WorkState: api.CheckedIn}
	if order.Checkout {
		picked.OpenType, picked.WorkState = api.OpenAndCheckout, api.CheckedOut
	}
	err = r.overTransfer(ctx, func(t *session.Client) error {
		opened, err := workspace.OpenTo(ctx, t, workspace.Order{Picked: picked, To: order.Local, Progress: order.Progress})
		got = Fetched{
			LocalPath: opened.LocalPath, Path: opened.Path, Kind: opened.Kind, Version: opened.Version,
			Size: opened.Size, Aside: opened.Aside,
		}
		return err
	})
	return got, err
}
