package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/archive"
)

const (
	partSuffix    = ".part"
	progressEvery = 500 * time.Millisecond
)

var errWrongSize = errors.New("the marketplace sent another size than it announced")

// fetch gives the package of a release, checked and held. What is here from
// an earlier attempt is not fetched again.
func (e *Engine) fetch(ctx context.Context, product string, r release) (*heldPackage, error) {
	name := strings.ToLower(r.Package.Sha256) + partSuffix
	out, err := e.dir.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, diskError(name, err)
	}
	// The handle to check and install from is opened before anything is checked.
	in, err := e.dir.Open(name)
	if err != nil {
		return nil, errors.Join(diskError(name, err), out.Close())
	}
	err = e.complete(ctx, product, r, out)
	err = errors.Join(err, out.Close())
	if err == nil {
		err = verify(ctx, in, product, r)
	}
	if err == nil {
		return &heldPackage{sha256: r.Package.Sha256, file: in}, nil
	}
	_ = in.Close() // opened for reading
	if errors.Is(err, api.PackageDamaged) {
		err = errors.Join(err, e.dir.Remove(name))
	}
	return nil, err
}

// complete fetches what is missing of the package.
func (e *Engine) complete(ctx context.Context, product string, r release, out *os.File) error {
	info, err := out.Stat()
	if err != nil {
		return diskError(out.Name(), err)
	}
	have := info.Size()
	if have == r.Package.Size {
		return nil
	}
	if have > r.Package.Size {
		have = 0
	}
	body, start, err := e.Market.Package(ctx, r.Package.Sha256, have)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	if err := out.Truncate(start); err != nil {
		return diskError(out.Name(), err)
	}
	if _, err := out.Seek(start, io.SeekStart); err != nil {
		return diskError(out.Name(), err)
	}
	w := &progressWriter{w: out, done: start, now: e.Now, tell: func(done int64) {
		e.tell(ctx, product, stateDownloading, done, nil)
	}}
	w.tell(start)
	// One byte more than announced, to notice a stream that goes on.
	_, err = io.Copy(w, io.LimitReader(body, r.Package.Size-start+1))
	err = errors.Join(err, out.Sync())
	switch {
	case w.failed != nil:
		return diskError(out.Name(), w.failed)
	case w.done > r.Package.Size:
		return damaged(product, errWrongSize)
	case err != nil:
		return api.Fail(api.Offline).Because(err)
	case w.done < r.Package.Size:
		return api.Fail(api.Offline).Because(io.ErrUnexpectedEOF)
	}
	return nil
}

// verify reads the whole package through the handle that is installed from.
func verify(ctx context.Context, in *os.File, product string, r release) error {
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(contextReader{ctx, in}, r.Package.Size+1))
	switch {
	case err != nil:
		return diskError(in.Name(), err)
	case n != r.Package.Size:
		return damaged(product, errWrongSize)
	case !strings.EqualFold(hex.EncodeToString(sum.Sum(nil)), r.Package.Sha256):
		return damaged(product, nil)
	}
	return nil
}

func damaged(product string, cause error) error {
	e := api.Fail(api.PackageDamaged, "product", product)
	if cause != nil {
		return e.Because(cause)
	}
	return e
}

func diskError(name string, err error) error {
	if archive.IsFull(err) {
		return api.Fail(api.DiskFull).Because(err)
	}
	return api.Fail(api.FileUnwritable, "path", name, "reason", "the service's own folder").Because(err)
}

// progressWriter writes and tells how far it got, not too often.
type progressWriter struct {
	w      io.Writer
	now    func() time.Time
	tell   func(done int64)
	done   int64
	told   time.Time
	failed error // of the disk, not of the network
}

// Write writes p.
func (w *progressWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	w.done += int64(n)
	w.failed = err
	if now := w.now(); now.Sub(w.told) >= progressEvery {
		w.told = now
		w.tell(w.done)
	}
	return n, err
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

// Read reads until the context ends.
func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// sweep removes the packages that no order wants.
func (e *Engine) sweep() {
	e.mu.Lock()
	wanted := make(map[string]bool)
	for _, r := range e.records {
		if r.Order != nil {
			wanted[strings.ToLower(r.Order.Package.Sha256)+partSuffix] = true
		}
	}
	e.mu.Unlock()
	entries, err := os.ReadDir(e.dir.Name())
	if err != nil {
		e.Log.Warn("packages not swept", "error", err)
		return
	}
	for _, entry := range entries {
		if !wanted[entry.Name()] && strings.HasSuffix(entry.Name(), partSuffix) {
			if err := e.dir.Remove(entry.Name()); err != nil {
				e.Log.Warn("package not removed", "error", err)
			}
		}
	}
}
