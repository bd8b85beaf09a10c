package workspace

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/zeebo/blake3"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

// tempName is the name of what is not complete yet. It is hidden and never the
// name of a document's file by chance.
func tempName() string { return ".iscdesk-" + strings.ToLower(rand.Text()) }

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// receive writes the content to p.temp, checks it and makes it durable. It
// gives the hash of what lies there. After an error nothing lies there.
func (p place) receive(ctx context.Context, content io.Reader, h api.FetchHeader) (hash string, err error) {
	defer func() {
		if err != nil {
			_ = p.root.RemoveAll(p.temp) // the error to tell is the other one
		}
	}()
	entries := h.Entries
	switch {
	case p.zip:
		entries, err = p.receiveZip(ctx, content, h.Entries[0])
	case p.folder:
		err = p.receiveFolder(ctx, content, h.Entries)
	default:
		err = writeEntry(p.root, p.temp, content, h.Entries[0])
	}
	if err != nil {
		return "", err
	}
	// The stream ends with the service's verdict on it.
	if n, err := io.Copy(io.Discard, content); err != nil || n != 0 {
		return "", damagedUnless(err, h.Path)
	}
	if err := makeDurable(p.root, p.temp); err != nil {
		return "", unwritable(p.local(), err)
	}
	return entry.HashEntries(entries), nil
}

func (p place) receiveFolder(ctx context.Context, content io.Reader, entries []api.FileEntry) error {
	if err := p.root.Mkdir(p.temp, 0o700); err != nil {
		return unwritable(p.local(), err)
	}
	made := map[string]bool{".": true}
	for _, e := range entries {
		if ctx.Err() != nil {
			return api.Fail(api.Cancelled).Because(ctx.Err())
		}
		local := filepath.FromSlash(e.Path)
		if dir := filepath.Dir(local); !made[dir] {
			if err := p.root.MkdirAll(filepath.ToSlash(filepath.Join(p.temp, dir)), 0o700); err != nil {
				return unwritable(filepath.Join(p.local(), dir), err)
			}
			made[dir] = true
		}
		if err := writeEntry(p.root, filepath.Join(p.temp, local), content, e); err != nil {
			return err
		}
	}
	return nil
}

// receiveZip writes the archive beside the place, unpacks it into p.temp and
// deletes it.
func (p place) receiveZip(ctx context.Context, content io.Reader, e api.FileEntry) ([]api.FileEntry, error) {
	archive := filepath.Join(p.dir, tempName())
	defer func() { _ = p.root.Remove(archive) }() // a temporary copy
	if err := writeEntry(p.root, archive, content, e); err != nil {
		return nil, err
	}
	if err := p.root.Mkdir(p.temp, 0o700); err != nil {
		return nil, unwritable(p.local(), err)
	}
	return unpack(ctx, p.root, archive, p.temp, p.name)
}

// writeEntry writes one file from the stream and checks it.
func writeEntry(root *os.Root, path string, content io.Reader, e api.FileEntry) error {
	f, err := root.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, modeOf(e.Executable))
	if err != nil {
		return unwritable(path, err)
	}
	h := blake3.New()
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(content, e.Size))
	startWriteback(f)
	if closeErr := f.Close(); err == nil && closeErr != nil {
		err = closeErr
	}
	switch pathErr := (*fs.PathError)(nil); {
	case errors.As(err, &pathErr):
		return unwritable(path, err)
	case err != nil || n != e.Size || hexSum(h) != e.Hash:
		return damagedUnless(err, e.Path)
	}
	return nil
}

// damagedUnless is the error of the stream, where there is one.
func damagedUnless(err error, what string) error {
	if _, coded := errors.AsType[*api.Error](err); coded {
		return err
	}
	return api.Fail(api.ContentDamaged, "what", what).Because(err)
}

// progressReader tells how much has come.
type progressReader struct {
	in          io.Reader
	done, total int64
	tell        func(done, total int64)
}

func (r *progressReader) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	r.done += int64(n)
	if r.tell != nil && n > 0 {
		r.tell(r.done, r.total)
	}
	return n, err
}
