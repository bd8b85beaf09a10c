package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

func TestPolicyShow(t *testing.T) {
	wrong := api.Fail(api.PolicyValue, "key", "proxy", "where", "/etc/iscdesk/policy.toml:7", "value", "p", "expected", "http://proxy.example.com:8080")
	service := &fakeService{policy: api.Policy{
		Places: []string{"/etc/iscdesk/policy.toml"},
		Settings: []api.PolicySetting{
			{Key: "marketplace", Value: "https://m.example", Source: api.FromPolicy, Where: "/etc/iscdesk/policy.toml:3", Locked: true},
			{Key: "proxy", Source: api.FromPolicy, Where: "/etc/iscdesk/policy.toml:7", Problems: []*api.Error{wrong}},
			{Key: "language", Value: "auto", Source: api.FromDefault},
		},
		Problems: []*api.Error{wrong},
	}}
	for lang, words := range map[string][]string{
		"en":    {"https://m.example", "policy (/etc/iscdesk/policy.toml:3)", "locked", "wrong!", "Expected is: http://proxy.example.com:8080", "default"},
		"zh-CN": {"云商店地址", "策略 (/etc/iscdesk/policy.toml:3)", "已锁定", "有误!", "应为:http://proxy.example.com:8080", "默认值"},
	} {
		r := service.run(t, "", "--lang", lang, "policy", "show")
		for _, w := range words {
			if !strings.Contains(r.out, w) {
				t.Errorf("%s: %q is not in\n%s", lang, w, r.out)
			}
		}
		if r.exit != ExitFailed {
			t.Errorf("%s: status %d", lang, r.exit)
		}
	}
	r := service.run(t, "", "--json", "policy", "show")
	var p api.Policy
	if err := json.Unmarshal([]byte(r.out), &p); err != nil || len(p.Settings) != 3 || p.Problems[0].Code != api.PolicyValue {
		t.Errorf("%v: %s", err, r.out)
	}
	service.policy.Problems = nil
	if r := service.run(t, "", "policy", "show"); r.exit != ExitOK {
		t.Errorf("nothing is wrong: %d", r.exit)
	}
}
