package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/assets/locale"
)

func catalogues(t *testing.T) (english, chinese locale.Catalogue) {
	t.Helper()
	english, err := locale.CLI(string(api.English))
	if err != nil {
		t.Fatal(err)
	}
	chinese, err = locale.CLI(string(api.Chinese))
	if err != nil {
		t.Fatal(err)
	}
	return english, chinese
}

func TestBothLanguagesHaveTheSameTexts(t *testing.T) {
	english, chinese := catalogues(t)
	hole := regexp.MustCompile(`\{[a-z_]+\}`)
	holes := func(s string) []string {
		found := hole.FindAllString(s, -1)
		slices.Sort(found)
		return slices.Compact(found)
	}
	for key, text := range english {
		other, ok := chinese[key]
		if !ok {
			t.Errorf("%s has no Chinese text", key)
			continue
		}
		if !slices.Equal(holes(text), holes(other)) {
			t.Errorf("%s: placeholders %v in English, %v in Chinese", key, holes(text), holes(other))
		}
		if words := hole.ReplaceAllString(text, ""); hasLetter(words) && !hasHan(other) && !strings.HasSuffix(key, "_en") {
			t.Errorf("%s: the Chinese text %q is not Chinese", key, other)
		}
	}
	for key := range chinese {
		if _, ok := english[key]; !ok {
			t.Errorf("%s has no English text", key)
		}
	}
}

func hasLetter(s string) bool { return strings.IndexFunc(s, unicode.IsLetter) >= 0 }

func hasHan(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0
}

// TestEveryCommandIsTranslated walks the whole tree of commands in Chinese.
func TestEveryCommandIsTranslated(t *testing.T) {
	_, chinese := catalogues(t)
	c := &cli{term: &printer{lang: api.Chinese, texts: chinese}}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if !hasHan(cmd.Short) {
			t.Errorf("%s: %q", cmd.CommandPath(), cmd.Short)
		}
		if cmd.Long != "" && !hasHan(cmd.Long) {
			t.Errorf("%s: %q", cmd.CommandPath(), cmd.Long)
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !hasHan(f.Usage) {
				t.Errorf("%s --%s: %q", cmd.CommandPath(), f.Name, f.Usage)
			}
		})
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(c.root())
}

// TestTextsComeFromTheCatalogue reads the source: nothing but printer.go
// writes to a stream, every key exists, and every text is used.
func TestTextsComeFromTheCatalogue(t *testing.T) {
	english, _ := catalogues(t)
	used := map[string]bool{}
	for name, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if writes(n) && name != "printer.go" && name != "safe.go" && name != "walkkeys.go" {
					t.Errorf("%s: %s writes past the printer", name, callName(n))
				}
				checkKey(t, name, n, english)
			case *ast.BasicLit:
				if s, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil {
					used[s] = true
				}
			}
			return true
		})
	}
	for _, row := range settingRows() {
		if _, ok := english[row.text]; !ok {
			t.Errorf("the setting %s has no text %q", row.name, row.text)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(english)) {
		if !keyUsed(key, used) {
			t.Errorf("nothing uses the text %s", key)
		}
	}
}

func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = file
		}
	}
	return files
}

func callName(call *ast.CallExpr) string {
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		if x, ok := sel.X.(*ast.Ident); ok {
			return x.Name + "." + sel.Sel.Name
		}
		return "." + sel.Sel.Name
	}
	return ""
}

func writes(call *ast.CallExpr) bool {
	name := callName(call)
	return strings.HasPrefix(name, "fmt.Print") || strings.HasPrefix(name, "fmt.Fprint") || name == "io.WriteString" ||
		strings.HasPrefix(name, "cmd.Print")
}

// checkKey makes sure that the literal keys of a call exist.
func checkKey(t *testing.T, file string, call *ast.CallExpr, texts locale.Catalogue) {
	t.Helper()
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return
	}
	switch sel.Sel.Name {
	case "text", "say", "note", "bytes", "percent":
	default:
		return
	}
	if lit, ok := call.Args[0].(*ast.BasicLit); ok {
		key, _ := strconv.Unquote(lit.Value)
		if _, ok := texts[key]; !ok {
			t.Errorf("%s: there is no text %s", file, key)
		}
	}
}

func keyUsed(key string, used map[string]bool) bool {
	if used[key] || strings.HasPrefix(key, "state.") {
		return true
	}
	for _, end := range []string{".short", ".long", "_en", "_zh"} {
		if base, ok := strings.CutSuffix(key, end); ok && (used[base] || used[strings.TrimPrefix(base, "files.")]) {
			return true
		}
	}
	return used["files."] && strings.HasSuffix(key, ".done")
}
