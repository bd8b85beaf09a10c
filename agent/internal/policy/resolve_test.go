package policy

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

func source(kind api.PolicySource, pairs ...any) Source {
	s := Source{Kind: kind, Given: map[string]Given{}}
	for i := 0; i < len(pairs); i += 2 {
		key, _ := pairs[i].(string)
		s.Given[key] = Given{Raw: pairs[i+1], Where: string(kind) + "/" + key}
	}
	return s
}

func setting(t *testing.T, e Effective, key string) api.PolicySetting {
	t.Helper()
	i := slices.IndexFunc(e.Settings, func(s api.PolicySetting) bool { return s.Key == key })
	if i < 0 {
		t.Fatalf("%s is not shown", key)
	}
	return e.Settings[i]
}

// TestResolve is the specification: which source counts, what a wrong value
// does, what a lock does.
func TestResolve(t *testing.T) {
	const a, b, c = "https://a.example", "https://b.example", "https://c.example"
	policy := func(pairs ...any) Source { return source(api.FromPolicy, pairs...) }
	flags := func(pairs ...any) Source { return source(api.FromCommandLine, pairs...) }
	environment := func(pairs ...any) Source { return source(api.FromEnvironment, pairs...) }
	installer := func(pairs ...any) Source { return source(api.FromInstaller, pairs...) }
	for _, row := range []struct {
		name     string
		own      bool
		sources  []Source
		key      string
		value    string
		from     api.PolicySource
		locked   bool
		problems []api.Code
		held     bool
	}{
		{name: "nothing", key: "marketplace", from: api.FromDefault},
		{name: "a default", key: "limits.parallel_uploads", value: "3", from: api.FromDefault},
		{name: "the policy goes first", sources: []Source{flags("marketplace", b), policy("marketplace", a), installer("marketplace", c)}, key: "marketplace", value: a, from: api.FromPolicy},
		{name: "then the command line", sources: []Source{installer("marketplace", c), environment("marketplace", a), flags("marketplace", b)}, key: "marketplace", value: b, from: api.FromCommandLine},
		{name: "then the environment", sources: []Source{installer("marketplace", c), environment("marketplace", a)}, key: "marketplace", value: a, from: api.FromEnvironment},
		{name: "then the installer", sources: []Source{installer("marketplace", c)}, key: "marketplace", value: c, from: api.FromInstaller},
		{name: "what the installer left empty says nothing", sources: []Source{installer("proxy", "  ")}, key: "proxy", from: api.FromDefault},
		{name: "a slash at the end", sources: []Source{policy("marketplace", a+"/")}, key: "marketplace", value: a, from: api.FromPolicy},
		{name: "a user's own agent: the user goes first", own: true, sources: []Source{policy("marketplace", a), environment("marketplace", b)}, key: "marketplace", value: b, from: api.FromEnvironment},
		{name: "a user's own agent: not over a lock", own: true, sources: []Source{policy("marketplace", a, LockedKey, []any{"marketplace"}), flags("marketplace", b)}, key: "marketplace", value: a, from: api.FromPolicy, locked: true, problems: []api.Code{api.PolicyOverruled}},
		{name: "everything is locked", own: true, sources: []Source{policy("language", "en", LockedKey, "*"), flags("language", "zh-CN")}, key: "language", value: "en", from: api.FromPolicy, locked: true, problems: []api.Code{api.PolicyOverruled}},
		{name: "a lock in no policy is none", own: true, sources: []Source{policy("marketplace", a), environment(LockedKey, "marketplace", "marketplace", b)}, key: "marketplace", value: b, from: api.FromEnvironment},
		{name: "a lock on what there is not", sources: []Source{policy(LockedKey, []any{"markteplace"})}, key: "marketplace", from: api.FromDefault, problems: []api.Code{api.PolicyUnknown}},
		{name: "a lock that is none locks all", own: true, sources: []Source{policy(LockedKey, int64(1), "language", "en"), flags("language", "zh-CN")}, key: "language", value: "en", from: api.FromPolicy, locked: true, problems: []api.Code{api.PolicyValue, api.PolicyOverruled}},

		{name: "wrong: the next source", sources: []Source{policy("limits.upload_rate", "fast"), flags("limits.upload_rate", "1MB/s")}, key: "limits.upload_rate", value: "1MB/s", from: api.FromCommandLine, problems: []api.Code{api.PolicyValue}},
		{name: "wrong: the default", sources: []Source{policy("limits.parallel_uploads", int64(0))}, key: "limits.parallel_uploads", value: "3", from: api.FromDefault, problems: []api.Code{api.PolicyValue}},
		{name: "wrong type", sources: []Source{policy("offline_days", true)}, key: "offline_days", from: api.FromDefault, problems: []api.Code{api.PolicyValue}},
		{name: "wrong and guarded: no weaker marketplace", sources: []Source{policy("marketplace", "http://a.example"), flags("marketplace", b)}, key: "marketplace", from: api.FromPolicy, problems: []api.Code{api.PolicyValue}},
		{name: "wrong and guarded: nobody installs", sources: []Source{policy("install_applications", "admins")}, key: "install_applications", value: "nobody", from: api.FromPolicy, problems: []api.Code{api.PolicyValue}},
		{name: "wrong and guarded: nothing goes direct", sources: []Source{policy("proxy", "proxy.example:8080")}, key: "proxy", from: api.FromPolicy, problems: []api.Code{api.PolicyValue}, held: true},
		{name: "wrong and guarded: an installer's too", sources: []Source{installer("proxy", "ftp://p")}, key: "proxy", from: api.FromInstaller, problems: []api.Code{api.PolicyValue}, held: true},
		{name: "wrong and guarded: a script", sources: []Source{policy("proxy_pac", "proxy.pac")}, key: "proxy_pac", from: api.FromPolicy, problems: []api.Code{api.PolicyValue}, held: true},
		{name: "wrong and guarded: a tenant", sources: []Source{policy("tenant", int64(7))}, key: "tenant", from: api.FromPolicy, problems: []api.Code{api.PolicyValue}, held: true},
		{name: "wrong and guarded: trust nobody more", sources: []Source{policy("ca_file", "ca.pem"), environment("ca_file", "/env/ca.pem")}, key: "ca_file", from: api.FromPolicy, problems: []api.Code{api.PolicyValue}},
		{name: "there is no telemetry", sources: []Source{policy("telemetry", true)}, key: "telemetry", value: "false", from: api.FromPolicy, problems: []api.Code{api.PolicyValue}},
		{name: "telemetry off", sources: []Source{policy("telemetry", false)}, key: "telemetry", value: "false", from: api.FromPolicy},
		{name: "unknown", sources: []Source{policy("markteplace", a, "limits.upload", "1MB/s")}, key: "marketplace", from: api.FromDefault, problems: []api.Code{api.PolicyUnknown, api.PolicyUnknown}},
		{name: "a policy that is refused holds the network", sources: []Source{{Kind: api.FromPolicy, Refused: api.Fail(api.PolicyRefused)}, flags("marketplace", a)}, key: "marketplace", value: a, from: api.FromCommandLine, problems: []api.Code{api.PolicyRefused}, held: true},
		{name: "unless there is a last good one", sources: []Source{{Kind: api.FromPolicy, Refused: api.Fail(api.PolicyRefused), Kept: true, Given: policy("marketplace", b).Given}, flags("marketplace", a)}, key: "marketplace", value: b, from: api.FromPolicy, problems: []api.Code{api.PolicyRefused}},
		{name: "installer settings that cannot be read hold nothing", sources: []Source{{Kind: api.FromInstaller, Refused: api.Fail(api.PolicyRefused)}}, key: "proxy", from: api.FromDefault, problems: []api.Code{api.PolicyRefused}},
	} {
		e := Resolve(row.sources, row.own)
		var codes []api.Code
		for _, p := range e.Problems {
			codes = append(codes, p.Code)
		}
		got := setting(t, e, row.key)
		if got.Value != row.value || got.Source != row.from || got.Locked != row.locked || !slices.Equal(codes, row.problems) || (e.Held != nil) != row.held {
			t.Errorf("%s: %+v, problems %v, held %v", row.name, got, codes, e.Held)
		}
	}
}

