package stage

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/chunk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func content(seed int64, size int) []byte {
	data := make([]byte, size)
	_, _ = rand.New(rand.NewSource(seed)).Read(data)
	return data
}

func open(t testing.TB) Dir {
	t.Helper()
	d, err := Open(filepath.Join(t.TempDir(), "staging"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func create(t testing.TB, d Dir, entries []api.FileEntry) *Writer {
	t.Helper()
	w, err := d.Create(entries)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func files(t *testing.T, d Dir) int {
	t.Helper()
	list, err := os.ReadDir(d.path)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestWhatIsStagedIsWhatCame(t *testing.T) {
	d := open(t)
	var entries []api.FileEntry
	var all []byte
	for i, size := range []int{0, 5, 3 << 20, 0, 100_000, 1} {
		data := content(int64(i), size)
		entries = append(entries, api.FileEntry{Path: fmt.Sprint("f", i), Size: int64(size), Executable: i == 1})
		all = append(all, data...)
	}
	w := create(t, d, entries)
	for rest := all; len(rest) > 0; {
		n := min(len(rest), 77_777)
		if _, err := w.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	sealed, err := w.Seal()
	if err != nil {
		t.Fatal(err)
	}
	if !d.Holds(sealed.Name, int64(len(all))) || sealed.Size != int64(len(all)) {
		t.Error("the staged file has another size")
	}
	offset := 0
	for i, e := range sealed.Entries {
		if data := all[offset : offset+int(e.Size)]; e.Hash != chunk.Hash(data) || e.Path != entries[i].Path || e.Executable != (i == 1) {
			t.Errorf("entry %d is described as %+v", i, e)
		}
		offset += int(e.Size)
	}
	blob, err := d.Read(sealed.Name)
	if err != nil {
		t.Fatal(err)
	}
	r := blob.Content(sealed.Entries)
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, all) {
		t.Errorf("read back %d bytes, %v", len(got), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestSizesMustBeAsAnnounced(t *testing.T) {
	d := open(t)
	short := create(t, d, []api.FileEntry{{Path: "a", Size: 3}, {Path: "b", Size: 5}})
	_, _ = short.Write([]byte("aaabb"))
	if _, err := short.Seal(); !errors.Is(err, api.FileChanged) || api.AsError(err).Params["path"] != "b" {
		t.Errorf("too little content: %v", err)
	}
	long := create(t, d, []api.FileEntry{{Path: "a", Size: 3}})
	if _, err := long.Write([]byte("aaab")); !errors.Is(err, api.FileChanged) {
		t.Errorf("too much content: %v", err)
	}
	if _, err := long.Seal(); !errors.Is(err, api.FileChanged) {
		t.Errorf("sealed with too much content: %v", err)
	}
	if n := files(t, d); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	d := open(t)
	w := create(t, d, []api.FileEntry{{Path: "a", Size: 20 << 20}})
	if _, err := w.Write(content(1, 9<<20)); err != nil {
		t.Fatal(err)
	}
	w.Discard()
	if n := files(t, d); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func TestDamageIsNoticed(t *testing.T) {
	d := open(t)
	w := create(t, d, []api.FileEntry{{Path: "a", Size: 300_000}})
	_, _ = w.Write(content(1, 300_000))
	sealed, err := w.Seal()
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(path string) error{
		"a changed byte": func(p string) error {
			f, err := os.OpenFile(p, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteAt([]byte("!"), 150_000)
			return errors.Join(err, f.Close())
		},
		"cut short": func(p string) error { return os.Truncate(p, 200_000) },
	} {
		if err := damage(d.file(sealed.Name)); err != nil {
			t.Fatal(err)
		}
		blob, err := d.Read(sealed.Name)
		if err != nil {
			t.Fatal(err)
		}
		r := blob.Content(sealed.Entries)
		if _, err := io.Copy(io.Discard, r); !errors.Is(err, api.ContentDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		_ = r.Close()
	}
	if err := d.Remove(sealed.Name); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read(sealed.Name); !errors.Is(err, api.ContentDamaged) {
		t.Errorf("gone: %v", err)
	}
}

func TestCleanKeepsWhatIsKnown(t *testing.T) {
	d := open(t)
	for range 3 {
		w := create(t, d, []api.FileEntry{{Path: "a", Size: 1}})
		_, _ = w.Write([]byte("x"))
		if _, err := w.Seal(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(d.path, "other"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	list, _ := filepath.Glob(filepath.Join(d.path, "*"+suffix))
	kept := filepath.Base(list[0])
	if err := d.Clean(func(name string) bool { return name == kept }); err != nil {
		t.Fatal(err)
	}
	if n := files(t, d); n != 2 {
		t.Errorf("%d files are left, want the known one and the foreign one", n)
	}
}

// BenchmarkStage100MiB beside BenchmarkCopyAndSync100MiB is the figure for
// 'saved': at most 1.5 times.
func BenchmarkStage100MiB(b *testing.B) {
	data := content(1, 100<<20)
	d := open(b)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		w := create(b, d, []api.FileEntry{{Path: "a", Size: int64(len(data))}})
		for rest := data; len(rest) > 0; {
			n := min(len(rest), 1<<20)
			if _, err := w.Write(rest[:n]); err != nil {
				b.Fatal(err)
			}
			rest = rest[n:]
		}
		sealed, err := w.Seal()
		if err != nil {
			b.Fatal(err)
		}
		_ = d.Remove(sealed.Name)
	}
}

func BenchmarkCopyAndSync100MiB(b *testing.B) {
	dir := b.TempDir()
	from := filepath.Join(dir, "from")
	if err := os.WriteFile(from, content(1, 100<<20), 0o600); err != nil {
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
		if _, err := io.Copy(out, in); err != nil {
			b.Fatal(err)
		}
		if err := errors.Join(out.Sync(), out.Close(), in.Close(), os.Remove(out.Name())); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStage20000SmallFiles(b *testing.B) {
	d := open(b)
	data := content(1, 2000)
	entries := make([]api.FileEntry, 20_000)
	for i := range entries {
		entries[i] = api.FileEntry{Path: fmt.Sprintf("part-%05d.stp", i), Size: int64(len(data))}
	}
	b.ReportAllocs()
	for b.Loop() {
		w := create(b, d, entries)
		for range entries {
			if _, err := w.Write(data); err != nil {
				b.Fatal(err)
			}
		}
		sealed, err := w.Seal()
		if err != nil {
			b.Fatal(err)
		}
		_ = d.Remove(sealed.Name)
	}
}
