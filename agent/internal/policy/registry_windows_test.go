package policy

import (
	"strings"
	"testing"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"iscdesk.dev/agent/api"
)

const (
	testRoot      = `SOFTWARE\iscdesk-test`
	testPolicy    = testRoot + `\Policies\iscdesk`
	testInstaller = testRoot + `\iscdesk`
)

func places(t *testing.T) Places {
	t.Helper()
	clear := func() {
		for _, key := range []string{testPolicy, testRoot + `\Policies`, testInstaller, testRoot} {
			_ = registry.DeleteKey(registry.LOCAL_MACHINE, key) // most are not there
		}
	}
	clear()
	t.Cleanup(clear)
	return Places{PolicyKey: testPolicy, InstallerKey: testInstaller, Getenv: func(string) string { return "" }}
}

func open(t *testing.T, path string) registry.Key {
	t.Helper()
	key, _, err := registry.CreateKey(registry.LOCAL_MACHINE, path, registry.ALL_ACCESS|registry.WOW64_64KEY)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = key.Close() })
	return key
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheRegistry reads every type of value, the policy before the installer.
func TestTheRegistry(t *testing.T) {
	p := places(t)
	if e := Resolve(Read(p), false); len(e.Problems) > 0 {
		t.Fatalf("nothing is there: %v", e.Problems)
	}
	policy, installer := open(t, testPolicy), open(t, testInstaller)
	must(t,
		installer.SetStringValue("MarketplaceURL", "https://installer.example"), installer.SetStringValue("Language", "zh-CN"),
		installer.SetStringValue("Proxy", ""), installer.SetStringValue("Autostart", "1"), installer.SetStringValue("OfflineDays", "9"),
		policy.SetStringValue("marketplaceurl", "https://policy.example"), policy.SetDWordValue("OfflineDays", 14), policy.SetDWordValue("Telemetry", 0),
		policy.SetStringsValue("NoProxy", []string{".a.example", "10.0.0.0/8"}), policy.SetExpandStringValue("CAFile", `%SystemRoot%\ca.pem`),
		policy.SetStringsValue("Locked", []string{"marketplace", "ca_file"}), policy.SetBinaryValue("UploadRate", []byte{1}),
		policy.SetStringValue("Markteplace", "x"),
	)
	e := Resolve(Read(p), false)
	v := e.Values
	if v.Marketplace != "https://policy.example" || v.Language != "zh-CN" || v.OfflineDays != 14 || strings.Join(v.NoProxy, " ") != ".a.example 10.0.0.0/8" ||
		!strings.HasSuffix(strings.ToLower(v.CAFile), `:\windows\ca.pem`) || v.Proxy != "" {
		t.Errorf("%+v", v)
	}
	if s := setting(t, e, "marketplace"); s.Where != `HKLM\`+testPolicy+`\marketplaceurl` || !s.Locked || s.Source != api.FromPolicy {
		t.Errorf("%+v", s)
	}
	if s := setting(t, e, "language"); s.Source != api.FromInstaller || s.Where != `HKLM\`+testInstaller+`\Language` {
		t.Errorf("%+v", s)
	}
	if len(e.Problems) != 2 || e.Problem("limits.upload_rate") == nil || e.Problem("Markteplace") == nil {
		t.Errorf("%v", e.Problems)
	}
}

// TestTheRegistryIsFollowed makes the keys while somebody watches, changes a
// value, and takes them away.
func TestTheRegistryIsFollowed(t *testing.T) {
	p := places(t)
	open(t, testRoot)
	f := follows(t, p)
	policy := open(t, testPolicy)
	must(t, policy.SetDWordValue("OfflineDays", 5))
	f.until(t, "a new key", func(e Effective) bool { return e.Values.OfflineDays == 5 })
	must(t, policy.SetDWordValue("OfflineDays", 6))
	f.until(t, "another value", func(e Effective) bool { return e.Values.OfflineDays == 6 })
	must(t, policy.DeleteValue("OfflineDays"))
	f.until(t, "a value less", func(e Effective) bool { return e.Values.OfflineDays == -1 })
	must(t, open(t, testInstaller).SetStringValue("Language", "en"))
	f.until(t, "a value of the installer", func(e Effective) bool { return e.Values.Language == "en" })
}

// TestTheDescriptorOfASecret looks at descriptors and not at what the system
// makes of them: Wine does not enforce them.
func TestTheDescriptorOfASecret(t *testing.T) {
	const read = mayWrite | mayRead
	for sddl, want := range map[string]struct{ secret, policy, own bool }{
		"O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)":                           {true, true, true},
		"O:SYD:P(A;;FA;;;SY)":                                       {true, true, true},
		"O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;BU)":               {false, true, false},
		"O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FW;;;BU)":               {false, false, false},
		"O:BAD:P(A;;FA;;;WD)":                                       {false, false, false},
		"O:BAD:P(A;;SD;;;AU)":                                       {false, false, false},
		"O:BAD:P(A;OICIIO;FA;;;BU)(A;;FA;;;BA)":                     {true, true, true},
		"O:BUD:P(A;;FA;;;SY)":                                       {false, false, false},
		"O:" + self(t) + "D:P(A;;FA;;;SY)(A;;FA;;;" + self(t) + ")": {false, false, true},
	} {
		d, err := windows.SecurityDescriptorFromString(sddl)
		if err != nil {
			t.Fatalf("%s: %v", sddl, err)
		}
		if got := checkDescriptor(`C:\p`, d, false, read) == nil; got != want.secret {
			t.Errorf("%s as a secret: %v", sddl, checkDescriptor(`C:\p`, d, false, read))
		}
		if got := checkDescriptor(`C:\p`, d, false, mayWrite) == nil; got != want.policy {
			t.Errorf("%s as a policy: %v", sddl, checkDescriptor(`C:\p`, d, false, mayWrite))
		}
		if got := checkDescriptor(`C:\p`, d, true, read) == nil; got != want.own {
			t.Errorf("%s as a user's own secret: %v", sddl, checkDescriptor(`C:\p`, d, true, read))
		}
	}
}

// TestADescriptorWithoutAListIsRefused: there everybody may do anything.
func TestADescriptorWithoutAListIsRefused(t *testing.T) {
	d, err := windows.NewSecurityDescriptor()
	if err != nil {
		t.Fatal(err)
	}
	system, err := windows.CreateWellKnownSid(windows.WinLocalSystemSid)
	if err != nil {
		t.Fatal(err)
	}
	must(t, d.SetOwner(system, false), d.SetDACL(nil, true, false))
	if checkDescriptor(`C:\p`, d, false, mayWrite) == nil {
		t.Error("it was taken")
	}
}

func self(t *testing.T) string {
	t.Helper()
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	return user.User.Sid.String()
}
