package archive

import (
	"errors"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// The reasons for which a name is refused. They are for the log; people read
// the name itself.
var (
	errEmptyName    = errors.New("empty name")
	errNotUTF8      = errors.New("name is not UTF-8")
	errAbsolute     = errors.New("absolute name")
	errClimbs       = errors.New("name with '.' or '..' or an empty element")
	errCharacter    = errors.New("name with a character that is not allowed")
	errReserved     = errors.New("name that Windows reserves")
	errTrailing     = errors.New("name that ends with a dot or a space")
	errLongName     = errors.New("name too long")
	errDeep         = errors.New("too many folders deep")
	errDuplicate    = errors.New("name occurs twice")
	errClash        = errors.New("name differs from another one by case only")
	errFileAsFolder = errors.New("name is a file and a folder")
)

const (
	maxElement = 255
	maxPath    = 1024
)

// cleanName gives the relative path that an entry's name means, or the reason
// why it may not be used. The root folder itself is ".".
func cleanName(name string, depth int) (string, error) {
	switch {
	case name == "":
		return "", errEmptyName
	case !utf8.ValidString(name):
		return "", errNotUTF8
	case len(name) > maxPath:
		return "", errLongName
	case name[0] == '/':
		return "", errAbsolute
	}
	for strings.HasPrefix(name, "./") {
		name = strings.TrimLeft(name[1:], "/")
	}
	name = strings.TrimSuffix(name, "/")
	if name == "" || name == "." {
		return ".", nil
	}
	elements := strings.Split(name, "/")
	if len(elements) > depth {
		return "", errDeep
	}
	for _, e := range elements {
		if err := checkElement(e); err != nil {
			return "", err
		}
	}
	return name, nil
}

func checkElement(e string) error {
	if e == "" || e == "." || e == ".." {
		return errClimbs
	}
	if len(e) > maxElement {
		return errLongName
	}
	for _, r := range e {
		if r < 0x20 || r == 0x7f || strings.ContainsRune(`\:*?"<>|`, r) {
			return errCharacter
		}
	}
	if strings.HasSuffix(e, ".") || strings.HasSuffix(e, " ") {
		return errTrailing
	}
	if isReserved(e) {
		return errReserved
	}
	return nil
}

// isReserved tells whether Windows would open a device under this name, with
// or without an extension.
func isReserved(e string) bool {
	base, _, _ := strings.Cut(e, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	rest, found := strings.CutPrefix(base, "COM")
	if !found {
		rest, found = strings.CutPrefix(base, "LPT")
	}
	return found && utf8.RuneCountInString(rest) == 1 && strings.Contains("0123456789¹²³", rest)
}

// names remembers what an archive has named so far, the way a file system
// that ignores case would see it.
type names struct {
	fold cases.Caser
	seen map[string]node
}

type node struct {
	spelt  string
	folder bool
}

func newNames() *names {
	return &names{fold: cases.Fold(), seen: make(map[string]node)}
}

// add records a cleaned name and the folders above it.
func (n *names) add(name string, folder bool) error {
	for parent := path.Dir(name); parent != "."; parent = path.Dir(parent) {
		if err := n.record(parent, true); err != nil {
			return err
		}
	}
	return n.record(name, folder)
}

func (n *names) record(name string, folder bool) error {
	key := n.fold.String(norm.NFC.String(name))
	old, known := n.seen[key]
	switch {
	case !known:
		n.seen[key] = node{spelt: name, folder: folder}
		return nil
	case old.spelt != name:
		return errClash
	case old.folder != folder:
		return errFileAsFolder
	case !folder:
		return errDuplicate
	}
	return nil
}
