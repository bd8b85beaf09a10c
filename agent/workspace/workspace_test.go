package workspace

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

// tree writes files into a new folder of this name: path, content, …
func tree(t *testing.T, name string, files ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(files); i += 2 {
		write(t, filepath.Join(dir, filepath.FromSlash(files[i])), files[i+1])
	}
	return dir
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// read gives all files below a path: relative path to content.
func read(t *testing.T, path string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(path, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		rel, _ := filepath.Rel(path, p)
		out[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const stepHead = "ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n"

func TestDescribeChecksTheAssemblyRules(t *testing.T) {
	needs := func(names ...string) string {
		s := stepHead + "/* DOCUMENT_FILE('not this.stp') */ #1=PRODUCT('it''s DOCUMENT_FILE(''nor this.stp'')','');\n"
		for i, n := range names {
			s += fmt.Sprintf("#%d = DOCUMENT_FILE ( '%s','','',#9,'','');\n", i+10, n)
		}
		return s
	}
	for _, row := range []describeRow{
		{"complete", tree(t, "bracket asm", "bracket asm.STP", needs("bolt.stp"), "bolt.stp", "x"), "", nil},
		{"not STEP", tree(t, "gear", "gear.prt", "DOCUMENT_FILE('nothing.stp')", "sub/tooth.prt", "x"), "", nil},
		{"in a subfolder, with backslashes, in other case", tree(t, "a", "a.step", needs(`.\PARTS\Bolt.stp`), "parts/bolt.stp", "x"), "", nil},
		{"in Chinese", tree(t, "a", "a.stp", needs(`\X2\87BA6813\X0\.stp`), "螺栓.stp", "x"), "", nil},
		{"an absolute path of another machine", tree(t, "a", "a.stp", needs(`C:\cad\bolt.stp`), "bolt.stp", "x"), "", nil},
		{"not a file name", tree(t, "a", "a.stp", needs("doc 4711", "v1.0", "https://example.com/a.stp")), "", nil},
		{"a part is missing", tree(t, "a", "a.stp", needs("bolt.stp", "nut.stp"), "bolt.stp", "x"), api.AssemblyDependencyMissing, map[string]string{"file": "nut.stp", "by": "a.stp"}},
		{"a part's part is missing", tree(t, "a", "a.stp", needs("bolt.stp"), "bolt.stp", needs("thread.stp")), api.AssemblyDependencyMissing, map[string]string{"file": "thread.stp", "by": "bolt.stp"}},
		{"named by assignment only", tree(t, "a", "a.stp", stepHead+"#1=APPLIED_EXTERNAL_IDENTIFICATION_ASSIGNMENT('nut.stp',#2,(#3),#4);"), api.AssemblyDependencyMissing, map[string]string{"file": "nut.stp", "by": "a.stp"}},
		{"parts that name each other", tree(t, "a", "a.stp", needs("b.stp"), "b.stp", needs("a.stp")), "", nil},
		{"no main file", tree(t, "a", "b.stp", "x", "sub/a.stp", "x"), api.AssemblyMainMissing, map[string]string{"folder": "a"}},
		{"empty", tree(t, "a"), api.AssemblyEmpty, nil},
		{"a file", filepath.Join(tree(t, "a", "a.stp", "x"), "a.stp"), api.AssemblyNotFolder, nil},
		{"nothing there", "/does/not/exist", api.FileUnreadable, nil},
	} {
		row.check(t)
	}
}

// describeRow is an assembly, and what is said of it.
type describeRow struct {
	name string
	path string
	want api.Code
	says map[string]string
}

func (row describeRow) check(t *testing.T) {
	t.Helper()
	src, err := Describe(row.path, true)
	if row.want == "" {
		if err != nil || len(src.Entries) == 0 {
			t.Errorf("%s: %v", row.name, err)
		}
		return
	}
	if !errors.Is(err, row.want) {
		t.Errorf("%s: %v, want %s", row.name, err, row.want)
		return
	}
	for k, v := range row.says {
		if got := api.AsError(err).Params[k]; got != v {
			t.Errorf("%s: %s is %q, want %q", row.name, k, got, v)
		}
	}
}

func TestDescribeSingle(t *testing.T) {
	dir := tree(t, "d", "a.stp", "content")
	src, err := Describe(filepath.Join(dir, "a.stp"), false)
	if err != nil || src.Name != "a.stp" || src.Kind != api.Single || len(src.Entries) != 1 || src.Entries[0].Size != 7 {
		t.Errorf("%+v, %v", src, err)
	}
	if _, err := Describe(dir, false); !errors.Is(err, api.NotAFile) {
		t.Errorf("a folder: %v", err)
	}
}

func TestSaveAndOpenRoundTrip(t *testing.T) {
	s := newService(t)
	dir := tree(t, "asm", "asm.stp", stepHead, "parts/a.prt", strings.Repeat("a", 700_000), "parts/empty", "", "run.sh", "#!")
	if err := os.Chmod(filepath.Join(dir, "run.sh"), 0o700); err != nil {
		t.Fatal(err)
	}
	src, err := Describe(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	var told int64
	src.Progress = func(done, _ int64) { told = done }
	saved, err := Save(t.Context(), s, api.SaveBegin{Comment: "c"}, src)
	if err != nil || saved.Path != "/me/asm" || told != entry.Total(src.Entries) || s.begun.Comment != "c" {
		t.Fatalf("%+v, %v", saved, err)
	}
	o, err := Open(t.Context(), s, api.Picked{Path: "/me/asm"})
	root, _ := Root()
	if err != nil || o.LocalPath != filepath.Join(root, "me", "asm") || o.Kind != api.Assembly || o.Aside != "" {
		t.Fatalf("%+v, %v", o, err)
	}
	if diff := cmp.Diff(read(t, dir), read(t, o.LocalPath)); diff != "" {
		t.Error(diff)
	}
	checkModes(t, o.LocalPath, map[string]os.FileMode{"run.sh": 0o700, "asm.stp": 0o600, "parts": 0o700 | os.ModeDir})
	if b := s.bindings[o.LocalPath]; b.Hash != s.bindings[dir].Hash || b.OpenType != api.OpenOnly || b.WorkState != api.CheckedIn {
		t.Errorf("bound to %+v", b)
	}
}

func TestAFileThatChangesWhileItIsRead(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"grows":       func(p string) error { return os.WriteFile(p, make([]byte, 2<<20), 0o600) },
		"shrinks":     func(p string) error { return os.Truncate(p, 10) },
		"is replaced": func(p string) error { return errors.Join(os.Remove(p), os.WriteFile(p, []byte("x"), 0o600)) },
	} {
		s := newService(t)
		dir := tree(t, "a", "a.stp", strings.Repeat("x", 1<<20), "b.stp", strings.Repeat("y", 1<<20))
		src, err := Describe(dir, true)
		if err != nil {
			t.Fatal(err)
		}
		s.OnContent = func() {
			if err := change(filepath.Join(dir, "b.stp")); err != nil {
				t.Error(err)
			}
		}
		_, err = Save(t.Context(), s, api.SaveBegin{}, src)
		if !errors.Is(err, api.FileChanged) || s.commit.Changed != "b.stp" || api.AsError(err).Params["path"] != filepath.Join(dir, "b.stp") {
			t.Errorf("%s: %v, commit %+v", name, err, s.commit)
		}
	}
}

// The content of a save that was done before is not sent again, so it must be
// the same: else a drawing would be called saved that is not.
func TestARepeatedSaveIsOfTheSameContent(t *testing.T) {
	s := newService(t)
	dir := tree(t, "asm", "asm.stp", stepHead, "parts/a.prt", "a")
	main := filepath.Join(dir, "asm.stp")
	for i, path := range []string{dir, main} {
		src, err := Describe(path, path == dir)
		if err != nil {
			t.Fatal(err)
		}
		s.Done = ""
		if _, err := Save(t.Context(), s, api.SaveBegin{Operation: "op"}, src); err != nil {
			t.Fatal(err)
		}
		s.Done = s.bindings[path].Hash
		if _, err := Save(t.Context(), s, api.SaveBegin{Operation: "op"}, src); err != nil {
			t.Errorf("the same content: %v", err)
		}
		write(t, main, strings.Repeat(strconv.Itoa(i), len(stepHead)))
		_, err = Save(t.Context(), s, api.SaveBegin{Operation: "op"}, src)
		if !errors.Is(err, api.FileChanged) || !errors.Is(err, ErrOtherContent) {
			t.Errorf("other content: %v", err)
		}
	}
}

func TestALinkThatAppearsIsNotFollowed(t *testing.T) {
	s := newService(t)
	dir := tree(t, "a", "a.stp", "x", "b.stp", "secret")
	src, err := Describe(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, outside, "secret")
	b := filepath.Join(dir, "b.stp")
	if err := errors.Join(os.Remove(b), os.Symlink(outside, b)); err != nil {
		t.Fatal(err)
	}
	if _, err := Save(t.Context(), s, api.SaveBegin{}, src); err == nil || strings.Contains(s.content.String(), "secret") {
		t.Errorf("followed: %v, %q", err, s.content.String())
	}
}

func TestALocalCopyWithChangesIsMovedAside(t *testing.T) {
	s := newService(t)
	s.put("/me/a.stp", api.Single, "a.stp", "one")
	open := func() Opened {
		t.Helper()
		o, err := Open(t.Context(), s, api.Picked{Path: "/me/a.stp"})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	first := open()
	s.put("/me/a.stp", api.Single, "a.stp", "two")
	if o := open(); o.Aside != "" || read(t, o.LocalPath)["."] != "two" {
		t.Errorf("an untouched copy was kept: %+v", o)
	}
	write(t, first.LocalPath, "my changes")
	s.put("/me/a.stp", api.Single, "a.stp", "three")
	o := open()
	if o.Aside == "" || read(t, o.Aside)["."] != "my changes" || read(t, o.LocalPath)["."] != "three" {
		t.Fatalf("changes: %+v", o)
	}
	if base := filepath.Base(o.Aside); !strings.HasPrefix(base, "a (local changes ") || !strings.HasSuffix(base, ").stp") {
		t.Errorf("moved to %s", base)
	}
	delete(s.bindings, o.LocalPath)
	if o := open(); o.Aside == "" {
		t.Error("a file that nobody knows was overwritten")
	}
	// What was saved is known, so that opening again replaces it.
	write(t, first.LocalPath, "saved")
	src, err := Describe(first.LocalPath, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Save(t.Context(), s, api.SaveBegin{}, src); err != nil {
		t.Fatal(err)
	}
	if o := open(); o.Aside != "" || read(t, o.LocalPath)["."] != "saved" {
		t.Errorf("after a save: %+v", o)
	}
	if list, _ := filepath.Glob(filepath.Join(filepath.Dir(first.LocalPath), ".iscdesk-*")); len(list) != 0 {
		t.Errorf("left behind: %v", list)
	}
}

func TestABrokenFetchLeavesWhatWasThere(t *testing.T) {
	s := newService(t)
	s.put("/me/asm", api.Assembly, "asm.stp", "one", "b", strings.Repeat("b", 1000))
	o, err := Open(t.Context(), s, api.Picked{Path: "/me/asm"})
	if err != nil {
		t.Fatal(err)
	}
	before := read(t, filepath.Dir(o.LocalPath))
	s.Tear = api.Fail(api.Offline)
	if _, err := Open(t.Context(), s, api.Picked{Path: "/me/asm"}); !errors.Is(err, api.Offline) {
		t.Errorf("torn: %v", err)
	}
	s.Tear = nil
	d := s.docs["/me/asm"]
	d.content = append([]byte("X"), d.content[1:]...)
	s.docs["/me/asm"] = d
	if _, err := Open(t.Context(), s, api.Picked{Path: "/me/asm"}); !errors.Is(err, api.ContentDamaged) {
		t.Errorf("damaged: %v", err)
	}
	d.entries[1].Path = "../escape"
	if _, err := Open(t.Context(), s, api.Picked{Path: "/me/asm"}); !errors.Is(err, api.NameInvalid) {
		t.Errorf("a path outside: %v", err)
	}
	if diff := cmp.Diff(before, read(t, filepath.Dir(o.LocalPath))); diff != "" {
		t.Error(diff)
	}
}

func TestLocalNames(t *testing.T) {
	seen := map[string]string{}
	for cloud, want := range map[string]string{
		"a.stp": "a.stp", "图.stp": "图.stp", "a:b": "a%3Ab", "a%3Ab": "a%253Ab", "100%": "100%", "%": "%", "CON": "%43ON",
		"con.stp": "%63on.stp", "name.": "name%2E", "name ": "name%20", "a\\b": "a%5Cb", "a?*": "a%3F%2A", "x\x01": "x%01", "..": ".%2E",
	} {
		got := LocalName(cloud)
		if got != want {
			t.Errorf("%q becomes %q, want %q", cloud, got, want)
		}
		if before, twice := seen[got]; twice {
			t.Errorf("%q and %q are both %q", before, cloud, got)
		}
		seen[got] = cloud
		if err := entry.CheckPath(got); err != nil {
			t.Errorf("%q becomes %q: %v", cloud, got, err)
		}
	}
}

// archiveOf makes a .zip: name, content, …; a name that begins with @ is a
// link, one that begins with # is marked as not UTF-8.
func archiveOf(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(files); i += 2 {
		h := &zip.FileHeader{Name: strings.TrimLeft(files[i], "@#"), Method: zip.Deflate}
		h.SetMode(0o644)
		if files[i][0] == '@' {
			h.SetMode(0o777 | os.ModeSymlink)
		}
		h.NonUTF8 = files[i][0] == '#'
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAZipIsAnAssembly(t *testing.T) {
	s := newService(t)
	root, _ := Root()
	s.put("/me/gear.zip", api.Single, "gear.zip", archiveOf(t, "gear/", "", "gear/gear.stp", "main", "gear/sub/tooth.stp", "tooth", "#gear/\xb3\xdd.stp", "GBK"))
	o, err := Open(t.Context(), s, api.Picked{Path: "/me/gear.zip", OpenType: api.OpenAndCheckout, WorkState: api.CheckedOut})
	if err != nil || o.LocalPath != filepath.Join(root, "me", "gear") || o.Kind != api.Assembly {
		t.Fatalf("%+v, %v", o, err)
	}
	want := map[string]string{"gear.stp": "main", "sub/tooth.stp": "tooth", "齿.stp": "GBK"}
	if diff := cmp.Diff(want, read(t, o.LocalPath)); diff != "" {
		t.Error(diff)
	}
	write(t, filepath.Join(o.LocalPath, "gear.stp"), "main, changed")
	src, err := Describe(o.LocalPath, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Save(t.Context(), s, api.SaveBegin{}, src); err != nil {
		t.Fatal(err)
	}
	if s.begun.Kind != api.Single || s.begun.LocalPath != o.LocalPath || s.begun.Name != "gear.zip" {
		t.Errorf("saved as %+v", s.begun)
	}
	again, err := Open(t.Context(), s, api.Picked{Path: "/me/gear.zip"})
	if err != nil || again.Aside != "" {
		t.Fatalf("%+v, %v", again, err)
	}
	want["gear.stp"] = "main, changed"
	if diff := cmp.Diff(want, read(t, again.LocalPath)); diff != "" {
		t.Error(diff)
	}
}

// bombOf makes a small .zip that says of itself that it unpacks to a gigabyte.
func bombOf(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "zeros", Method: zip.Deflate, CompressedSize64: 1000, UncompressedSize64: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// liarOf makes a .zip whose file unpacks to more than its size says.
func liarOf(t *testing.T) string {
	t.Helper()
	good := []byte(archiveOf(t, "a.stp", strings.Repeat("x", 5000)))
	at := bytes.Index(good, []byte("PK\x01\x02")) // the item of the directory
	binary.LittleEndian.PutUint32(good[at+24:], 10)
	return string(good)
}

func TestHostileZips(t *testing.T) {
	bomb := bombOf(t)
	for name, row := range map[string]struct {
		zip  string
		want api.Code
	}{
		"outside":            {archiveOf(t, "a.stp", "x", "../evil", "x"), api.NameInvalid},
		"deep outside":       {archiveOf(t, "x/../../evil", "x"), api.NameInvalid},
		"absolute":           {archiveOf(t, "/etc/evil", "x"), api.NameInvalid},
		"backslashes":        {archiveOf(t, `..\evil`, "x"), api.NameInvalid},
		"a drive":            {archiveOf(t, `C:evil`, "x"), api.NameInvalid},
		"a device":           {archiveOf(t, "CON", "x"), api.NameInvalid},
		"a stream":           {archiveOf(t, "a:b", "x"), api.NameInvalid},
		"a trailing dot":     {archiveOf(t, "a.", "x"), api.NameInvalid},
		"a link":             {archiveOf(t, "@a", "/etc/passwd"), api.NameInvalid},
		"a link, then more":  {archiveOf(t, "@a", "/tmp", "a/b", "x"), api.NameInvalid},
		"twice":              {archiveOf(t, "a", "x", "a", "y"), api.NameInvalid},
		"twice but for case": {archiveOf(t, "a", "x", "A", "y"), api.NameInvalid},
		"file and folder":    {archiveOf(t, "a", "x", "a/b", "y"), api.NameInvalid},
		"no zip at all":      {"hello", api.ContentDamaged},
		"cut short":          {archiveOf(t, "a", strings.Repeat("x", 100))[20:], api.ContentDamaged},
		"nothing in it":      {archiveOf(t), api.AssemblyEmpty},
		"a bomb":             {bomb, api.TooLarge},
		"a liar":             {liarOf(t), api.ContentDamaged},
	} {
		s := newService(t)
		root, _ := Root()
		s.put("/me/z.zip", api.Single, "z.zip", row.zip)
		if _, err := Open(t.Context(), s, api.Picked{Path: "/me/z.zip"}); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %s", name, err, row.want)
		}
		if left := read(t, root); len(left) != 0 {
			t.Errorf("%s: left behind %v", name, left)
		}
	}
}

func TestThousandsOfFiles(t *testing.T) {
	s := newService(t)
	const n = 4_000
	files := []string{"big.stp", "x"}
	for i := range n {
		files = append(files, fmt.Sprintf("p%02d/part-%05d.prt", i%50, i), fmt.Sprint("content of ", i))
	}
	s.put("/me/big", api.Assembly, files...)
	o, err := Open(t.Context(), s, api.Picked{Path: "/me/big"})
	if err != nil {
		t.Fatal(err)
	}
	src, err := Describe(o.LocalPath, true)
	if err != nil || len(src.Entries) != n+1 {
		t.Fatalf("%d entries, %v", len(src.Entries), err)
	}
	if _, err := Save(t.Context(), s, api.SaveBegin{}, src); err != nil {
		t.Fatal(err)
	}
	if b := s.bindings[o.LocalPath]; b.Hash != o.Hash {
		t.Error("saved content differs from opened content")
	}
}

func FuzzScanStep(f *testing.F) {
	f.Add("#1=DOCUMENT_FILE('a.stp','','',#2,'','');")
	f.Add(`DOCUMENT_FILE('\X2\87BA\X0\.stp' /* '`)
	f.Add("DOCUMENT_FILE( 'it''s.stp")
	f.Fuzz(func(t *testing.T, text string) {
		names, err := scanStep(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			if n == "" || !strings.Contains(n, ".") {
				t.Errorf("%q is no file name", n)
			}
		}
	})
}
