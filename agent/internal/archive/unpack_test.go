package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"iscdesk.dev/agent/api"
)

// file is one entry of a package that a test builds.
type file struct {
	name string
	body string
	mode int64
	kind byte // of tar; 0: a regular file
	link string
}

func tarOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		h := &tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.body)), Typeflag: f.kind, Linkname: f.link}
		if f.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipOf(t testing.TB, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		mode := fs.FileMode(f.mode)
		if f.kind == tar.TypeSymlink {
			mode |= fs.ModeSymlink
		}
		h.SetMode(mode)
		out, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(out, f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpack(t testing.TB, dir string, src io.Reader, format Format, limits Limits) error {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	return Unpack(context.Background(), root, src, format, limits)
}

// tree is the content of a folder: path to mode and body.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	got := make(map[string]string)
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		body, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		got[filepath.ToSlash(rel)] = info.Mode().String() + " " + string(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestUnpack(t *testing.T) {
	files := []file{
		{name: "./", kind: tar.TypeDir},
		{name: "./bin/", kind: tar.TypeDir},
		{name: "./bin/cad", body: "program", mode: 0o4755},
		{name: "scripts/install.sh", body: "echo hi", mode: 0o644},
		{name: "资料/说明.txt", body: "你好", mode: 0o600},
	}
	want := map[string]string{
		"bin/cad":            program + " program",
		"scripts/install.sh": plain + " echo hi",
		"资料/说明.txt":          plain + " 你好",
	}
	raw := tarOf(t, files...)
	zipped := zipOf(t, files[2:]...)
	onDisk := filepath.Join(t.TempDir(), "p.zip")
	if err := os.WriteFile(onDisk, zipped, 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := os.Open(onDisk)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Close() }()
	cases := map[string]struct {
		src    io.Reader
		format Format
	}{
		"tar":           {bytes.NewReader(raw), Tar},
		"tar.gz":        {bytes.NewReader(gzipOf(t, raw)), TarGz},
		"zip, streamed": {io.MultiReader(bytes.NewReader(zipped)), Zip},
		"zip, a file":   {held, Zip},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := unpack(t, dir, c.src, c.format, DefaultLimits()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestHostileNames unpacks one hostile entry after a harmless one, as tar and
// as zip, and looks that nothing came to lie outside the folder.
func TestHostileNames(t *testing.T) {
	hostile := []string{
		"/etc/passwd", "../up", "bin/../../up", "bin/..", "a/./b", "a//b", "..", `..\up`, `bin\cad.exe`, `C:\up`, "C:/up", "c:up",
		`\\?\C:\up`, `\\server\share`, "con", "CON.txt", "bin/aux", "nul.tar.gz", "COM1", "lpt9.log", "COM¹", "conin$",
		"a:stream", "cad.exe::$DATA", "dot.", "bin./cad", "space ", "bin /cad", "new\nline", "tab\there", "bell\x07", "del\x7f",
		"star*", "quote\"", "bad\xff\xfe", "ok", "OK", "Bin/x", "bin", "bin/cad/below", strings.Repeat("a", 256),
		strings.Repeat("d/", 40) + "x", strings.Repeat("long/", 300) + "x", "ﬁle/x/../../..",
	}
	for _, name := range hostile {
		t.Run(name, func(t *testing.T) {
			files := []file{{name: "bin/cad", body: "x", mode: 0o755}, {name: "ok", body: "x"}, {name: name, body: "evil"}}
			for format, packed := range map[Format][]byte{
				TarGz: gzipOf(t, tarOf(t, files...)), Zip: zipOf(t, files...),
			} {
				top := t.TempDir()
				dir := filepath.Join(top, "in")
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				err := unpack(t, dir, bytes.NewReader(packed), format, DefaultLimits())
				if !errors.Is(err, api.PackageUnsafe) {
					t.Fatalf("%s: %v, want package_unsafe", format, err)
				}
				if got := api.AsError(err).Params["entry"]; got != printable(name) {
					t.Errorf("%s: entry %q, want %q", format, got, name)
				}
				if beside, _ := filepath.Glob(filepath.Join(top, "*")); len(beside) != 1 {
					t.Errorf("%s: written beside the folder: %v", format, beside)
				}
			}
		})
	}
}

func TestHostileKinds(t *testing.T) {
	victim := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string][]file{
		"symlink":             {{name: "l", kind: tar.TypeSymlink, link: victim}},
		"symlink then write":  {{name: "l", kind: tar.TypeSymlink, link: filepath.Dir(victim)}, {name: "l/victim", body: "evil"}},
		"hard link":           {{name: "l", kind: tar.TypeLink, link: victim}},
		"character device":    {{name: "d", kind: tar.TypeChar}},
		"block device":        {{name: "d", kind: tar.TypeBlock}},
		"fifo":                {{name: "d", kind: tar.TypeFifo}},
		"contiguous":          {{name: "d", kind: tar.TypeCont}},
		"file where a folder": {{name: "a/b", body: "x"}, {name: "a", body: "x"}},
		"the folder itself":   {{name: ".", body: "x"}},
	}
	for name, files := range cases {
		t.Run(name, func(t *testing.T) {
			err := unpack(t, t.TempDir(), bytes.NewReader(tarOf(t, files...)), Tar, DefaultLimits())
			if !errors.Is(err, api.PackageUnsafe) {
				t.Errorf("%v, want package_unsafe", err)
			}
		})
	}
	link := zipOf(t, file{name: "l", kind: tar.TypeSymlink, body: victim, mode: 0o777})
	if err := unpack(t, t.TempDir(), bytes.NewReader(link), Zip, DefaultLimits()); !errors.Is(err, api.PackageUnsafe) {
		t.Errorf("symlink in a zip: %v, want package_unsafe", err)
	}
	if body, _ := os.ReadFile(victim); string(body) != "mine" {
		t.Errorf("the victim holds %q now", body)
	}
}

func TestLimits(t *testing.T) {
	zeros := strings.Repeat("\x00", 1<<20)
	many := make([]file, 50)
	for i := range many {
		many[i] = file{name: "f" + strings.Repeat("x", i), body: "x"}
	}
	small := Limits{Entries: 40, Total: 1 << 30, Depth: 8, Ratio: 100, Slack: 1 << 30}
	bomb := Limits{Entries: 40, Total: 1 << 30, Depth: 8, Ratio: 10, Slack: 1 << 10}
	tight := Limits{Entries: 40, Total: 1 << 10, Depth: 8, Ratio: 1 << 30, Slack: 1 << 30}
	cases := map[string]struct {
		packed []byte
		format Format
		limits Limits
	}{
		"entries, tar.gz": {gzipOf(t, tarOf(t, many...)), TarGz, small},
		"entries, zip":    {zipOf(t, many...), Zip, small},
		"ratio, tar.gz":   {gzipOf(t, tarOf(t, file{name: "z", body: zeros})), TarGz, bomb},
		"ratio, zip":      {zipOf(t, file{name: "z", body: zeros}), Zip, bomb},
		"total, tar":      {tarOf(t, file{name: "z", body: zeros}), Tar, tight},
		"total, zip":      {zipOf(t, file{name: "z", body: zeros}), Zip, tight},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			err := unpack(t, dir, bytes.NewReader(c.packed), c.format, c.limits)
			if !errors.Is(err, api.PackageUnsafe) && !errors.Is(err, api.TooLarge) {
				t.Errorf("%v, want package_unsafe", err)
			}
			for name, body := range tree(t, dir) {
				if len(body) > 600<<10 {
					t.Errorf("%s: %d bytes were written", name, len(body))
				}
			}
		})
	}
}

func TestTorn(t *testing.T) {
	whole := gzipOf(t, tarOf(t, file{name: "bin/cad", body: strings.Repeat("content", 1000)}))
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-6] ^= 1 // in the checksum
	zipped := zipOf(t, file{name: "bin/cad", body: strings.Repeat("content", 1000)})
	cases := map[string]struct {
		packed []byte
		format Format
	}{
		"cut":      {whole[:len(whole)/2], TarGz},
		"checksum": {flipped, TarGz},
		"empty":    {nil, TarGz},
		"no zip":   {whole, Zip},
		"cut zip":  {zipped[:len(zipped)-30], Zip},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := unpack(t, t.TempDir(), bytes.NewReader(c.packed), c.format, DefaultLimits())
			if !errors.Is(err, api.PackageDamaged) {
				t.Errorf("%v, want package_damaged", err)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	err = Unpack(ctx, root, bytes.NewReader(tarOf(t, file{name: "a", body: "x"})), Tar, DefaultLimits())
	if !errors.Is(err, api.Cancelled) {
		t.Errorf("%v, want cancelled", err)
	}
}

func TestFormatOf(t *testing.T) {
	for name, want := range map[string]Format{"a-1.0.tar.gz": TarGz, "A.TGZ": TarGz, "a.tar": Tar, "a.zip": Zip} {
		if got, err := FormatOf(name); got != want || err != nil {
			t.Errorf("%s: %q %v, want %q", name, got, err, want)
		}
	}
	if _, err := FormatOf("a.exe"); !errors.Is(err, api.Unsupported) {
		t.Errorf("a.exe: %v, want unsupported", err)
	}
}

func FuzzUnpack(f *testing.F) {
	files := []file{{name: "bin/cad", body: "x", mode: 0o755}, {name: "../up", body: "evil"}}
	f.Add(tarOf(f, files...), uint8(0))
	f.Add(gzipOf(f, tarOf(f, files...)), uint8(1))
	f.Add(zipOf(f, files...), uint8(2))
	limits := Limits{Entries: 100, Total: 1 << 20, Depth: 8, Ratio: 100, Slack: 1 << 16}
	f.Fuzz(func(t *testing.T, packed []byte, kind uint8) {
		top := t.TempDir()
		dir := filepath.Join(top, "in")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		format := []Format{Tar, TarGz, Zip}[kind%3]
		if err := unpack(t, dir, bytes.NewReader(packed), format, limits); err != nil && api.AsError(err).Code == api.Internal {
			t.Errorf("an error without a code: %v", err)
		}
		if beside, _ := filepath.Glob(filepath.Join(top, "*")); len(beside) != 1 {
			t.Errorf("written beside the folder: %v", beside)
		}
	})
}

func FuzzName(f *testing.F) {
	for _, name := range []string{"bin/cad", "../x", "a:b", "CON", `a\b`, "./a/"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		clean, err := cleanName(name, 32)
		if err != nil {
			return
		}
		if !filepath.IsLocal(clean) || strings.ContainsAny(clean, "\\:\x00") {
			t.Errorf("%q became %q", name, clean)
		}
	})
}
