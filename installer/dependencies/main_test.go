package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice and
this permission notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED
"AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT
HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING
FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLicencesAreToldByTheirTexts(t *testing.T) {
	dir := folder(t, map[string]string{"LICENCE.md": "Copyright (c) Li Hua\n" + mit, "NOTICE": "made by Li Hua", "main.go": "package main"})
	p, err := describe(part{name: "example.com/m", version: "v1.0.0"}, dir)
	if err != nil || !slices.Equal(p.licences, []string{"MIT"}) || len(p.texts) != 2 {
		t.Errorf("%q, %d texts, %v", p.licences, len(p.texts), err)
	}
}

func TestAnUnknownLicenceIsAnError(t *testing.T) {
	for name, files := range map[string]map[string]string{"none": {"main.go": mit}, "another": {"LICENSE": "Ask me before you use it."}} {
		if _, err := describe(part{name: "example.com/m"}, folder(t, files)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestATextOfSeveralIsThereOnce(t *testing.T) {
	text := textsOf([]part{{name: "one", texts: []string{mit}}, {name: "two", texts: []string{mit, "notice"}}})
	if strings.Count(text, mit) != 1 || !strings.Contains(text, "one\ntwo\n") || !strings.Contains(text, "notice") {
		t.Error(text)
	}
}

// TestWorkInsideModules holds that the folders are where they are said to be,
// in the versions that go.mod names.
func TestWorkInsideModules(t *testing.T) {
	for module, folders := range inModules() {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", module).Output()
		if err != nil {
			t.Fatal(err)
		}
		dir, err := moduleDir(module, strings.TrimSpace(string(out)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range folders {
			p, err := describe(part{name: module + "/" + f}, filepath.Join(dir, f))
			if err != nil {
				t.Error(err)
			}
			if f == "theme/font" && !slices.Contains(p.licences, "Bitstream-Vera") {
				t.Errorf("%s: %q", f, p.licences)
			}
		}
	}
}
