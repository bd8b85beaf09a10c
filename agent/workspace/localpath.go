package workspace

import (
	"path/filepath"
	"strings"
	"unicode/utf16"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

// maxWindowsPath is how many UTF-16 units a path may have there, with the
// prefix that lets it be longer than 260.
const maxWindowsPath = 32_767 - len(`\\?\UNC\`) - 1

const maxWindowsName = 255 // UTF-16 units

// Local gives the one form of the path of a file or folder on this machine,
// by which the service knows it: absolute and, on Windows, without \\?\, with
// the spelling of case that stands on the disk and no short names. Where
// something is a link it stays one. It fails with api.NameInvalid.
func Local(path string) (string, error) {
	plain, err := localForm(path)
	if err != nil {
		return "", err
	}
	return plain, checkLocal(plain)
}

// plainWindowsPath takes the prefix \\?\ off a path: behind it Windows takes
// every character as it is, so a name that means something else without it is
// refused, and so is every path into the world of devices. A path without a
// prefix is given back as it is.
func plainWindowsPath(path string) (string, error) {
	prefix, rest := cutDevicePrefix(path)
	if prefix == "" {
		return path, nil
	}
	switch {
	case prefix != `\\?\`:
		return "", devicePath(path)
	case len(rest) >= 4 && strings.EqualFold(rest[:4], `UNC\`):
		if rest = `\\` + rest[4:]; !namesServer(rest) {
			return "", devicePath(path)
		}
	case len(rest) >= 3 && isLetter(rest[0]) && rest[1:3] == `:\`:
	case strings.HasPrefix(strings.ToLower(rest), "volume{") && strings.Contains(rest, `}\`):
		rest = path // a disk without a letter has no other name
	default:
		return "", devicePath(path)
	}
	return rest, checkWindowsPath(rest)
}

// namesServer tells whether a path that begins with \\ leads to a server: \\.
// and \\? lead to devices.
func namesServer(path string) bool {
	server := path[2:]
	if end := strings.IndexAny(server, `\/`); end >= 0 {
		server = server[:end]
	}
	return server != "" && server != "." && server != "?"
}

func devicePath(path string) error {
	return invalidPath(path, `it is the path of a device; a document is C:\… or \\server\share\…`)
}

// cutDevicePrefix takes off what leads into Windows' world of devices.
func cutDevicePrefix(path string) (prefix, rest string) {
	for _, prefix := range []string{`\\?\`, `\\.\`, `\??\`} {
		if len(path) >= len(prefix) && (path[:len(prefix)] == prefix || prefix != `\??\` && strings.ReplaceAll(path[:len(prefix)], "/", `\`) == prefix) {
			return path[:len(prefix)], path[len(prefix):]
		}
	}
	return "", path
}

// checkWindowsPath refuses a full path that cannot be that of a document: too
// long, an alternate stream of a file, a name that Windows does not allow.
func checkWindowsPath(path string) error {
	if n := len(utf16.Encode([]rune(path))); n > maxWindowsPath {
		return invalidPath(path, "it is longer than the 32,767 characters that Windows allows")
	}
	_, rest := cutDevicePrefix(path)
	switch {
	case len(rest) >= 2 && rest[1] == ':' && isLetter(rest[0]):
		rest = rest[2:]
	case strings.HasPrefix(rest, `\\`):
		rest = rest[2:]
	}
	for name := range strings.FieldsFuncSeq(rest, func(r rune) bool { return r == '\\' || r == '/' }) {
		if strings.Contains(name, ":") {
			return invalidPath(path, "'"+name+"' names a stream inside a file; save the file itself")
		}
		if name == "." || name == ".." {
			continue
		}
		reason := ""
		if fault := entry.WindowsFault(name); fault != "" {
			reason = api.Explain(fault).Error()
		} else if len(utf16.Encode([]rune(name))) > maxWindowsName {
			reason = "it is longer than the 255 characters that Windows allows"
		}
		if reason != "" {
			return invalidPath(path, "of '"+shortened(name)+"': "+reason)
		}
	}
	return nil
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func invalidPath(path, reason string) *api.Error {
	return api.Fail(api.NameInvalid, "name", strings.ToValidUTF8(shortened(path), "\uFFFD"), "reason", reason)
}

// shortened keeps a text for people readable.
func shortened(text string) string {
	const shown = 300
	if len(text) > shown {
		return shorten(text, shown) + "…"
	}
	return text
}

// respell gives path with each of its names as the folder has it, as far as
// there are such names. found tells how a folder spells the last name of a
// path; ok is false where it has none.
func respell(volume, rest string, found func(path string) (name string, ok bool)) string {
	at := volume + `\`
	for name := range strings.SplitSeq(strings.Trim(rest, `\`), `\`) {
		if name == "" {
			continue
		}
		full := strings.TrimSuffix(at, `\`) + `\` + name
		if spelt, ok := found(full); ok {
			full = strings.TrimSuffix(at, `\`) + `\` + spelt
		}
		at = full
	}
	return at
}

// clashes tells whether the document that lies at a place of the workspace is
// another one than path, which has the same place only because this system
// does not tell case apart.
func clashes(there api.OpenedDocument, document, path string) bool {
	return there.Document != document && there.Path != path && entry.Fold(there.Path) == entry.Fold(path)
}

// rel is the path of something below base, or the error of a path that is not.
func rel(base, path string) (string, error) {
	below, err := filepath.Rel(base, path)
	if err != nil || !filepath.IsLocal(below) {
		return "", invalidPath(path, "it lies outside of "+base)
	}
	return below, nil
}
