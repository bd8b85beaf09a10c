package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/chunk"
	"iscdesk.dev/agent/internal/cloudfile/core"
	"iscdesk.dev/agent/internal/cloudfile/stage"
	"iscdesk.dev/marketplace/agentapi"
)

// staged stages files of these sizes; it gives their content, how to open it,
// its description, and the path of what lies on the disk.
func staged(t *testing.T, sizes ...int) ([]byte, func() (*stage.Blob, error), agentapi.Manifest, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "staging")
	dir, err := stage.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var entries []api.FileEntry
	total := 0
	for i, size := range sizes {
		entries = append(entries, api.FileEntry{Path: fmt.Sprint("f", i), Size: int64(size), Executable: i == 0})
		total += size
	}
	all := make([]byte, total)
	_, _ = rand.New(rand.NewSource(3)).Read(all)
	w, err := dir.Create(entries)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(all); err != nil {
		t.Fatal(err)
	}
	sealed, err := w.Seal()
	if err != nil {
		t.Fatal(err)
	}
	open := func() (*stage.Blob, error) { return dir.Read(sealed.Name) }
	return all, open, Uncut(sealed.Entries), filepath.Join(path, sealed.Name)
}

func TestCutFindsTheChunksOfEveryFile(t *testing.T) {
	all, open, uncut, _ := staged(t, 0, 5, chunk.MinSize, chunk.MinSize+1, 3<<20, 0, 1)
	if IsCut(uncut) {
		t.Fatal("cut before it was cut")
	}
	cut, err := Cut(t.Context(), open, uncut)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := CheckManifest(api.Assembly, cut); err != nil || !IsCut(cut) {
		t.Fatalf("not what a marketplace takes: %v", err)
	}
	splitter, err := chunk.NewSplitter()
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range cut.Entries {
		if e.Hash != uncut.Entries[i].Hash || e.Path != uncut.Entries[i].Path || e.Executable != (i == 0) {
			t.Errorf("entry %d is described as %+v", i, e)
		}
		want, err := splitter.Split(bytes.NewReader(all[:e.Size]))
		if err != nil {
			t.Fatal(err)
		}
		if e.Chunks == nil || (len(e.Chunks)+len(want) > 0 && !reflect.DeepEqual(e.Chunks, want)) {
			t.Errorf("entry %d is cut into %v, want %v", i, e.Chunks, want)
		}
		if len(e.Chunks) == 1 && e.Chunks[0].Hash != e.Hash {
			t.Errorf("entry %d is one chunk with another hash", i)
		}
		all = all[e.Size:]
	}
	again, err := Cut(t.Context(), open, uncut)
	if err != nil || !reflect.DeepEqual(again, cut) {
		t.Errorf("cut again it is another: %v", err)
	}
}

func TestCutNoticesDamage(t *testing.T) {
	const small, large = 1000, 300_000
	for name, row := range map[string]struct {
		damage func(path string) error
		what   string
	}{
		"in a small file":  {flip(10), "f0"},
		"in a large file":  {flip(small + large/2), "f1"},
		"in the last byte": {flip(small + large - 1), "f1"},
		"cut short":        {func(p string) error { return os.Truncate(p, small+large-1) }, "f1"},
		"gone":             {os.Remove, ""},
	} {
		_, open, uncut, path := staged(t, small, large)
		if err := row.damage(path); err != nil {
			t.Fatal(err)
		}
		_, err := Cut(t.Context(), open, uncut)
		if !errors.Is(err, api.ContentDamaged) || core.Judge(err) != core.Spoilt {
			t.Errorf("%s: %v", name, err)
		}
		if row.what != "" && api.AsError(err).Params["what"] != row.what {
			t.Errorf("%s: names %s", name, api.AsError(err).Params["what"])
		}
	}
}

func flip(at int64) func(path string) error {
	return func(path string) error {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		var b [1]byte
		_, err = f.ReadAt(b[:], at)
		b[0] ^= 0xff
		_, writeErr := f.WriteAt(b[:], at)
		return errors.Join(err, writeErr, f.Close())
	}
}

func TestCutEndsWithItsContext(t *testing.T) {
	_, open, uncut, _ := staged(t, 3<<20)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Cut(ctx, open, uncut); !errors.Is(err, api.Cancelled) || core.Judge(err) != core.TryAgain {
		t.Errorf("got %v", err)
	}
}

// TestDamagedContentIsNeverWhole reads as a client does who never looks past
// the bytes that he was promised.
func TestDamagedContentIsNeverWhole(t *testing.T) {
	_, open, uncut, path := staged(t, 1000, 300_000)
	if err := flip(2000)(path); err != nil {
		t.Fatal(err)
	}
	blob, err := open()
	if err != nil {
		t.Fatal(err)
	}
	r := blob.Content(Entries(uncut))
	if n, err := io.ReadFull(r, make([]byte, 301_000)); !errors.Is(err, api.ContentDamaged) {
		t.Errorf("%d bytes, %v", n, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
