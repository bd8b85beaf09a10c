package sdkbridge

import (
	"os"
	"path/filepath"
	"testing"
)

// gbk is the code page of a Chinese Windows.
const gbk = 936

func TestFromCodePage(t *testing.T) {
	for _, tc := range []struct {
		text, want string
		ok         bool
	}{
		{"\xcf\xee\xc4\xbf\\\xd7\xb0\xc5\xe4 \xcc\xe5.step", `项目\装配 体.step`, true},
		{"plain", "plain", true},
		{"\xcf", "", false}, // half a character
		{"", "", false},
	} {
		if got, ok := fromCodePage(gbk, tc.text); got != tc.want || ok != tc.ok {
			t.Errorf("%q: %q, %v", tc.text, got, ok)
		}
	}
}

// TestHostPathThatCanBeReadTwice: the two bytes of this character in GBK are a
// Latin letter in UTF-8.
func TestHostPathThatCanBeReadTwice(t *testing.T) {
	const inGBK, latin, chinese = "\xc4\xa3", "ģ", "模"
	dir := t.TempDir() + `\`
	if got := hostPath(gbk, dir+inGBK); got != dir+latin {
		t.Errorf("neither is there: %q", got)
	}
	if err := os.Mkdir(dir+chinese, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := hostPath(gbk, dir+inGBK); got != dir+chinese {
		t.Errorf("the Chinese one is there: %q", got)
	}
	if got := hostTarget(gbk, filepath.Join(dir+inGBK, "a.lic")); got != filepath.Join(dir+chinese, "a.lic") {
		t.Errorf("a file in it: %q", got)
	}
	if err := os.Mkdir(dir+latin, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := hostPath(gbk, dir+inGBK); got != dir+latin {
		t.Errorf("both are there: %q", got)
	}
}

func TestLicenseNamesOfWindows(t *testing.T) {
	s := &Session{options: Options{Product: "cad", Getenv: func(string) string { return t.TempDir() }}}
	for name, want := range map[string]string{
		"a.lic": "a.lic", `..\..\a.lic`: "a.lic", `C:\x\a.lic`: "a.lic", "NUL": "cad.lic", "con.lic. ": "cad.lic",
		"a.lic:stream": "cad.lic", "a.lic. .": "a.lic", "..": "cad.lic", "": "cad.lic",
	} {
		got, err := s.licenseFolder(name)
		if err != nil || filepath.Base(got) != want || filepath.Base(filepath.Dir(got)) != "iscdesk-licenses" {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
}
