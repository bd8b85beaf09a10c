package stage

import (
	"errors"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/durable"
	"iscdesk.dev/agent/workspace/entry"
)

const (
	bufferSize     = 512 << 10
	bufferCount    = 12
	writebackEvery = 8 << 20
)

// readers is how many read each buffer: the disk and the hash.
const readers = 2

// buffer is a piece of content on its way to the disk and to the hash.
type buffer struct {
	data    []byte
	readers atomic.Int32 // who has yet to finish with it
}

// Writer takes the content of one save. It is for one goroutine; exactly one
// of Seal and Discard ends it.
type Writer struct {
	dir     Dir
	name    string
	entries []api.FileEntry
	left    int64 // bytes announced and not yet written

	file    *os.File
	current *buffer
	free    chan *buffer
	toDisk  chan *buffer
	toHash  chan *buffer
	failed  chan struct{} // closed on the first error
	once    sync.Once
	err     error
	done    sync.WaitGroup
	sums    *sums // of the hashing goroutine, until finish
	ended   bool
}

// Sealed is content that is safe on the disk.
type Sealed struct {
	Name    string // of the staged file
	Size    int64
	Entries []api.FileEntry // with their hashes
}

// Create begins to stage the content of entries, which entry.Check accepted.
func (d Dir) Create(entries []api.FileEntry) (*Writer, error) {
	name := d.newName()
	f, err := os.OpenFile(d.file(name), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, ioError(err)
	}
	w := &Writer{
		dir: d, name: name, entries: entries, left: entry.Total(entries), file: f,
		free: make(chan *buffer, bufferCount), toDisk: make(chan *buffer, bufferCount), toHash: make(chan *buffer, bufferCount),
		failed: make(chan struct{}), sums: newSums(entries),
	}
	size := int(min(bufferSize, max(w.left, 1)))
	for range min(bufferCount, int(w.left/bufferSize)+2) {
		w.free <- &buffer{data: make([]byte, 0, size)}
	}
	w.done.Go(w.writeFile)
	w.done.Go(w.hashFiles)
	return w, nil
}

// Write takes the next bytes of the entries. More than was announced is an
// error.
func (w *Writer) Write(p []byte) (int, error) {
	if int64(len(p)) > w.left {
		w.fail(api.Fail(api.FileChanged, "path", w.entries[len(w.entries)-1].Path))
		return 0, w.err
	}
	written := 0
	for len(p) > 0 {
		if w.current == nil {
			select {
			case w.current = <-w.free:
				w.current.data = w.current.data[:0]
			case <-w.failed:
				return written, w.err
			}
		}
		room := w.current.data[len(w.current.data):cap(w.current.data)]
		n := copy(room, p)
		w.current.data = w.current.data[:len(w.current.data)+n]
		p, written, w.left = p[n:], written+n, w.left-int64(n)
		if len(w.current.data) == cap(w.current.data) {
			w.pass()
		}
	}
	return written, nil
}

// pass hands the current buffer to the disk and to the hash. There are as
// many places in the channels as buffers, so it never waits.
func (w *Writer) pass() {
	if w.current == nil {
		return
	}
	w.current.readers.Store(readers)
	w.toDisk <- w.current
	w.toHash <- w.current
	w.current = nil
}

func (w *Writer) release(b *buffer) {
	if b.readers.Add(-1) == 0 {
		w.free <- b
	}
}

func (w *Writer) fail(err error) {
	w.once.Do(func() {
		w.err = err
		close(w.failed)
	})
}

// Seal waits until the content is on the disk for good, name and all, and
// hashed. After an error nothing of it is left.
func (w *Writer) Seal() (Sealed, error) {
	if w.left > 0 {
		w.fail(api.Fail(api.FileChanged, "path", w.firstShort()))
	}
	if err := w.finish(); err != nil {
		return Sealed{}, errors.Join(err, w.dir.Remove(w.name))
	}
	return Sealed{Name: w.name, Size: entry.Total(w.entries), Entries: w.hashed()}, nil
}

func (w *Writer) hashed() []api.FileEntry {
	out := slices.Clone(w.entries)
	for i := range out {
		out[i].Hash = w.sums.done[i]
	}
	return out
}

// Discard ends the staging and deletes what was written. After Seal it does
// nothing.
func (w *Writer) Discard() {
	if w.ended {
		return
	}
	w.fail(api.Fail(api.Cancelled))
	_ = w.finish()
	_ = w.dir.Remove(w.name) // Clean takes it at the next start otherwise
}

// finish ends the goroutines and the file. It syncs only what is whole.
func (w *Writer) finish() error {
	if w.ended {
		return w.err
	}
	w.ended = true
	w.pass()
	close(w.toDisk)
	close(w.toHash)
	w.done.Wait()
	if w.err == nil {
		if err := w.file.Sync(); err != nil {
			w.fail(ioError(err))
		}
	}
	if err := w.file.Close(); err != nil {
		w.fail(ioError(err))
	}
	if w.err == nil {
		if err := durable.SyncDir(w.dir.path); err != nil {
			w.fail(ioError(err))
		}
	}
	return w.err
}

// firstShort names the entry in which the content ended too early.
func (w *Writer) firstShort() string {
	got := entry.Total(w.entries) - w.left
	for _, e := range w.entries {
		if got < e.Size {
			return e.Path
		}
		got -= e.Size
	}
	return ""
}

func (w *Writer) writeFile() {
	var offset, started int64
	for b := range w.toDisk {
		if !w.hasFailed() {
			n, err := w.file.Write(b.data)
			offset += int64(n)
			if err != nil {
				w.fail(ioError(err))
			}
			if offset-started >= writebackEvery {
				startWriteback(w.file, started, offset-started)
				started = offset
			}
		}
		w.release(b)
	}
}

func (w *Writer) hasFailed() bool {
	select {
	case <-w.failed:
		return true
	default:
		return false
	}
}

func (w *Writer) hashFiles() {
	for b := range w.toHash {
		if !w.hasFailed() {
			w.sums.take(b.data)
		}
		w.release(b)
	}
}
