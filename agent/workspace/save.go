package workspace

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

// pieceSize is how much is read and sent at once. It is one frame of the
// largest size: both sides wake up for each.
const pieceSize = 1 << 20

// Save sends a document to the service and returns once its content is safe on
// this machine. What begin leaves open follows from src; an empty Operation
// becomes a new one. A file that is replaced, grows, shrinks or is touched
// while it is read is api.FileChanged, and nothing is saved. So is one that
// differs from what its operation saved before, with ErrOtherContent as cause.
func Save(ctx context.Context, t Transfer, begin api.SaveBegin, src Source) (api.Saved, error) {
	if begin.Operation == "" {
		begin.Operation = rand.Text()
	}
	begin.LocalPath, begin.Kind, begin.Name, begin.Entries = src.Path, src.Kind, src.Name, src.Entries
	if src.Kind == api.Assembly {
		zipped, err := opensAsZip(ctx, t, src.Path)
		if err != nil {
			return api.Saved{}, err
		}
		if zipped != "" && !begin.SaveAs && (begin.Path == "" || begin.Path == zipped) {
			return saveZipped(ctx, t, begin, src, filepath.Base(filepath.FromSlash(zipped)))
		}
	}
	return send(ctx, t, begin, src)
}

// opensAsZip is the cloud path of the .zip that a folder was unpacked from,
// empty where it was not.
func opensAsZip(ctx context.Context, t Transfer, path string) (string, error) {
	var opened api.OpenedDocument
	err := t.Call(ctx, api.CallDocumentLookup, api.DocumentLookup{LocalPath: path}, &opened)
	switch {
	case errors.Is(err, api.NotFound):
		return "", nil
	case err != nil:
		return "", err
	case opened.Kind == api.Single && isZip(opened.Path):
		return opened.Path, nil
	}
	return "", nil
}

func isZip(path string) bool { return strings.EqualFold(filepath.Ext(path), ".zip") }

func send(ctx context.Context, t Transfer, begin api.SaveBegin, src Source) (api.Saved, error) {
	var ticket api.SaveTicket
	if err := t.Call(ctx, api.CallSaveBegin, begin, &ticket); err != nil {
		return api.Saved{}, err
	}
	commit := api.SaveCommit{Operation: begin.Operation}
	if !ticket.Done {
		err := src.pour(ctx, t)
		changed, isChange := errors.AsType[*changedError](err)
		switch {
		case isChange:
			commit.Changed = changed.path
		case err != nil:
			return api.Saved{}, err
		}
		if err := t.EndContent(); err != nil {
			return api.Saved{}, err
		}
	}
	var saved api.Saved
	err := t.Call(ctx, api.CallSaveCommit, commit, &saved)
	if commit.Changed != "" {
		return api.Saved{}, api.Fail(api.FileChanged, "path", filepath.Join(src.root, filepath.FromSlash(commit.Changed)))
	}
	if err == nil && ticket.Done {
		err = src.holds(ctx, saved.Hash)
	}
	return saved, err
}

// ErrOtherContent is the cause of the api.FileChanged that a save gives whose
// operation was done before, with other content: what lies on the disk now is
// not saved.
const ErrOtherContent = otherContent("the operation saved other content")

type otherContent string

func (e otherContent) Error() string { return string(e) }

// holds tells whether the content on the disk is what hash stands for.
func (s Source) holds(ctx context.Context, hash string) error {
	root, err := os.OpenRoot(s.root)
	if err != nil {
		return unreadable(s.root, err)
	}
	defer func() { _ = root.Close() }() // it was only read
	entries := make([]api.FileEntry, len(s.Entries))
	for i, e := range s.Entries {
		if ctx.Err() != nil {
			return api.Fail(api.Cancelled).Because(ctx.Err())
		}
		f, err := s.open(root, e.Path)
		if err != nil {
			return err
		}
		if entries[i], err = hashOpen(f, e.Path); err != nil {
			return err
		}
	}
	if entry.HashEntries(entries) != hash {
		return api.Fail(api.FileChanged, "path", s.Path).Because(ErrOtherContent)
	}
	return nil
}

// changedError tells that a file is not what it was when it was described.
type changedError struct{ path string }

func (e *changedError) Error() string { return "changed while it was read: " + e.path }

// pour sends the bytes of the entries, one after the other.
func (s Source) pour(ctx context.Context, t Transfer) error {
	root, err := os.OpenRoot(s.root)
	if err != nil {
		return unreadable(s.root, err)
	}
	defer func() { _ = root.Close() }() // it was only read
	p := pourer{out: t, buf: make([]byte, pieceSize), total: entry.Total(s.Entries), tell: s.Progress}
	for i, e := range s.Entries {
		if err := ctx.Err(); err != nil {
			return api.Fail(api.Cancelled).Because(err)
		}
		if err := p.file(root, s, e, s.times[i]); err != nil {
			return err
		}
	}
	return p.flush()
}

// pourer sends files in pieces; small ones share a piece.
type pourer struct {
	out         Transfer
	buf         []byte
	held        int // bytes of buf that are not sent yet
	sent, total int64
	tell        func(done, total int64)
}

func (p *pourer) file(root *os.Root, s Source, e api.FileEntry, described time.Time) error {
	f, err := s.open(root, e.Path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	if !same(f, e.Size, described) {
		return &changedError{e.Path}
	}
	for left := e.Size; left > 0; {
		room := p.buf[p.held:]
		n, err := f.Read(room[:min(int64(len(room)), left)])
		p.held, left = p.held+n, left-int64(n)
		if errors.Is(err, io.EOF) && left > 0 {
			return &changedError{e.Path}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return unreadable(filepath.Join(s.root, filepath.FromSlash(e.Path)), err)
		}
		if p.held == len(p.buf) {
			if err := p.flush(); err != nil {
				return err
			}
		}
	}
	if !same(f, e.Size, described) {
		return &changedError{e.Path}
	}
	return nil
}

func (p *pourer) flush() error {
	if p.held == 0 {
		return nil
	}
	if err := p.out.WriteContent(p.buf[:p.held]); err != nil {
		return err
	}
	p.sent, p.held = p.sent+int64(p.held), 0
	if p.tell != nil {
		p.tell(p.sent, p.total)
	}
	return nil
}

// open opens one entry. In an assembly no link is followed; a single file was
// named by the user, link or not.
func (s Source) open(root *os.Root, path string) (*os.File, error) {
	if s.alias != "" {
		path = s.alias
	}
	local := filepath.Join(s.root, filepath.FromSlash(path))
	if s.Kind == api.Single {
		f, err := os.Open(local)
		if err != nil {
			return nil, unreadable(local, err)
		}
		return f, nil
	}
	f, err := openEntry(root, filepath.FromSlash(path))
	if err != nil {
		return nil, unreadable(local, err)
	}
	return f, nil
}

// same tells whether a file is the one that was described, unchanged.
func same(f *os.File, size int64, described time.Time) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular() && info.Size() == size && info.ModTime().Equal(described)
}
