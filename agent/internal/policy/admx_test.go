package policy

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

// element is any XML element.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []element  `xml:",any"`
	Text     string     `xml:",chardata"`
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// all gives every element of a name below e.
func (e element) all(name string) (found []element) {
	for _, c := range e.Children {
		if c.XMLName.Local == name {
			found = append(found, c)
		}
		found = append(found, c.all(name)...)
	}
	return found
}

func parse(t *testing.T, text string) element {
	t.Helper()
	var e element
	d := xml.NewDecoder(strings.NewReader(text))
	if err := d.Decode(&e); err != nil {
		t.Fatal(err)
	}
	for {
		after, err := d.Token()
		if errors.Is(err, io.EOF) {
			return e
		}
		if space, ok := after.(xml.CharData); !ok || strings.TrimSpace(string(space)) != "" {
			t.Fatalf("after the end: %v, %v", after, err)
		}
	}
}

// TestTheTemplatesAreThoseOfTheTable compares what is shipped; with UPDATE=1 in
// the environment it writes it.
func TestTheTemplatesAreThoseOfTheTable(t *testing.T) {
	for name, want := range map[string]string{
		"iscdesk.admx": ADMX(), "zh-CN/iscdesk.adml": ADML(api.Chinese), "en-US/iscdesk.adml": ADML(api.English),
	} {
		path := filepath.Join("../../../installer/policy", name)
		want = strings.ReplaceAll(want, "\n", "\r\n")
		if os.Getenv("UPDATE") != "" {
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(want), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("%s is not what the table says (%v); run: UPDATE=1 go test ./agent/internal/policy -run Templates", name, err)
		}
	}
}

// TestTheTemplateIsWhole resolves every text, presentation and reference in
// both languages, and finds every setting and nothing else.
func TestTheTemplateIsWhole(t *testing.T) {
	admx := parse(t, ADMX())
	categories, supported := map[string]bool{}, map[string]bool{}
	for _, c := range admx.all("category") {
		categories[c.attr("name")] = true
	}
	for _, d := range admx.all("definition") {
		supported[d.attr("name")] = true
	}
	inTemplate := map[string]bool{}
	for _, p := range admx.all("policy") {
		if p.attr("class") != "Machine" || p.attr("key") != `Software\Policies\iscdesk` {
			t.Errorf("%s: %v", p.attr("name"), p.Attrs)
		}
		if value := p.attr("valueName"); value != "" {
			inTemplate[value] = true
		}
		for _, kind := range []string{"text", "decimal", "enum"} {
			for _, e := range p.all(kind) {
				if value := e.attr("valueName"); value != "" {
					inTemplate[value] = true
				}
			}
		}
		if !categories[p.all("parentCategory")[0].attr("ref")] || !supported[p.all("supportedOn")[0].attr("ref")] {
			t.Errorf("%s refers to nothing", p.attr("name"))
		}
	}
	for name := range inTemplate {
		if _, known := byRegistry(name); !known {
			t.Errorf("the template has %s, the table has not", name)
		}
	}
	for _, s := range admxSettings() {
		if !inTemplate[s.Registry] {
			t.Errorf("the template lacks %s", s.Registry)
		}
	}
	for _, lang := range []api.Language{api.English, api.Chinese} {
		checkTexts(t, lang, admx)
	}
}

func checkTexts(t *testing.T, lang api.Language, admx element) {
	t.Helper()
	adml := parse(t, ADML(lang))
	defined, elements := map[string]int{}, map[string]int{}
	for _, s := range adml.all("string") {
		if strings.TrimSpace(s.Text) == "" {
			t.Errorf("%s: %s is empty", lang, s.attr("id"))
		}
		defined["string."+s.attr("id")]++
	}
	for _, p := range adml.all("presentation") {
		defined["presentation."+p.attr("id")]++
		for _, c := range p.Children {
			elements[c.attr("refId")]++
		}
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`\$\(((?:string|presentation)\.\w+)\)`).FindAllStringSubmatch(ADMX(), -1) {
		used[m[1]] = true
		if defined[m[1]] != 1 {
			t.Errorf("%s: %s is defined %d times", lang, m[1], defined[m[1]])
		}
	}
	for name := range defined {
		if !used[name] {
			t.Errorf("%s: nobody uses %s", lang, name)
		}
	}
	for _, kind := range []string{"text", "decimal", "enum"} {
		for _, e := range admx.all(kind) {
			if id := e.attr("id"); id != "" && elements[id] != 1 {
				t.Errorf("%s: %s is presented %d times", lang, id, elements[id])
			}
		}
	}
}

// TestWhatTheTemplateWritesIsTaken feeds the registry values that the group
// policy editor would write through the resolution.
func TestWhatTheTemplateWritesIsTaken(t *testing.T) {
	for _, p := range parse(t, ADMX()).all("policy") {
		for _, item := range p.all("item") {
			value := item.all("string")[0].Text
			s, _ := byRegistry(p.attr("name"))
			if e := Resolve([]Source{source(api.FromPolicy, s.Key, value)}, false); len(e.Problems) > 0 || !slices.Contains(s.Choices, value) {
				t.Errorf("%s = %s: %v", s.Key, value, e.Problems)
			}
		}
		for _, n := range p.all("decimal") {
			for _, bound := range []string{n.attr("minValue"), n.attr("maxValue"), n.attr("value")} {
				s, _ := byRegistry(p.attr("name"))
				var number uint64
				if _, err := fmt.Sscan(bound, &number); err != nil {
					continue
				}
				if e := Resolve([]Source{source(api.FromPolicy, s.Key, number)}, false); len(e.Problems) > 0 {
					t.Errorf("%s = %d: %v", s.Key, number, e.Problems)
				}
			}
		}
	}
}
