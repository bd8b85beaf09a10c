package solving

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/documents"
	"iscdesk.dev/marketplace/internal/fault"
)

const (
	maxLine  = 1 << 20
	maxStem  = 60 // the solver cuts longer names
	inputExt = ".inp"
)

func itoa(n int) string { return strconv.Itoa(n) }

func unsolvable(reason string) *fault.Error { return fault.New(fault.SolveFailed, "reason", reason) }

// materialise lays the files of a model into dir and gives the path of the
// input that the solver is to read. os.Root holds every path inside.
func materialise(ctx context.Context, dir string, model *documents.Content, limit int64) (string, error) {
	input, err := findInput(stem(model.Document.Name), model.Manifest)
	if err != nil {
		return "", err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer func() { _ = root.Close() }()
	var total int64
	for _, entry := range model.Manifest.Entries {
		if total += entry.Size; total > limit {
			return "", fault.New(fault.TooLarge, "what", model.Document.Path, "limit", strconv.FormatInt(limit, 10))
		}
		if err := lay(ctx, root, model, entry); err != nil {
			return "", err
		}
	}
	for _, entry := range model.Manifest.Entries {
		if err := checkFile(root, entry.Path); err != nil {
			return "", err
		}
	}
	return input, nil
}

func lay(ctx context.Context, root *os.Root, model *documents.Content, entry agentapi.ManifestEntry) (err error) {
	if !fs.ValidPath(entry.Path) {
		return fault.New(fault.NameInvalid, "name", entry.Path, "reason", "not a path inside the document")
	}
	if err := root.MkdirAll(path.Dir(entry.Path), 0o700); err != nil {
		return err
	}
	f, err := root.OpenFile(entry.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return model.CopyFile(ctx, f, entry)
}

// findInput finds what the solver is to read: the only file, the one that is
// named like the document, or the only input at the top of it.
func findInput(name string, m agentapi.Manifest) (string, error) {
	var inputs []string
	for _, e := range m.Entries {
		if strings.EqualFold(path.Ext(e.Path), inputExt) && !strings.Contains(e.Path, "/") {
			if strings.EqualFold(stem(e.Path), name) {
				return e.Path, nil
			}
			inputs = append(inputs, e.Path)
		}
	}
	if len(inputs) == 1 {
		return inputs[0], nil
	}
	return "", unsolvable("the document holds no input of the solver (" + name + inputExt + ")")
}

// checkFile refuses input that names files outside the model's folder. The
// solver opens whatever its input names, with the marketplace's rights.
func checkFile(root *os.Root, name string) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return checkInput(name, f)
}

// checkInput reads a file of a model as the solver does: keyword lines begin
// with an asterisk, comments with two, a comma at the end continues a keyword,
// blanks and letter case do not count. Every value of a keyword that looks
// like a path must stay inside the folder.
func checkInput(name string, r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	keyword := false
	for lines.Scan() {
		line := strings.Map(func(r rune) rune {
			if r == ' ' || r == '\t' || r == '\r' || r == 0 {
				return -1
			}
			return r
		}, lines.Text())
		if strings.HasPrefix(line, "**") {
			continue
		}
		keyword = strings.HasPrefix(line, "*") || keyword
		if !keyword {
			continue
		}
		for _, parameter := range strings.Split(line, ",") {
			_, value, found := strings.Cut(parameter, "=")
			if value = strings.Trim(value, `"'`); found && !inside(value) {
				return unsolvable(name + " names a file outside the model: " + value)
			}
		}
		keyword = strings.HasSuffix(line, ",")
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return unsolvable(name + " has a line that is too long")
	}
	return lines.Err()
}

func inside(value string) bool {
	drive := len(value) > 1 && value[1] == ':'
	return value == "" || (fs.ValidPath(value) && !drive && !strings.Contains(value, `\`))
}
