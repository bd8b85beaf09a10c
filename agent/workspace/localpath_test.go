package workspace

import (
	"errors"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

// What a path of Windows means is a rule without a disk, so it is tested on
// every system.
func TestPrefixesOfWindowsPaths(t *testing.T) {
	for path, want := range map[string]string{
		`C:\项目\装配 体\a.stp`:                     `C:\项目\装配 体\a.stp`,
		`\\?\C:\项目\装配 体\a.stp`:                 `C:\项目\装配 体\a.stp`,
		`\\?\UNC\server\cad\a.stp`:             `\\server\cad\a.stp`,
		`\\?\unc\server\cad\a.stp`:             `\\server\cad\a.stp`,
		`\\server\cad\a.stp`:                   `\\server\cad\a.stp`,
		`\\?\Volume{b75e2c83-0000}\x\a.stp`:    `\\?\Volume{b75e2c83-0000}\x\a.stp`,
		`relative\a.stp`:                       `relative\a.stp`,
		`C:drive-relative.stp`:                 `C:drive-relative.stp`,
		`\\?\C:\` + strings.Repeat(`长\`, 5000): `C:\` + strings.Repeat(`长\`, 5000),
	} {
		if got, err := plainWindowsPath(path); got != want || err != nil {
			t.Errorf("%.60q: %.60q, %v", path, got, err)
		}
	}
	for _, path := range []string{
		`\\.\C:\x\a.stp`, `\\.\PhysicalDrive0`, `\\.\pipe\x`, `//./NUL`, `\\?\GLOBALROOT\Device\x`, `\\?\pipe\x`, `\??\C:\x`, `//?/C:/x`,
		`\\?\C:\x\a.stp.`, `\\?\C:\x\a `, `\\?\C:\NUL`, `\\?\C:\x\con.stp`, `\\?\C:\x\a.stp:stream`, `\\?\C:\x\..\a.stp:s`, `\\?\C:x`, `\\?\`,
		`\\?\UNC\.\PhysicalDrive0`, `\\?\UNC\?\C:\x`, `\\?\UNC\./NUL`, `\\?\UNC\\x`,
	} {
		if got, err := plainWindowsPath(path); !errors.Is(err, api.NameInvalid) {
			t.Errorf("%q: %q, %v", path, got, err)
		}
	}
}

func TestWindowsPathsThatAreNoDocuments(t *testing.T) {
	for _, good := range []string{`C:\a.stp`, `\\server\cad$\项目\a.stp`, `C:\` + strings.Repeat(`d\`, 16000) + "a", `\\?\Volume{1}\a`, `C:\` + strings.Repeat("长", 255) + `\a`} {
		if err := checkWindowsPath(good); err != nil {
			t.Errorf("%.40q: %v", good, err)
		}
	}
	for path, says := range map[string]string{
		`C:\x\a.stp:hidden`:                  "stream",
		`C:\x\a.stp::$DATA`:                  "stream",
		`\\server\cad\a:b\c`:                 "stream",
		`C:\x\nul.txt`:                       "device",
		`C:\aux .step\a.stp`:                 "device",
		`C:\x\com¹`:                          "device",
		`C:\x\CONIN$`:                        "device",
		`C:\x\a?.stp`:                        "does not allow",
		`C:\x\a"b`:                           "does not allow",
		"C:\\x\\a\tb":                        "control",
		`C:\x\` + strings.Repeat("n", 256):   "longer than the 255",
		`C:\` + strings.Repeat("𠀀", 128):     "longer than the 255",
		`C:\` + strings.Repeat(`dd\`, 11000): "32,767",
		`C:\` + strings.Repeat("𠀀\\", 11000): "32,767",
	} {
		err := checkWindowsPath(path)
		if !errors.Is(err, api.NameInvalid) || !strings.Contains(api.AsError(err).Params["reason"], says) {
			t.Errorf("%.40q: %v, want it to speak of %q", path, err, says)
		}
	}
}

func TestRespell(t *testing.T) {
	disk := map[string]string{`C:\项目`: "项目", `C:\项目\PARTS`: "Parts", `C:\项目\Parts\longna~1.stp`: "long name.stp", `\\srv\cad\x`: "X"}
	found := func(path string) (string, bool) {
		name, ok := disk[path]
		return name, ok
	}
	for path, want := range map[[2]string]string{
		{`C:`, `\项目\PARTS\longna~1.stp`}: `C:\项目\Parts\long name.stp`,
		{`C:`, `\项目\PARTS\New.stp`}:      `C:\项目\Parts\New.stp`,
		{`C:`, `\`}:                      `C:\`,
		{`C:`, `\nothing\here`}:          `C:\nothing\here`,
		{`\\srv\cad`, `\x\y`}:            `\\srv\cad\X\y`,
	} {
		if got := respell(path[0], path[1], found); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

func TestClash(t *testing.T) {
	there := api.OpenedDocument{Document: "d1", Path: "/me/Part.stp"}
	for _, c := range []struct {
		document, path string
		want           bool
	}{
		{"d2", "/me/part.stp", true},
		{"d2", "/ME/part.stp", true},
		{"d1", "/me/part.stp", false}, // renamed in the cloud
		{"d2", "/me/Part.stp", false}, // deleted there and made again
		{"d2", "/me/other.stp", false},
	} {
		if got := clashes(there, c.document, c.path); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func FuzzPlainWindowsPath(f *testing.F) {
	for _, s := range []string{`C:\x`, `\\?\C:\x`, `\\?\UNC\a\b`, `\\.\x`, `\\?\Volume{}\x`, `\\?\UNC\.\`, `\\?\UNC\?`, `\\?\UNC\\x`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		plain, err := plainWindowsPath(path)
		if err != nil {
			return
		}
		if again, err := plainWindowsPath(plain); err != nil || again != plain {
			t.Fatalf("%q becomes %q, then %q, %v", path, plain, again, err)
		}
	})
}
