package api_test

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"testing"

	"iscdesk.dev/agent/api"
)

func TestReasonsAreWellFormed(t *testing.T) {
	hole := regexp.MustCompile(`\{\w+\}`)
	seen := map[api.Reason]bool{}
	for _, r := range api.Reasons() {
		en, zh := hole.FindAllString(r.EN, -1), hole.FindAllString(r.ZH, -1)
		slices.Sort(en)
		slices.Sort(zh)
		if seen[r.Reason] || r.EN == "" || r.ZH == "" || !slices.Equal(slices.Compact(en), slices.Compact(zh)) {
			t.Errorf("%s: %v and %v", r.Reason, en, zh)
		}
		seen[r.Reason] = true
	}
}

// TestAReasonIsToldInTheReadersLanguage sends errors over a border and reads
// them in both languages.
func TestAReasonIsToldInTheReadersLanguage(t *testing.T) {
	for _, c := range []struct {
		why    error
		en, zh string
	}{
		{api.Explain(api.FileWritable, "mode", "0666", "path", "/p"), "others may write to it (mode 0666); run: chmod go-w /p", "其他用户可写(权限 0666);请运行:chmod go-w /p"},
		{api.ExplainBy(api.ScriptUnread, api.Explain(api.ScriptServer, "status", "404")), "the script cannot be read: its server answers 404", "无法读取脚本:其服务器返回 404"},
		{api.ExplainBy(api.ScriptUnread, errors.New("no route")), "the script cannot be read: no route", "无法读取脚本:no route"},
		{errors.New("raw {path}"), "raw {path}", "raw {path}"},
	} {
		wire, err := json.Marshal(api.Fail(api.ProxyFailed, "proxy", "P").Why(c.why))
		if err != nil {
			t.Fatal(err)
		}
		var got api.Error
		if err := json.Unmarshal(wire, &got); err != nil {
			t.Fatal(err)
		}
		en, zh := got.Text(api.English), got.Text(api.Chinese)
		if c.why.Error() != c.en || en != "The network cannot be used as the administrator set it up (P): "+c.en+". Nothing was sent another way. iscdesk tries again by itself." {
			t.Errorf("English: %s (%v)", en, c.why)
		}
		if zh != "无法按管理员的设置使用网络(P):"+c.zh+"。未改用其他方式发送任何内容。iscdesk 会自动重试。" {
			t.Errorf("Chinese: %s", zh)
		}
	}
}
