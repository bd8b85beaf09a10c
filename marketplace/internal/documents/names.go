package documents

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"iscdesk.dev/marketplace/internal/fault"
)

// The bounds of names and paths, in bytes and elements.
const (
	maxName  = 255
	maxPath  = 4096
	maxDepth = 32
)

// CheckName tells whether a name may stand between two slashes. Names that
// only Windows cannot use are allowed: the agent there finds others for them.
func CheckName(name string) error {
	switch {
	case name == "":
		return invalid(name, "it is empty")
	case name == "." || name == "..":
		return invalid(name, "it has a meaning of its own")
	case len(name) > maxName:
		return invalid(name, "it is longer than 255 bytes")
	case !utf8.ValidString(name):
		return invalid(name, "it is not UTF-8")
	case strings.ContainsAny(name, `/\`):
		return invalid(name, "it holds a slash")
	case strings.ContainsFunc(name, unicode.IsControl):
		return invalid(name, "it holds a control character")
	}
	return nil
}

func invalid(name, reason string) error {
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "") + "…"
	}
	return fault.New(fault.NameInvalid, "name", name, "reason", reason)
}

// folded is a name as it is compared: names that differ only in case or in how
// their accents are composed are the same, because they are on the disks of
// the users.
func folded(name string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))
}

// ParsePath splits a cloud path, /<space>/<folder>/…/<name>, into its names in
// normal form C. The path / has none.
func ParsePath(path string) ([]string, error) {
	if len(path) > maxPath {
		return nil, invalid(path, "the path is longer than 4096 bytes")
	}
	if !strings.HasPrefix(path, "/") {
		return nil, invalid(path, "a path begins with a slash")
	}
	if path == "/" {
		return nil, nil
	}
	names := strings.Split(norm.NFC.String(path[1:]), "/")
	if len(names) > maxDepth {
		return nil, invalid(path, "there are more than 32 folders")
	}
	for _, name := range names {
		if err := CheckName(name); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// joinPath is the reverse of ParsePath.
func joinPath(names ...string) string { return "/" + strings.Join(names, "/") }
