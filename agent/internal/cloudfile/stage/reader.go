package stage

import (
	"bufio"
	"errors"
	"io"
	"os"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/chunk"
	"iscdesk.dev/marketplace/agentapi"
)

// Blob reads staged content.
type Blob struct {
	file *os.File
}

// Read opens a staged file. Content that is not there is api.ContentDamaged:
// the ledger says it should be.
func (d Dir) Read(name string) (*Blob, error) {
	f, err := os.Open(d.file(name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, api.Fail(api.ContentDamaged, "what", name).Because(err)
	}
	if err != nil {
		return nil, ioError(err)
	}
	return &Blob{file: f}, nil
}

// Chunk reads the chunk at offset into buf, which it grows where it must, and
// checks its hash.
func (b *Blob) Chunk(ref agentapi.ChunkRef, offset int64, buf []byte) ([]byte, error) {
	if cap(buf) < ref.Size {
		buf = make([]byte, ref.Size, max(ref.Size, chunk.MaxSize))
	}
	buf = buf[:ref.Size]
	if _, err := b.file.ReadAt(buf, offset); err != nil && (!errors.Is(err, io.EOF) || ref.Size > 0) {
		return buf, api.Fail(api.ContentDamaged, "what", ref.Hash).Because(err)
	}
	if chunk.Hash(buf) != ref.Hash {
		return buf, api.Fail(api.ContentDamaged, "what", ref.Hash)
	}
	return buf, nil
}

// Close closes the file.
func (b *Blob) Close() error { return b.file.Close() }

// Content streams the whole of a staged document from its beginning. The end
// of a file is given only when the file is what its hash says; otherwise there
// is api.ContentDamaged instead of it. Closing it closes the blob.
func (b *Blob) Content(entries []api.FileEntry) io.ReadCloser {
	size := int64(0)
	for _, e := range entries {
		size += e.Size
	}
	section := io.NewSectionReader(b.file, 0, size)
	return &contentReader{blob: b, in: bufio.NewReaderSize(section, readSize), entries: entries, sums: newSums(entries)}
}

// readSize is how much of small files is read at once.
const readSize = 256 << 10

type contentReader struct {
	blob    *Blob
	in      *bufio.Reader
	entries []api.FileEntry
	sums    *sums
	checked int // how many entries are what they should be
}

func (r *contentReader) Read(p []byte) (int, error) {
	if err := r.check(); err != nil {
		return 0, err
	}
	if r.checked == len(r.entries) {
		return 0, io.EOF
	}
	n, err := r.in.Read(p)
	r.sums.take(p[:n])
	switch {
	case errors.Is(err, io.EOF):
		return 0, api.Fail(api.ContentDamaged, "what", r.entries[r.checked].Path).Because(io.ErrUnexpectedEOF)
	case err != nil:
		return 0, ioError(err)
	}
	if err := r.check(); err != nil {
		return 0, err
	}
	return n, nil
}

// check compares the files that have been read to their ends.
func (r *contentReader) check() error {
	for ; r.checked < len(r.sums.done); r.checked++ {
		if e := r.entries[r.checked]; r.sums.done[r.checked] != e.Hash {
			return api.Fail(api.ContentDamaged, "what", e.Path)
		}
	}
	return nil
}

func (r *contentReader) Close() error { return r.blob.Close() }
