package stage

import (
	"encoding/hex"

	"github.com/zeebo/blake3"

	"iscdesk.dev/agent/api"
)

// sums hashes the files of a document, whose bytes come one after the other.
type sums struct {
	whole *blake3.Hasher
	left  []api.FileEntry // whose hash is not known; the first one is being read
	seen  int64           // bytes of left[0]
	done  []string        // the hashes, in the order of the entries
}

func newSums(entries []api.FileEntry) *sums {
	s := &sums{whole: blake3.New(), left: entries, done: make([]string, 0, len(entries))}
	s.settle()
	return s
}

// take hashes the next bytes; more than there should be are left out.
func (s *sums) take(p []byte) {
	for len(p) > 0 && len(s.left) > 0 {
		n := int(min(int64(len(p)), s.left[0].Size-s.seen))
		_, _ = s.whole.Write(p[:n]) // never fails
		p, s.seen = p[n:], s.seen+int64(n)
		s.settle()
	}
}

// settle closes the files that are complete, empty ones included.
func (s *sums) settle() {
	for len(s.left) > 0 && s.seen == s.left[0].Size {
		var sum [32]byte
		s.done = append(s.done, hex.EncodeToString(s.whole.Sum(sum[:0])))
		s.whole.Reset()
		s.left, s.seen = s.left[1:], 0
	}
}
