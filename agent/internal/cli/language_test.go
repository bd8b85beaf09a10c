package cli

import (
	"slices"
	"testing"

	"iscdesk.dev/agent/api"
)

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestLanguage(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		env  []string
		want api.Language
	}{
		{"nothing is set", nil, nil, api.English},
		{"LANG", nil, []string{"LANG", "zh_CN.UTF-8"}, api.Chinese},
		{"LC_MESSAGES before LANG", nil, []string{"LC_MESSAGES", "zh_CN.UTF-8", "LANG", "en_US.UTF-8"}, api.Chinese},
		{"LC_ALL before LC_MESSAGES", nil, []string{"LC_ALL", "C", "LC_MESSAGES", "zh_CN.UTF-8"}, api.English},
		{"another language", nil, []string{"LANG", "de_DE.UTF-8"}, api.English},
		{"--lang=", []string{"status", "--lang=zh-CN"}, []string{"LC_ALL", "en_US.UTF-8"}, api.Chinese},
		{"--lang with a blank", []string{"--lang", "en", "status"}, []string{"LC_ALL", "zh_CN"}, api.English},
		{"behind --", []string{"files", "ls", "--", "--lang=zh-CN"}, nil, api.English},
		{"--lang without a value", []string{"status", "--lang"}, nil, api.English},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := language(tt.args, environment(tt.env...), Env{}.language); got != tt.want {
				t.Errorf("language %q, want %q", got, tt.want)
			}
		})
	}
}

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
	for _, page := range []string{"file:///etc/passwd", "--help", "javascript:alert(1)", "smb://host/x", ""} {
		if err := openBrowser(t.Context(), environment("BROWSER", "/bin/true"), page); err == nil {
			t.Errorf("openBrowser(%q) started a program", page)
		}
	}
}

func TestAPolicyDecidesTheLanguage(t *testing.T) {
	getenv := environment("LANG=en_US.UTF-8")
	wants := func(v string) func(string) string { return func(string) string { return v } }
	if got := language([]string{"status"}, getenv, wants("zh-CN")); got != api.Chinese {
		t.Errorf("a policy: %s", got)
	}
	if got := language([]string{"--lang", "en"}, getenv, wants("zh-CN")); got != api.Chinese {
		t.Errorf("a locked policy: %s", got)
	}
}
