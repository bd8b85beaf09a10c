package signin

import (
	"slices"
	"testing"
)

func TestBrowsers(t *testing.T) {
	const page = "https://market.example/login?a=b"
	for _, tt := range []struct {
		name, setting, system string
		want                  [][]string
	}{
		{"nothing set, Linux", "", "linux", [][]string{{"xdg-open", page}}},
		{"nothing set, Windows", "", "windows", [][]string{{"rundll32", "url.dll,FileProtocolHandler", page}}},
		{"nothing set, macOS", "", "darwin", [][]string{{"open", page}}},
		{"a program", "firefox", "linux", [][]string{{"firefox", page}, {"xdg-open", page}}},
		{
			"a path with blanks and Chinese", "/opt/我的 浏览器/run", "linux",
			[][]string{{"/opt/我的 浏览器/run", page}, {"/opt/我的", "浏览器/run", page}, {"xdg-open", page}},
		},
		{"a place for the address", "firefox --new-window %s", "linux", [][]string{{"firefox", "--new-window", page}, {"xdg-open", page}}},
		{"a list", "w3m:links", "linux", [][]string{{"w3m", page}, {"links", page}, {"xdg-open", page}}},
		{"a drive letter", `C:\b.exe;d.exe`, "windows", [][]string{{`C:\b.exe`, page}, {"d.exe", page}, {"rundll32", "url.dll,FileProtocolHandler", page}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := browsers(tt.setting, tt.system, page)
			if !slices.EqualFunc(got, tt.want, slices.Equal) {
				t.Errorf("browsers(%q) = %q, want %q", tt.setting, got, tt.want)
			}
		})
	}
}

func TestNoBrowserOpensWhatIsNoWebAddress(t *testing.T) {
	for _, page := range []string{
		"file:///etc/passwd", "--help", "javascript:alert(1)", "smb://host/x", "", "https:calc.exe", "http://", "https:///x", `\\\\host\\share`,
		`https://market.example/" file:///c:/x.exe`, "https://market.example/a b", "https://market.example/`id`", "https://market.example/a|b",
		"https://market.example/\u202egpj.exe", "https://market.example/\nx",
	} {
		if err := OpenBrowser(t.Context(), func(string) string { return "/bin/true" }, page); err == nil {
			t.Errorf("OpenBrowser(%q) started a program", page)
		}
	}
}
