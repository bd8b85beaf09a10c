package transfer

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/zeebo/blake3"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
	"iscdesk.dev/marketplace/agentapi"
)

const (
	batchBytes  = 4 << 20
	batchChunks = 1000
	batchTime   = 5 * time.Minute
	batchTries  = 4
)

// Source is where content comes from.
type Source interface {
	FetchChunks(ctx context.Context, id string, number int, hashes []string) (io.ReadCloser, error)
}

// Version names what is fetched.
type Version struct {
	Document string
	Number   int
	Manifest agentapi.Manifest
}

// CheckManifest tells whether a manifest of the marketplace's describes a
// document that this machine would take.
func CheckManifest(kind api.DocumentKind, m agentapi.Manifest) ([]api.FileEntry, error) {
	entries := Entries(m)
	if err := entry.Check(kind, entries); err != nil {
		return nil, err
	}
	for _, e := range m.Entries {
		var size int64
		for _, c := range e.Chunks {
			if c.Size < 1 || c.Size > maxChunk || len(c.Hash) != 2*hashSize {
				return nil, api.Fail(api.ContentDamaged, "what", e.Path)
			}
			size += int64(c.Size)
		}
		if size != e.Size || len(e.Hash) != 2*hashSize {
			return nil, api.Fail(api.ContentDamaged, "what", e.Path)
		}
	}
	return entries, nil
}

// Entries are the files that a manifest describes.
func Entries(m agentapi.Manifest) []api.FileEntry {
	entries := make([]api.FileEntry, len(m.Entries))
	for i, e := range m.Entries {
		entries[i] = api.FileEntry{Path: e.Path, Size: e.Size, Executable: e.Executable, Hash: e.Hash}
	}
	return entries
}

// Fetch streams the content of a version whose manifest CheckManifest took.
// While one batch of chunks is read, the next is on its way. Reading gives an
// *api.Error where the content cannot be had or is not what the manifest says.
// Close ends the fetch and waits for it.
func Fetch(ctx context.Context, source Source, v Version) io.ReadCloser {
	ctx, cancel := context.WithCancel(ctx)
	r := &reader{batches: make(chan batch), entries: v.Manifest.Entries, whole: blake3.New(), cancel: cancel}
	f := fetcher{source: source, version: v}
	go func() {
		defer close(r.batches)
		f.run(ctx, r.batches)
	}()
	return r
}

// batch is a run of chunks, one after the other, or why there are no more.
type batch struct {
	content []byte
	err     error
}

type fetcher struct {
	source  Source
	version Version
}

func (f fetcher) run(ctx context.Context, out chan<- batch) {
	var run []agentapi.ChunkRef
	size := 0
	flush := func() bool {
		if len(run) == 0 {
			return true
		}
		content, err := f.batch(ctx, run, size)
		run, size = run[:0], 0
		select {
		case out <- batch{content: content, err: err}:
			return err == nil
		case <-ctx.Done():
			return false
		}
	}
	for _, e := range f.version.Manifest.Entries {
		for _, c := range e.Chunks {
			run, size = append(run, c), size+c.Size
			if (size >= batchBytes || len(run) >= batchChunks) && !flush() {
				return
			}
		}
	}
	flush()
}

// batch fetches a run of chunks. What was cut off goes on with the chunks that
// are still lacking.
func (f fetcher) batch(ctx context.Context, run []agentapi.ChunkRef, size int) ([]byte, error) {
	have := make(map[string][]byte, len(run))
	for try := 1; ; try++ {
		err := f.collect(ctx, run, have)
		if err == nil {
			break
		}
		if try == batchTries || !again(err) {
			return nil, err
		}
		select {
		case <-time.After(time.Duration(try) * 200 * time.Millisecond):
		case <-ctx.Done():
			return nil, api.Fail(api.Cancelled).Because(ctx.Err())
		}
	}
	content := make([]byte, 0, size)
	for _, c := range run {
		content = append(content, have[c.Hash]...)
	}
	return content, nil
}

func again(err error) bool {
	return errors.Is(err, api.Offline) || errors.Is(err, api.MarketplaceFailed) || errors.Is(err, api.ContentDamaged) || errors.Is(err, api.Busy)
}

func (f fetcher) collect(ctx context.Context, run []agentapi.ChunkRef, have map[string][]byte) error {
	var hashes []string
	var sizes []int
	asked := make(map[string]struct{}, len(run))
	for _, c := range run {
		_, twice := asked[c.Hash]
		if _, ok := have[c.Hash]; !ok && !twice {
			asked[c.Hash] = struct{}{}
			hashes, sizes = append(hashes, c.Hash), append(sizes, c.Size)
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, batchTime)
	defer cancel()
	body, err := f.source.FetchChunks(ctx, f.version.Document, f.version.Number, hashes)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was only read
	for i, hash := range hashes {
		content, err := readRecord(body, hash, sizes[i])
		if err != nil {
			return err
		}
		have[hash] = content
	}
	return nil
}

// reader gives the batches as one stream and checks the hash of each entry.
type reader struct {
	batches chan batch
	entries []agentapi.ManifestEntry
	seen    int64 // of entries[0]
	whole   *blake3.Hasher
	ready   []byte
	err     error
	cancel  context.CancelFunc
}

func (r *reader) Read(p []byte) (int, error) {
	for r.err == nil {
		if r.err = r.settle(); r.err != nil {
			break
		}
		if len(r.ready) == 0 {
			b, ok := <-r.batches
			if !ok {
				b.err = api.Fail(api.Cancelled)
			}
			r.ready, r.err = b.content, b.err
			continue
		}
		n := copy(p, r.ready[:min(int64(len(r.ready)), r.entries[0].Size-r.seen)])
		_, _ = r.whole.Write(r.ready[:n]) // never fails
		r.ready, r.seen = r.ready[n:], r.seen+int64(n)
		return n, nil
	}
	return 0, r.err
}

// settle closes the entries that are complete; io.EOF after the last.
func (r *reader) settle() error {
	for len(r.entries) > 0 && r.seen == r.entries[0].Size {
		var sum [hashSize]byte
		if hex.EncodeToString(r.whole.Sum(sum[:0])) != r.entries[0].Hash {
			return api.Fail(api.ContentDamaged, "what", r.entries[0].Path)
		}
		r.whole.Reset()
		r.entries, r.seen = r.entries[1:], 0
	}
	if len(r.entries) == 0 {
		return io.EOF
	}
	return nil
}

func (r *reader) Close() error {
	r.cancel()
	for range r.batches {
		continue // until the fetch has ended
	}
	return nil
}
