// Package content moves documents between the user's disk and the service for
// the tray app, with the user's own rights: agent/workspace does the work, and
// this package knows where a document goes, what a copy and an old version are
// called, and what of the things dropped onto a window is an assembly.
//
// Everything here may take long and belongs on no thread that draws.
package content

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session"
	"iscdesk.dev/agent/workspace"
)

// Connector opens connections for content; *client.Client is one.
type Connector interface {
	Transfer(ctx context.Context) (*session.Client, error)
}

// Disk is the user's disk.
type Disk struct{}

// over opens a connection for content and closes it after use.
func over(ctx context.Context, c Connector, use func(*session.Client) error) error {
	t, err := c.Transfer(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }() // all answers are in
	return use(t)
}

// Look tells what lies where a document would be opened to.
func (Disk) Look(ctx context.Context, c Connector, o workspace.Order) (f workspace.Found, err error) {
	err = over(ctx, c, func(t *session.Client) error {
		f, err = workspace.Look(ctx, t, o)
		return err
	})
	return f, err
}

// Open writes a document to its place in the user's workspace, or to o.To.
func (Disk) Open(ctx context.Context, c Connector, o workspace.Order) (opened workspace.Opened, err error) {
	err = over(ctx, c, func(t *session.Client) error {
		opened, err = workspace.OpenTo(ctx, t, o)
		return err
	})
	return opened, err
}

// Put is a file or assembly folder to save.
type Put struct {
	Operation string // the same for every attempt
	Local     string
	Assembly  bool
	// Cloud is where to; empty: where it was opened from.
	Cloud string
	// Overwrite makes it a version of the document that is there, which builds
	// on version Base.
	Overwrite bool
	Base      int
	Progress  func(done, total int64)
}

// Save returns once the content is safe on this machine.
func (Disk) Save(ctx context.Context, c Connector, p Put) (saved api.Saved, err error) {
	source, err := workspace.Describe(p.Local, p.Assembly)
	if err != nil {
		return api.Saved{}, err
	}
	source.Progress = p.Progress
	begin := api.SaveBegin{Operation: p.Operation, Path: p.Cloud, Overwrite: p.Overwrite, Base: p.Base}
	err = over(ctx, c, func(t *session.Client) error {
		saved, err = workspace.Save(ctx, t, begin, source)
		return err
	})
	return saved, err
}

// Origin tells what a local path was opened from; ok is false where the
// service knows nothing of it.
func (Disk) Origin(ctx context.Context, c Connector, local string) (opened api.OpenedDocument, ok bool) {
	err := over(ctx, c, func(t *session.Client) error {
		return t.Call(ctx, api.CallDocumentLookup, api.DocumentLookup{LocalPath: local}, &opened)
	})
	return opened, err == nil
}
