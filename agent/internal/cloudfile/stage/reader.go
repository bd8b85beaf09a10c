package stage

import (
	"errors"
	"io"
	"os"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/chunk"
	"iscdesk.dev/marketplace/agentapi"
)

// Blob reads staged content chunk by chunk.
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

// Content streams the whole of a staged document, verified.
func (b *Blob) Content(manifest agentapi.Manifest) io.ReadCloser {
	return &contentReader{blob: b, entries: manifest.Entries}
}

type contentReader struct {
	blob    *Blob
	entries []agentapi.ManifestEntry
	chunk   int // the next one of entries[0]
	offset  int64
	buf     []byte
	ready   []byte
}

func (r *contentReader) Read(p []byte) (int, error) {
	for len(r.ready) == 0 {
		for len(r.entries) > 0 && r.chunk == len(r.entries[0].Chunks) {
			r.entries, r.chunk = r.entries[1:], 0
		}
		if len(r.entries) == 0 {
			return 0, io.EOF
		}
		ref := r.entries[0].Chunks[r.chunk]
		buf, err := r.blob.Chunk(ref, r.offset, r.buf)
		if err != nil {
			return 0, err
		}
		r.buf, r.ready = buf, buf
		r.offset += int64(ref.Size)
		r.chunk++
	}
	n := copy(p, r.ready)
	r.ready = r.ready[n:]
	return n, nil
}

func (r *contentReader) Close() error { return r.blob.Close() }