// TestValues has every form of a value that people write.
func TestValues(t *testing.T) {
	root := map[bool]string{true: `C:\`, false: "/"}[runtime.GOOS == "windows"]
	for _, row := range []struct {
		key  string
		raw  any
		want any // nil: refused
		get  func(Values) any
	}{
		{"marketplace", "https://m.example:8443/isc", "https://m.example:8443/isc", func(v Values) any { return v.Marketplace }},
		{"marketplace", "http://127.0.0.1:80", "http://127.0.0.1:80", func(v Values) any { return v.Marketplace }},
		{"marketplace", "https://u:p@m.example", nil, nil},
		{"marketplace", "https://m.example:0", nil, nil},
		{"marketplace", "https://m.example/?q", nil, nil},
		{"marketplace", "https:///x", nil, nil},
		{"marketplace", "https://m.example\nX: y", nil, nil},
		{"proxy", "http://p:3128/", "http://p:3128", func(v Values) any { return v.Proxy }},
		{"proxy", "socks5://[::1]:1080", "socks5://[::1]:1080", func(v Values) any { return v.Proxy }},
		{"proxy", "DIRECT", "direct", func(v Values) any { return v.Proxy }},
		{"proxy", "http://u:secret@p:3128", nil, nil},
		{"proxy", "p:3128", nil, nil},
		{"proxy", "http://p:99999", nil, nil},
		{"proxy_pac", "http://wpad/proxy.pac?x=1", "http://wpad/proxy.pac?x=1", func(v Values) any { return v.ProxyPAC }},
		{"proxy_pac", root + "proxy.pac", root + "proxy.pac", func(v Values) any { return v.ProxyPAC }},
		{"proxy_pac", "file://server/proxy.pac", nil, nil},
		{"proxy_pac", "ftp://wpad/proxy.pac", nil, nil},
		{"ca_file", root + "ca.pem", root + "ca.pem", func(v Values) any { return v.CAFile }},
		{"ca_file", "ca.pem", nil, nil},
		{"no_proxy", []any{"a.example", ".b", "10.0.0.0/8"}, "a.example .b 10.0.0.0/8", func(v Values) any { return strings.Join(v.NoProxy, " ") }},
		{"no_proxy", "a.example, b;c", "a.example b c", func(v Values) any { return strings.Join(v.NoProxy, " ") }},
		{"no_proxy", []any{int64(1)}, nil, nil},
		{"install_applications", "Administrators", Administrators, func(v Values) any { return v.Install }},
		{"limits.upload_rate", "10MB/s", int64(10_000_000), func(v Values) any { return v.UploadRate }},
		{"limits.upload_rate", "1.5 MiB/s", int64(1_572_864), func(v Values) any { return v.UploadRate }},
		{"limits.upload_rate", "100 Mbit/s", int64(12_500_000), func(v Values) any { return v.UploadRate }},
		{"limits.upload_rate", "10MB", nil, nil},
		{"limits.upload_rate", "10B/s", nil, nil},
		{"limits.upload_rate", "-1MB/s", nil, nil},
		{"limits.upload_rate", "NaNMB/s", nil, nil},
		{"limits.upload_rate", "InfGB/s", nil, nil},
		{"limits.upload_rate", int64(10), nil, nil},
		{"limits.staging_space", "20GB", int64(20_000_000_000), func(v Values) any { return v.StagingSpace }},
		{"limits.staging_space", "20Gbit", nil, nil},
		{"limits.parallel_uploads", uint64(4), 4, func(v Values) any { return v.ParallelUploads }},
		{"limits.parallel_uploads", "4", 4, func(v Values) any { return v.ParallelUploads }},
		{"limits.parallel_uploads", int64(17), nil, nil},
		{"offline_days", int64(1), 1, func(v Values) any { return v.OfflineDays }},
		{"offline_days", int64(0), nil, nil},
		{"offline_days", uint64(1 << 63), nil, nil},
		{"language", "ZH-cn", "zh-CN", func(v Values) any { return v.Language }},
		{"language", "auto", "", func(v Values) any { return v.Language }},
		{"language", "de", nil, nil},
	} {
		e := Resolve([]Source{source(api.FromPolicy, row.key, row.raw)}, false)
		switch {
		case row.want == nil && e.Problem(row.key) == nil:
			t.Errorf("%s = %v was taken", row.key, row.raw)
		case row.want == nil && strings.Contains(e.Problem(row.key).Error(), "secret"):
			t.Errorf("a password is shown: %v", e.Problem(row.key))
		case row.want != nil && (e.Problem(row.key) != nil || row.get(e.Values) != row.want):
			t.Errorf("%s = %v gives %v, %v", row.key, row.raw, row.get(e.Values), e.Problem(row.key))
		}
	}
	if v := Resolve(nil, false).Values; v.OfflineDays != -1 || v.Install != Everyone || v.ParallelUploads != 3 {
		t.Errorf("without any policy: %+v", v)
	}
}

// TestTheTable has the table sound: names once, defaults good, texts in both
// languages.
func TestTheTable(t *testing.T) {
	names := map[string]bool{strings.ToLower(LockedKey): true}
	for _, s := range Settings() {
		for _, name := range []string{strings.ToLower(s.Key), "registry " + strings.ToLower(s.Registry)} {
			if names[name] {
				t.Errorf("%s stands twice", name)
			}
			names[name] = true
		}
		if s.Default != "" {
			if _, ok := s.parse(s, defaultOf(s)); !ok {
				t.Errorf("%s: the default %q is not good", s.Key, s.Default)
			}
		}
		if s.Safe != "" {
			if _, ok := s.parse(s, s.Safe); !ok {
				t.Errorf("%s: the safe value %q is not good", s.Key, s.Safe)
			}
		}
		for _, text := range []string{s.Title.EN, s.Title.ZH, s.Help.EN, s.Help.ZH, s.Expect} {
			if text == "" {
				t.Errorf("%s lacks a text", s.Key)
			}
		}
	}
}

// TestTheSampleNamesEverySetting reads the file that the packages ship: as it
// is it sets nothing, and with its lines switched on it sets everything, and
// all of it is good.
func TestTheSampleNamesEverySetting(t *testing.T) {
	content, err := os.ReadFile("../../../installer/policy/policy.toml")
	if err != nil {
		t.Fatal(err)
	}
	given, refused := parseTOML("policy.toml", content)
	if refused != nil || len(given) > 0 {
		t.Errorf("the sample is not inert: %v, %v", given, refused)
	}
	var on strings.Builder
	for line := range strings.Lines(string(content)) {
		if strings.HasPrefix(line, "# ") || strings.TrimSpace(line) == "#" {
			continue
		}
		on.WriteString(strings.TrimPrefix(line, "#"))
	}
	text := on.String()
	if runtime.GOOS == "windows" {
		text = strings.ReplaceAll(text, `"/etc`, `"C:/etc`)
	}
	given, refused = parseTOML("policy.toml", []byte(text))
	if refused != nil {
		t.Fatal(refused)
	}
	if e := Resolve([]Source{{Kind: api.FromPolicy, Given: given}}, false); len(e.Problems) > 0 {
		t.Errorf("the sample is wrong: %v", e.Problems)
	}
	for _, s := range Settings() {
		if _, ok := given[s.Key]; !ok {
			t.Errorf("the sample does not name %s", s.Key)
		}
	}
}

func TestLinesAndSyntax(t *testing.T) {
	given, refused := parseTOML("p", []byte("\ufeff# x\nmarketplace = \"https://a\"\n\n[limits]\n  \"upload_rate\" = 7 # c\n"))
	if refused != nil || given["marketplace"].Where != "p:2" || given["limits.upload_rate"].Where != "p:5" {
		t.Errorf("%+v, %v", given, refused)
	}
	if _, refused = parseTOML("p", []byte("a = 1\nb = = 2\n")); refused == nil || refused.Params["where"] != "p:2" {
		t.Errorf("a syntax error: %v", refused)
	}
	if en, zh := refused.Text(api.English), refused.Text(api.Chinese); !strings.Contains(en, "not valid TOML (expected value") || !strings.Contains(zh, "不是有效的 TOML(expected value") {
		t.Errorf("%s, %s", en, zh)
	}
	for _, deep := range []string{"[" + strings.Repeat("a.", 1e5) + "b]", strings.Repeat("a.", 1e5) + "b = 1", "a = " + strings.Repeat("[", 1e5), "a = " + strings.Repeat("{a = ", 1e5)} {
		if _, refused = parseTOML("p", []byte("x = 1\n"+deep)); refused == nil || refused.Params["reason"] != string(api.TOMLDepth) || refused.Params["where"] != "p:2" {
			t.Errorf("%.20s…: %v", deep, refused)
		}
	}
	if s := readFile(filepath.Join(t.TempDir(), "none.toml"), true); s.Refused != nil || len(s.Given) > 0 {
		t.Errorf("no file: %+v", s)
	}
}

// TestAProtectionUnderAnotherNameHolds has what an administrator's slip makes of
// a proxy: a name of another case or in a table, a table in its place. Nothing
// may go past the proxy that was meant.
func TestAProtectionUnderAnotherNameHolds(t *testing.T) {
	for content, want := range map[string]struct {
		code api.Code
		near string
		held bool
	}{
		"[limits]\nproxy = \"http://p:1\"":                  {api.PolicyUnknown, "proxy", true},
		"Proxy = \"http://p:1\"":                            {api.PolicyUnknown, "proxy", true},
		"proxy-pac = \"http://p/x\"":                        {api.PolicyUnknown, "proxy_pac", true},
		"[proxy]\nurl = \"http://p:1\"":                     {api.PolicyValue, "", true},
		"upload_rate = \"1MB/s\"":                           {api.PolicyUnknown, "limits.upload_rate", false},
		"proxxy = \"http://p:1\"":                           {api.PolicyUnknown, "proxy", false},
		"[limits]\nproxy = \"http://p:1\"\n[x]\nlimits = 1": {api.PolicyUnknown, "proxy", true},
	} {
		given, refused := parseTOML("p", []byte(content))
		if refused != nil {
			t.Fatal(refused)
		}
		e := Resolve([]Source{{Kind: api.FromPolicy, Place: "p", Given: given}}, false)
		if len(e.Problems) == 0 || e.Problems[0].Code != want.code || e.Problems[0].Params["near"] != want.near || (e.Held != nil) != want.held {
			t.Errorf("%q: %v, held: %v", content, e.Problems, e.Held)
		}
	}
	given, _ := parseTOML("p", []byte("[install_applications]\nwho = \"administrators\"\n"))
	if e := Resolve([]Source{{Kind: api.FromPolicy, Given: given}}, false); e.Values.Install != Nobody || !strings.HasPrefix(e.Problems[0].Params["where"], "p:1") {
		t.Errorf("a table for install_applications: %+v", e)
	}
}
