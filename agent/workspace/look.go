package workspace

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"iscdesk.dev/agent/api"
)

// Found is what lies on the disk where a document would be opened to.
type Found struct {
	LocalPath string
	// There tells whether anything lies there. The rest is about that.
	There bool
	// Opened is what the service knows the path for; zero where it knows nothing.
	Opened api.OpenedDocument
	// Changed tells that it holds something that the service has in no version
	// and not on its way: Open would move it aside.
	Changed bool
}

// Look tells what lies where Open would bring a document of o.Path and o.Kind.
// It changes nothing.
//
// Errors: api.NameInvalid, api.FileUnreadable, api.Cancelled, and those of the
// service.
func Look(ctx context.Context, conn Fetcher, o Order) (Found, error) {
	base, err := o.root()
	if err != nil {
		return Found{}, err
	}
	target, err := localPath(o.Path)
	if err != nil {
		return Found{}, err
	}
	if o.Kind == api.Assembly || isZip(o.Path) {
		target = trimZip(target)
	}
	local, err := Local(filepath.Join(base, target))
	if err != nil {
		return Found{}, err
	}
	f := Found{LocalPath: local}
	switch _, err := os.Lstat(local); {
	case errors.Is(err, os.ErrNotExist):
		return f, nil
	case err != nil:
		return f, unreadable(local, err)
	}
	f.There, f.Changed = true, true
	err = conn.Call(ctx, api.CallDocumentLookup, api.DocumentLookup{LocalPath: local}, &f.Opened)
	if errors.Is(err, api.NotFound) {
		return f, nil
	}
	if err != nil || f.Opened.Hash == "" {
		return f, err
	}
	root, err := os.OpenRoot(filepath.Dir(local))
	if err != nil {
		return f, unreadable(local, err)
	}
	defer func() { _ = root.Close() }() // it was only read
	hash, err := hashLocal(ctx, root, filepath.Base(local))
	if ctx.Err() != nil {
		return f, api.Fail(api.Cancelled).Because(ctx.Err())
	}
	f.Changed = err != nil || hash != f.Opened.Hash // what cannot be read, or is a link, is not what was opened
	return f, nil
}
