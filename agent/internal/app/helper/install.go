package helper

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/archive"
)

// The scripts of a package, without what the system adds to their names.
const (
	installScript   = "scripts/install"
	uninstallScript = "scripts/uninstall"
)

// install makes the order's version the one in use, or leaves everything as
// it was.
func (p *place) install(ctx context.Context, o Order, pkg io.Reader) error {
	format, err := archive.FormatOf(o.File)
	if err != nil {
		return err
	}
	if err := p.recover(); err != nil {
		return unwritable(p.dir, err)
	}
	partial := p.path(o.Version + partialSuffix)
	err = unpack(ctx, partial, pkg, format)
	if err == nil {
		err = p.adopt(ctx, o, partial)
	}
	return withProduct(unwritable(p.dir, err), o.Product, removeAll(partial))
}

// adopt makes a version of what was unpacked and points to it; the version in
// use so far stays beside it, for programs that still run from there.
func (p *place) adopt(ctx context.Context, o Order, partial string) error {
	previous, final := current(p.dir), p.path(o.Version)
	if err := p.setAside(o.Version); err != nil {
		return err
	}
	err := os.Mkdir(final, 0o755)
	if err == nil {
		err = p.script(ctx, o, partial, final, installScript)
	}
	if err == nil {
		err = settle(partial, final)
	}
	if err == nil {
		err = point(p.dir, o.Version)
	}
	if err != nil {
		return errors.Join(err, removeAll(final), p.restore(o.Version))
	}
	return p.prune(o.Version, previous)
}

func unpack(ctx context.Context, partial string, pkg io.Reader, format archive.Format) error {
	if err := os.MkdirAll(partial, 0o755); err != nil { // it can be there still, empty
		return err
	}
	root, err := os.OpenRoot(partial)
	if err != nil {
		return err
	}
	err = archive.Unpack(ctx, root, pkg, format, archive.DefaultLimits())
	return errors.Join(err, root.Close())
}

// settle makes one folder of what the script wrote into final and what the
// package holds; where both have a file, the script's stays. It is durable
// when settle returns.
func settle(partial, final string) error {
	if movesFolders && os.Remove(final) == nil {
		if err := os.Rename(partial, final); err != nil {
			return err
		}
		return flush(final)
	}
	if err := merge(partial, final); err != nil {
		return err
	}
	return errors.Join(emptied(partial), flush(final))
}

func merge(from, into string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		source, target := filepath.Join(from, e.Name()), filepath.Join(into, e.Name())
		there, err := os.Lstat(target)
		switch {
		case errors.Is(err, os.ErrNotExist):
			err = os.Rename(source, target)
		case err == nil && e.IsDir() && there.IsDir():
			err = merge(source, target)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func flush(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	return errors.Join(archive.Flush(root), root.Close())
}

// uninstall runs the product's own script, goes on whatever it says, and
// removes the product. What the script said of a failure is the error, once
// everything is gone.
func (p *place) uninstall(ctx context.Context, o Order) error {
	recovered := p.recover()
	var said error
	if version := current(p.dir); version != "" {
		dir := p.path(version)
		said = p.script(ctx, o, dir, dir, uninstallScript)
	}
	removed := removeAll(p.dir)
	if removed != nil {
		return unwritable(p.dir, removed)
	}
	return withProduct(said, o.Product, recovered)
}

// withProduct completes an error of the archive or a script with the name
// that its text needs.
func withProduct(err error, product string, also error) error {
	if err == nil {
		return nil
	}
	e := api.AsError(err)
	if e.Params == nil {
		e.Params = make(map[string]string)
	}
	if _, there := e.Params["product"]; !there {
		e.Params["product"] = product
	}
	return e.Because(errors.Join(errors.Unwrap(e), also))
}
