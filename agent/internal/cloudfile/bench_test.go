package cloudfile

import (
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"testing"

	"iscdesk.dev/agent/api"
)

// BenchmarkSave100MiB is what 'saved' costs inside the service; beside it
// stands what copying and syncing the same bytes costs. Both delete what they
// wrote, so that both write to a disk that is equally used.
func BenchmarkSave100MiB(b *testing.B) {
	h := newHouse(b)
	data := make([]byte, 100<<20)
	_, _ = rand.New(rand.NewSource(1)).Read(data)
	h.account.set(func(a *api.Account) { a.Online = false })
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		h.saveBytes(h.begin("/w/big.stp"), data)
		for _, staged := range h.staged() {
			_ = os.Remove(staged)
		}
	}
}

func BenchmarkCopyAndSync100MiB(b *testing.B) {
	dir := b.TempDir()
	from := filepath.Join(dir, "from")
	if err := os.WriteFile(from, make([]byte, 100<<20), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(100 << 20)
	for b.Loop() {
		in, err := os.Open(from)
		if err != nil {
			b.Fatal(err)
		}
		out, err := os.Create(filepath.Join(dir, "to"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(struct{ io.Writer }{out}, struct{ io.Reader }{in}); err != nil {
			b.Fatal(err)
		}
		if err := out.Sync(); err != nil {
			b.Fatal(err)
		}
		_, _ = out.Close(), in.Close()
		_ = os.Remove(out.Name())
	}
}
