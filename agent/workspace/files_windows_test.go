package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
)

// checkModes has nothing to look at: Windows has no such permissions.
func checkModes(*testing.T, string, map[string]os.FileMode) {}

// hold opens a file the way another program does, sharing what share says,
// until the test ends or let go is called.
func hold(t *testing.T, path string, access, share uint32) (letGo func()) {
	t.Helper()
	name, err := windows.UTF16PtrFromString(longForm(path))
	if err != nil {
		t.Fatal(err)
	}
	handle, err := windows.CreateFile(name, access, share, nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		t.Fatal(err)
	}
	held := true
	letGo = func() {
		if held {
			held = false
			_ = windows.CloseHandle(handle)
		}
	}
	t.Cleanup(letGo)
	return letGo
}

const (
	readWrite = windows.GENERIC_READ | windows.GENERIC_WRITE
	shareAll  = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
)

// noTemps checks that nothing unfinished lies in a folder.
func noTemps(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, ".iscdesk-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestPathsOfWindows(t *testing.T) {
	dir, err := Local(filepath.Join(t.TempDir(), `项目`, `装配 体`))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "Bracket.stp")
	write(t, file, "content")
	share := strings.Replace(file, `C:\`, `\\?\C:\`, 1)
	for _, spelt := range []string{file, share, strings.ToLower(file[:1]) + file[1:], filepath.ToSlash(file), filepath.Join(dir, "BRACKET.STP"), dir + `\.\x\..\bracket.stp`, file + ".", file + " "} {
		src, err := Describe(spelt, false)
		if err != nil || src.Path != file || src.Name != "Bracket.stp" {
			t.Errorf("%q: %q, %v", spelt, src.Path, err)
		}
	}
	t.Chdir(dir)
	for _, spelt := range []string{"bracket.stp", `C:bracket.stp`, file[2:]} {
		if src, err := Describe(spelt, false); err != nil || src.Path != file {
			t.Errorf("%q: %q, %v", spelt, src.Path, err)
		}
	}
	for _, bad := range []string{file + ":stream", file + "::$DATA", share + ".", "NUL", `C:\NUL`, filepath.Join(dir, "nul.txt"), filepath.Join(dir, "aux .step"), `\\.\C:\x`, `\\.\PhysicalDrive0`, "COM1", "CONIN$"} {
		if src, err := Describe(bad, false); !errors.Is(err, api.NameInvalid) {
			t.Errorf("%q: %+v, %v", bad, src, err)
		}
	}
}

func TestLongPathsBothWays(t *testing.T) {
	s := newService(t)
	root, _ := Root()
	deep := root
	for len(deep) < 700 {
		deep = filepath.Join(deep, "图纸与零件 "+strings.Repeat("d", 40))
	}
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	asm := filepath.Join(deep, "asm")
	if err := os.MkdirAll(filepath.Join(asm, "parts"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(asm, "asm.stp"), "main")
	write(t, filepath.Join(asm, "parts", "零件.stp"), "part")
	src, err := Describe(asm, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Save(t.Context(), s, api.SaveBegin{}, src); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{filepath.Join(deep, "copy"), `\\?\` + filepath.Join(deep, "copy 2"), filepath.Join(deep, "copy")} {
		o, err := OpenTo(t.Context(), s, Order{Picked: api.Picked{Path: "/me/asm"}, To: to})
		if err != nil || len(read(t, o.LocalPath)) != 2 || o.Aside != "" {
			t.Errorf("%.30q…: %+v, %v", to, o, err)
		}
	}
	noTemps(t, deep)
}

// The cloud takes names that Windows does not; a colleague on Linux made them.
func TestNamesFromOtherSystems(t *testing.T) {
	s := newService(t)
	root, _ := Root()
	for cloud, local := range map[string]string{
		"/me/CON.stp": `me\%43ON.stp`, "/me/aux .step": `me\%61ux .step`, "/me/a:b.stp": `me\a%3Ab.stp`, "/me/end.": `me\end%2E`,
		"/me/space ": `me\space%20`, "/me/nul": `me\%6Eul`, "/me/<>|?*\".stp": `me\%3C%3E%7C%3F%2A%22.stp`, "/me/COM¹": `me\%43OM¹`, "/me/prn/x.stp": `me\%70rn\x.stp`,
	} {
		s.put(cloud, api.Single, "a.stp", "x")
		o, err := Open(t.Context(), s, api.Picked{Path: cloud})
		if err != nil || o.LocalPath != filepath.Join(root, local) {
			t.Errorf("%s: %q, %v", cloud, o.LocalPath, err)
			continue
		}
		if got, err := os.ReadFile(o.LocalPath); err != nil || string(got) != "x" {
			t.Errorf("%s: %q, %v", cloud, got, err)
		}
		if src, err := Describe(o.LocalPath, false); err != nil || src.Path != o.LocalPath {
			t.Errorf("%s, saved again: %+v, %v", cloud, src, err)
		}
	}
	s.put("/me/asm", api.Assembly, "asm.stp", "x", "Bolt.stp", "1", "bolt.stp", "2")
	if _, err := Open(t.Context(), s, api.Picked{Path: "/me/asm"}); !errors.Is(err, api.NameInvalid) || !strings.Contains(err.Error(), "Bolt.stp") {
		t.Errorf("a clash: %v", err)
	}
	s.put("/me/Gear.stp", api.Single, "Gear.stp", "1")
	s.put("/me/gear.stp", api.Single, "gear.stp", "2")
	if _, err := Open(t.Context(), s, api.Picked{Path: "/me/Gear.stp"}); err != nil {
		t.Fatal(err)
	}
	b := s.bindings[filepath.Join(root, "me", "Gear.stp")]
	b.Document = "another"
	s.bindings[b.LocalPath] = b
	_, err := Open(t.Context(), s, api.Picked{Path: "/me/gear.stp"})
	if text := api.AsError(err).Text(api.English); !errors.Is(err, api.NameInvalid) || !strings.Contains(text, "/me/gear.stp") || !strings.Contains(text, "/me/Gear.stp") {
		t.Errorf("two documents: %v", err)
	}
	if got, _ := os.ReadFile(b.LocalPath); string(got) != "1" {
		t.Errorf("the first one is now %q", got)
	}
	noTemps(t, filepath.Join(root, "me"))
}

func TestTargetsThatOthersHold(t *testing.T) {
	for _, c := range []struct {
		name   string
		access uint32
		share  uint32
		want   error
	}{
		{"a reader that shares everything", windows.GENERIC_READ, shareAll, nil},
		{"a reader that does not let go", windows.GENERIC_READ, windows.FILE_SHARE_READ, api.FileUnwritable},
		{"a writer that shares nothing", readWrite, 0, api.FileUnwritable},
	} {
		s := newService(t)
		s.put("/me/a.stp", api.Single, "a.stp", "new")
		root, _ := Root()
		file := filepath.Join(root, "me", "a.stp")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, file, "old")
		letGo := hold(t, file, c.access, c.share)
		o, err := Open(t.Context(), s, api.Picked{Path: "/me/a.stp"})
		letGo()
		got, _ := os.ReadFile(file)
		switch {
		case c.want == nil && (err != nil || string(got) != "new" || o.Aside == ""):
			t.Errorf("%s: %q, %+v, %v", c.name, got, o, err)
		case c.want != nil && (!errors.Is(err, c.want) || string(got) != "old" || !strings.Contains(api.AsError(err).Params["reason"], "another program")):
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
		noTemps(t, filepath.Dir(file))
	}
}

// movesWithHeldFiles asks the system whether it renames a folder of which a
// program holds a file. Windows does not, whatever the program shares (the
// documentation of FILE_RENAME_INFORMATION says so); Wine does.
func movesWithHeldFiles(t *testing.T) bool {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "probe")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "file"), "held")
	letGo := hold(t, filepath.Join(dir, "file"), readWrite, windows.FILE_SHARE_READ)
	defer letGo()
	err := os.Rename(dir, dir+" moved")
	if err != nil && !isHeldInside(err) {
		t.Fatal(err)
	}
	return err == nil
}

// anAssemblyToOpen is one in the cloud, and an older one in the workspace.
func anAssemblyToOpen(t *testing.T) (s *service, dir string) {
	t.Helper()
	s = newService(t)
	s.put("/me/asm", api.Assembly, "asm.stp", "new")
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(root, "me", "asm")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "asm.stp"), "old")
	return s, dir
}

func TestAFolderOfWhichAFileIsHeldStaysOrWhereWineMovesItLiesAside(t *testing.T) {
	moves := movesWithHeldFiles(t)
	s, dir := anAssemblyToOpen(t)
	letGo := hold(t, filepath.Join(dir, "asm.stp"), readWrite, windows.FILE_SHARE_READ)
	o, err := Open(t.Context(), s, api.Picked{Path: "/me/asm"})
	letGo()
	if moves {
		if err != nil || read(t, dir)["asm.stp"] != "new" || read(t, o.Aside)["asm.stp"] != "old" {
			t.Errorf("moved: %v, aside %q, %v", read(t, dir), o.Aside, err)
		}
	} else {
		stays(t, dir, err)
	}
	noTemps(t, filepath.Dir(dir))
}

// TestAFolderInWhichAnotherProgramWorksStays holds the folder itself, as a
// program does whose working folder it is.
func TestAFolderInWhichAnotherProgramWorksStays(t *testing.T) {
	s, dir := anAssemblyToOpen(t)
	name, err := windows.UTF16PtrFromString(longForm(dir))
	if err != nil {
		t.Fatal(err)
	}
	handle, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE, nil,
		windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), s, api.Picked{Path: "/me/asm"})
	if err := windows.CloseHandle(handle); err != nil {
		t.Error(err)
	}
	stays(t, dir, err)
	noTemps(t, filepath.Dir(dir))
}

// stays checks that an assembly was not opened, with the reason, and lies where
// it was.
func stays(t *testing.T, dir string, err error) {
	t.Helper()
	if !errors.Is(err, api.FileUnwritable) || !strings.Contains(api.AsError(err).Params["reason"], "another program") || read(t, dir)["asm.stp"] != "old" {
		t.Errorf("%v, %v", read(t, dir), err)
	}
}

func TestTableOfErrorsOfAFolderThatIsHeld(t *testing.T) {
	for err, want := range map[error]bool{windows.ERROR_ACCESS_DENIED: true, windows.ERROR_SHARING_VIOLATION: true, windows.ERROR_DISK_FULL: false} {
		if isHeldInside(err) != want {
			t.Errorf("%v", err)
		}
	}
}

func TestReadOnlyTargets(t *testing.T) {
	s := newService(t)
	s.put("/me/a.stp", api.Single, "a.stp", "new")
	root, _ := Root()
	file := filepath.Join(root, "me", "a.stp")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, file, "old")
	if err := os.Chmod(file, 0o400); err != nil { // the read-only attribute
		t.Fatal(err)
	}
	o, err := Open(t.Context(), s, api.Picked{Path: "/me/a.stp"})
	got, _ := os.ReadFile(file)
	if err != nil || string(got) != "new" || o.Aside == "" {
		t.Fatalf("%q, %+v, %v", got, o, err)
	}
	if aside, err := os.ReadFile(o.Aside); err != nil || string(aside) != "old" {
		t.Errorf("%q, %v", aside, err)
	}
	noTemps(t, filepath.Dir(file))
}

func TestSourcesThatOthersHold(t *testing.T) {
	for _, c := range []struct {
		name   string
		access uint32
		share  uint32
		want   error
	}{
		{"open for reading", windows.GENERIC_READ, windows.FILE_SHARE_READ, nil},
		{"open for writing, readers allowed", readWrite, windows.FILE_SHARE_READ, nil},
		{"open for writing, everything allowed", readWrite, shareAll, nil},
		{"locked", readWrite, 0, api.FileUnreadable},
		{"locked for readers", windows.GENERIC_READ, windows.FILE_SHARE_WRITE, api.FileUnreadable},
	} {
		for _, assembly := range []bool{false, true} {
			s := newService(t)
			dir := tree(t, "a", "a.stp", "main", "b.stp", "part")
			file := filepath.Join(dir, "b.stp")
			letGo := hold(t, file, c.access, c.share)
			path := file
			if assembly {
				path = dir
			}
			src, err := Describe(path, assembly)
			if err == nil {
				_, err = Save(t.Context(), s, api.SaveBegin{}, src)
			}
			letGo()
			switch {
			case c.want == nil && err != nil:
				t.Errorf("%s: %v", c.name, err)
			case c.want != nil && (!errors.Is(err, c.want) || !strings.Contains(api.AsError(err).Params["reason"], "another program") || !strings.HasSuffix(api.AsError(err).Params["path"], "b.stp")):
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
}

// A program that keeps its file open and writes on is the usual CAD program.
func TestAFileThatIsWrittenOnWhileItIsRead(t *testing.T) {
	s := newService(t)
	dir := tree(t, "a", "a.stp", strings.Repeat("x", 1<<20), "b.stp", strings.Repeat("y", 1<<20))
	writer, err := os.OpenFile(filepath.Join(dir, "b.stp"), os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = writer.Close() }()
	if _, err := writer.WriteString("before"); err != nil {
		t.Fatal(err)
	}
	src, err := Describe(dir, true)
	if err != nil || src.Entries[1].Size != 1<<20+6 {
		t.Fatalf("%+v, %v", src.Entries, err)
	}
	if _, err := Save(t.Context(), s, api.SaveBegin{}, src); err != nil {
		t.Fatalf("nothing was written meanwhile: %v", err)
	}
	s.OnContent = func() {
		if _, err := writer.WriteString("meanwhile"); err != nil {
			t.Error(err)
		}
	}
	if _, err := Save(t.Context(), s, api.SaveBegin{}, src); !errors.Is(err, api.FileChanged) {
		t.Fatal(err)
	}
}
