package entry

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"iscdesk.dev/agent/api"
)

func TestEntryPaths(t *testing.T) {
	for _, good := range []string{
		"bracket.stp", "parts/bolt M8.stp", "图纸/零件.prt", "a/b/c/d", ".hidden", "x..y", "COM10.stp", "console.txt",
		strings.Repeat("n", 255), "é.stp",
	} {
		if err := CheckPath(good); err != nil {
			t.Errorf("%q refused: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "/etc/passwd", "..", "../x", "a/../../x", "a/./b", "a//b", "a/", `..\x`, `a\b`, `C:\x`, "C:x", `\\?\C:\x`,
		"a\x00b", "a\nb", "a\x7fb", "con", "CON.stp", "nul", "a/aux.txt", "COM1", "lpt9.dat", "COM¹", "CONIN$", "a:b",
		"name.", "name ", "a /b", "a?b", "a*", `a"b`, "<a>", "a|b", "\xff\xfe", strings.Repeat("n", 256),
		strings.Repeat("a/", 600) + "b", "a\u0085b", `\\.\C:\x`, `\\srv\share\x`, "NUL.txt", "aux .step", "CONOUT$.x", "lpt³", "clock$", "a.stp:hidden", "a.stp::$DATA", "x/. ",
	} {
		err := CheckPath(bad)
		if !errors.Is(err, api.NameInvalid) {
			t.Errorf("%q: got %v, want name_invalid", bad, err)
		} else if api.AsError(err).Params["name"] == "" && bad != "" {
			t.Errorf("%q: the error does not name it", bad)
		}
	}
}

func TestEntriesTogether(t *testing.T) {
	files := func(paths ...string) (out []api.FileEntry) {
		for _, p := range paths {
			out = append(out, api.FileEntry{Path: p, Size: 1})
		}
		return out
	}
	for _, row := range []struct {
		name    string
		kind    api.DocumentKind
		entries []api.FileEntry
		want    error
	}{
		{"one file", api.Single, files("a.stp"), nil},
		{"an assembly", api.Assembly, files("a.stp", "p/b.stp", "p/q/c.stp", "P/d.stp"), nil},
		{"no files", api.Assembly, nil, api.InvalidArgument},
		{"two files in a single document", api.Single, files("a", "b"), api.InvalidArgument},
		{"a folder in a single document", api.Single, files("a/b"), api.InvalidArgument},
		{"the same twice", api.Assembly, files("a", "b", "a"), api.NameInvalid},
		{"the same but for case", api.Assembly, files("p/Bolt.stp", "P/bolt.STP"), api.NameInvalid},
		{"the same but for case, beyond ASCII", api.Assembly, files("Ä.stp", "ä.stp"), api.NameInvalid},
		{"a file that is a folder too", api.Assembly, files("p/q", "p/q/r"), api.NameInvalid},
		{"a file that is a folder in other case", api.Assembly, files("P/Q", "p/q/r"), api.NameInvalid},
		{"folders that differ in case, files that do not meet", api.Assembly, files("Parts/a.stp", "parts/b.stp"), nil},
		{"negative size", api.Single, []api.FileEntry{{Path: "a", Size: -1}}, api.InvalidArgument},
		{"sizes that overflow", api.Assembly, []api.FileEntry{{Path: "a", Size: 1 << 62}, {Path: "b", Size: 1 << 62}}, api.TooLarge},
		{"no kind", "", files("a"), api.InvalidArgument},
		{"too many", api.Assembly, make([]api.FileEntry, MaxEntries+1), api.TooLarge},
	} {
		if err := Check(row.kind, row.entries); !errors.Is(err, row.want) || (row.want == nil) != (err == nil) {
			t.Errorf("%s: got %v, want %v", row.name, err, row.want)
		}
	}
}

func TestAClashNamesBoth(t *testing.T) {
	for _, pair := range [][2]string{{"p/Bolt.stp", "P/bolt.STP"}, {"p", "P/q/r"}} {
		err := Check(api.Assembly, []api.FileEntry{{Path: "a"}, {Path: pair[0]}, {Path: "b"}, {Path: pair[1]}})
		for _, lang := range []api.Language{api.Chinese, api.English} {
			if text := api.AsError(err).Text(lang); !strings.Contains(text, pair[0]) || !strings.Contains(text, pair[1]) {
				t.Errorf("%q: %s", pair, text)
			}
		}
	}
}

func TestHashEntries(t *testing.T) {
	a := api.FileEntry{Path: "a", Size: 1, Hash: "00"}
	b := api.FileEntry{Path: "b", Size: 2, Hash: "11", Executable: true}
	want := HashEntries([]api.FileEntry{a, b})
	if got := HashEntries([]api.FileEntry{b, a}); got != want {
		t.Error("the order of entries matters")
	}
	for _, other := range [][]api.FileEntry{
		{a}, {a, {Path: "b", Size: 3, Hash: "11"}}, {a, {Path: "b", Size: 2, Hash: "12"}}, {a, {Path: "c", Size: 2, Hash: "11"}},
	} {
		if HashEntries(other) == want {
			t.Errorf("%v has the hash of another content", other)
		}
	}
	if HashEntries([]api.FileEntry{a}) != HashEntries([]api.FileEntry{{Path: "other", Size: 1, Hash: "00"}}) {
		t.Error("the name of a single file matters")
	}
	if len(want) != 64 {
		t.Errorf("hash of %d characters", len(want))
	}
}

func TestCloudPaths(t *testing.T) {
	for _, good := range []string{"/me/a.stp", "/team/x/y/a: b?.stp", "/图/纸"} {
		if err := CheckCloudPath(good); err != nil {
			t.Errorf("%q refused: %v", good, err)
		}
	}
	for _, bad := range []string{"", "/", "/me", "me/a", "/me/", "//a", "/me/../a", "/me/a\\b", "/me/\x00", "/me/\xff", "/" + strings.Repeat("a/", 600)} {
		if err := CheckCloudPath(bad); !errors.Is(err, api.NameInvalid) {
			t.Errorf("%q: got %v, want name_invalid", bad, err)
		}
	}
}

// FuzzCheckPath holds that whatever is accepted stays inside the folder it is
// joined to and means the same on every system.
func FuzzCheckPath(f *testing.F) {
	for _, s := range []string{"a/b", "../x", `a\b`, "CON", "a.", "é/ü", "a\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if CheckPath(path) != nil {
			return
		}
		if !utf8.ValidString(path) || strings.ContainsAny(path, "\\:\x00") || strings.HasPrefix(path, "/") {
			t.Errorf("accepted %q", path)
		}
		for part := range strings.SplitSeq(path, "/") {
			if part == "" || part == "." || part == ".." || ReservedName(part) || strings.TrimRight(part, ". ") != part {
				t.Errorf("accepted %q with the part %q", path, part)
			}
		}
		if Fold(Fold(path)) != Fold(path) {
			t.Errorf("folding %q is not stable", path)
		}
	})
}
