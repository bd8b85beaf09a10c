package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"iscdesk.dev/agent/api"
)

// readFile reads a policy file. One that is not there gives nothing; one that
// others may have written is refused.
func readFile(path string, own bool) Source {
	source := Source{Kind: api.FromPolicy, Place: path}
	content, err := readTrusted(path, own)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		source.Refused = refused(path, err)
	default:
		source.Given, source.Refused = parseTOML(path, content)
	}
	return source
}

func refused(place string, err error) *api.Error {
	return api.Fail(api.PolicyRefused, "where", place).Why(err).Because(err)
}

// parseTOML gives every value of the file by its whole name.
func parseTOML(path string, content []byte) (map[string]Given, *api.Error) {
	if line := tooDeep(content); line > 0 {
		return nil, refused(fmt.Sprintf("%s:%d", path, line), api.Explain(api.TOMLDepth, "limit", strconv.Itoa(deepest)))
	}
	var tree map[string]any
	if _, err := toml.Decode(string(content), &tree); err != nil {
		where := path
		reason := err
		if syntax, ok := errors.AsType[toml.ParseError](err); ok {
			where = fmt.Sprintf("%s:%d", path, syntax.Position.Line)
			reason = api.Explain(api.TOMLSyntax, "detail", strings.ReplaceAll(syntax.Message, "\n", " "))
		}
		return nil, refused(where, reason)
	}
	lines := lineNumbers(string(content))
	given := map[string]Given{}
	var walk func(prefix string, table map[string]any)
	walk = func(prefix string, table map[string]any) {
		for name, value := range table {
			full := prefix + name
			// A table in place of a value is a wrong value, not unknown names.
			_, known := Lookup(full)
			if inner, ok := value.(map[string]any); ok && len(inner) > 0 && !known && full != LockedKey {
				walk(full+".", inner)
				continue
			}
			where := path
			line := lines[full]
			if line == 0 {
				line = lines[full+"."]
			}
			if line > 0 {
				where = fmt.Sprintf("%s:%d", path, line)
			}
			given[full] = Given{Raw: value, Where: where}
		}
	}
	walk("", tree)
	return given, nil
}

// deepest bounds how deep names and brackets are nested: what the decoder needs
// grows with the square of it, until the machine has no memory left.
const deepest = 32

// tooDeep is the line on which the nesting goes too far; 0: nowhere. It counts
// dots and brackets in strings too, of which no sensible value has as many.
func tooDeep(content []byte) (line int) {
	line = 1
	dots, brackets, comment := 0, 0, false
	for _, c := range content {
		switch {
		case c == '\n':
			line, dots, comment = line+1, 0, false
		case comment:
		case c == '#' || c == ',' || c == '=':
			dots, comment = 0, c == '#'
		case c == '.':
			dots++
		case c == '[' || c == '{':
			brackets++
		case (c == ']' || c == '}') && brackets > 0:
			brackets--
		}
		if dots > deepest || brackets > deepest {
			return line
		}
	}
	return 0
}

// lineNumbers finds the tables, by their names with a dot, and the lines on which keys are set. It knows the flat form in
// which policies are written; a key that it does not find has no line.
func lineNumbers(content string) map[string]int {
	lines := map[string]int{}
	table := ""
	number := 0
	for line := range strings.Lines(content) {
		number++
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		if header, ok := strings.CutPrefix(line, "["); ok {
			name, _, _ := strings.Cut(header, "]")
			table = unquote(strings.TrimPrefix(name, "[")) + "."
			if _, seen := lines[table]; !seen {
				lines[table] = number
			}
			continue
		}
		key, _, isPair := strings.Cut(line, "=")
		if key = unquote(key); !isPair || strings.HasPrefix(line, "#") {
			continue
		}
		if _, seen := lines[table+key]; !seen {
			lines[table+key] = number
		}
	}
	return lines
}

func unquote(name string) string {
	parts := strings.Split(name, ".")
	for i, part := range parts {
		parts[i] = strings.Trim(strings.TrimSpace(part), `"'`)
	}
	return strings.Join(parts, ".")
}
