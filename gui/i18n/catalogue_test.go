package i18n_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/assets/locale"
)

func catalogues(t *testing.T) (english, chinese locale.Catalogue) {
	t.Helper()
	english, err := locale.GUI("en")
	if err != nil {
		t.Fatal(err)
	}
	chinese, err = locale.GUI("zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	return english, chinese
}

// placeholders names what a text has values for; words that follow a number
// are no value.
func placeholders(text string) []string {
	var names []string
	for _, m := range regexp.MustCompile(`\{(\w+)(:[^{}]*)?\}`).FindAllStringSubmatch(text, -1) {
		if m[2] == "" {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestBothCataloguesSayTheSame(t *testing.T) {
	english, chinese := catalogues(t)
	for _, key := range slices.Sorted(maps.Keys(english)) {
		zh, ok := chinese[key]
		if !ok {
			t.Errorf("%q has no Chinese text", key)
			continue
		}
		if en := english[key]; !slices.Equal(placeholders(en), placeholders(zh)) {
			t.Errorf("%q: placeholders %v in English, %v in Chinese", key, placeholders(en), placeholders(zh))
		}
	}
	for key := range chinese {
		if _, ok := english[key]; !ok {
			t.Errorf("%q has no English text", key)
		}
	}
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

func TestChineseIsChineseAndEnglishIsNot(t *testing.T) {
	english, chinese := catalogues(t)
	for key, text := range chinese {
		if strings.IndexFunc(text, isHan) < 0 && !technical(text) {
			t.Errorf("%q: %q is not Chinese", key, text)
		}
	}
	for key, text := range english {
		if strings.IndexFunc(text, isHan) >= 0 && !strings.Contains(key, ".language.") {
			t.Errorf("%q: %q is not English", key, text)
		}
		if strings.ContainsAny(text, "!!") || strings.ContainsAny(chinese[key], "!!") {
			t.Errorf("%q shouts", key)
		}
		if strings.TrimSpace(text) == "" && key != "i18n.and" {
			t.Errorf("%q says nothing", key)
		}
	}
}

// technical are words that Chinese engineers write as they are.
func technical(text string) bool {
	for _, word := range strings.FieldsFunc(regexp.MustCompile(`\{[^{}]*\}`).ReplaceAllString(text, " "), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if !slices.Contains([]string{"iscdesk", "STEP", "glTF", "IP", "PID", "SHA", "MB", "kB", "GB", "s", "English", "Apache", "License", "X", "Y", "Z", "mm", "Hz"}, word) {
			return false
		}
	}
	return true
}

// literals gives the string literals of the Go files below dir that are no
// tests, by file.
func literals(t *testing.T, dir string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.BasicLit:
				if n.Kind == token.STRING {
					if s, err := strconv.Unquote(n.Value); err == nil {
						out[path] = append(out[path], s)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestEveryKeyIsThereAndUsed reads the source. A literal that looks like a key
// of one of the rooms has to be one, or the beginning of one where it ends in
// a dot; and every key has to stand somewhere, in whole or by its beginning.
func TestEveryKeyIsThereAndUsed(t *testing.T) {
	english, _ := catalogues(t)
	rooms := map[string]bool{}
	for key := range english {
		room, _, _ := strings.Cut(key, ".")
		rooms[room] = true
	}
	looks := regexp.MustCompile(`^([a-z0-9]+)\.[a-z0-9_.]*$`)
	whole, begun := map[string]bool{}, map[string]bool{}
	for path, texts := range literals(t, "..") {
		for _, s := range texts {
			m := looks.FindStringSubmatch(s)
			if m == nil || !rooms[m[1]] {
				continue
			}
			switch _, ok := english[s]; {
			case ok:
				whole[s] = true
			case strings.HasSuffix(s, ".") || strings.HasSuffix(s, "_"):
				begun[s] = true
			case hasKeysBelow(english, s): // a part of the key follows in another place
				begun[s+"."] = true
			case isFileName(s), endsKey(english, s):
			default:
				t.Errorf("%s: there is no text %q", path, s)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(english)) {
		used := whole[key] || strings.HasPrefix(key, "error.") || whole[strings.TrimSuffix(key, "_one")]
		for prefix := range begun {
			used = used || strings.HasPrefix(key, prefix)
		}
		if !used {
			t.Errorf("nobody says %q", key)
		}
	}
}

func hasKeysBelow(c locale.Catalogue, prefix string) bool {
	for key := range c {
		if strings.HasPrefix(key, prefix+".") {
			return true
		}
	}
	return false
}

// endsKey tells what is the end of a key that begins elsewhere.
func endsKey(c locale.Catalogue, end string) bool {
	for key := range c {
		if strings.HasSuffix(key, "."+end) {
			return true
		}
	}
	return false
}

func isFileName(s string) bool {
	return slices.Contains([]string{".txt", ".json", ".sock", ".zip", ".png", ".ttf", ".csv", ".log", ".toml", ".svg", ".step", ".exe"}, filepath.Ext(s))
}

// TestErrorsSpeakOfButtons holds that nothing in the window sends people to a
// terminal: a code whose text in the error table names a command has another
// text here, which names none.
func TestErrorsSpeakOfButtons(t *testing.T) {
	english, chinese := catalogues(t)
	command := regexp.MustCompile(`(?i)'iscdesk |iscdesk (login|logout|doctor|files|transfers|apps|pick|policy|status|conflicts|licenses|bugreport)\b|iscdesk-tray|iscdeskd|timedatectl|systemd-|isAssembly|\bcall (Init|ShutOut)|调用 (Init|ShutOut)`)
	codes := map[string]bool{}
	for _, row := range api.Table() {
		key := "error." + string(row.Code)
		codes[key] = true
		for lang, text := range map[string]string{row.EN: english[key], row.ZH: chinese[key]} {
			if text == "" {
				text = lang
			}
			if found := command.FindString(text); found != "" {
				t.Errorf("%s: the window says %q", row.Code, text)
			}
		}
	}
	for key, text := range english {
		if strings.HasPrefix(key, "error.") && !codes[key] {
			t.Errorf("%q is the text of no code", key)
		}
		if !strings.HasPrefix(key, "command.") && (command.MatchString(text) || command.MatchString(chinese[key])) {
			t.Errorf("%q sends people to a terminal: %q", key, text)
		}
	}
	for _, row := range api.Table() {
		key := "error." + string(row.Code)
		if text, ok := english[key]; ok && !subset(placeholders(text), placeholders(row.EN)) {
			t.Errorf("%s: the window's text has places %v, the table %v", row.Code, placeholders(text), placeholders(row.EN))
		}
	}
}

func subset(a, b []string) bool {
	return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}
