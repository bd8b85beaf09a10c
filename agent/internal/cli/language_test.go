package cli

import (
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
			if got := language(langFlag(tt.args), environment(tt.env...), Env{}.language); got != tt.want {
				t.Errorf("language %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAPolicyDecidesTheLanguage(t *testing.T) {
	getenv := environment("LANG=en_US.UTF-8")
	wants := func(v string) func(string) string { return func(string) string { return v } }
	if got := language("", getenv, wants("zh-CN")); got != api.Chinese {
		t.Errorf("a policy: %s", got)
	}
	if got := language("en", getenv, wants("zh-CN")); got != api.Chinese {
		t.Errorf("a locked policy: %s", got)
	}
}
