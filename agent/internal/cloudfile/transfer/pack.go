package transfer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
)

// send sends a pack, and gives the error that has stopped it in its middle.
func send(ctx context.Context, store Store, body *packBody) error {
	ctx, cancel := context.WithTimeout(ctx, packTime)
	defer cancel()
	defer body.detach()
	if err := store.UploadPack(ctx, body); err != nil {
		return err
	}
	return body.stoppedBy()
}

// packBody lends a pack, whose chunks end at ends, to a request, chunk by
// chunk. A pack that is stopped ends with the chunk before, and is whole for
// whoever gets it; so its length is not known beforehand. An answer may come
// before all of the request was sent, and its sender still read then; detach
// ends that, so that the memory of the pack can be used again.
type packBody struct {
	ends  []int
	going func() error // its error stops the pack
	sent  func(n int)  // how many bytes of content were taken

	mu      sync.Mutex // guards what follows
	in      *bytes.Reader
	stopped error
	over    bool
}

// Read never goes beyond the end of a chunk, and asks whether to go on before
// each but the first.
func (b *packBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return 0, io.ErrClosedPipe
	}
	at := int(b.in.Size()) - b.in.Len()
	next, ended := slices.BinarySearch(b.ends, at)
	if ended {
		next++
		b.sent(at - next*headSize)
		if b.stopped == nil && b.in.Len() > 0 {
			b.stopped = b.going()
		}
		if b.stopped != nil {
			return 0, io.EOF
		}
	}
	if next < len(b.ends) {
		p = p[:min(len(p), b.ends[next]-at)]
	}
	return b.in.Read(p)
}

// errNoLength tells that the end is not known before it is reached.
var errNoLength = errors.New("the length of a pack is not known")

// Seek lets a request begin anew.
func (b *packBody) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		return 0, errNoLength
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if whence == io.SeekStart {
		b.stopped = nil
	}
	return b.in.Seek(offset, whence)
}

func (b *packBody) stoppedBy() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stopped
}

func (b *packBody) detach() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
}
