package entry

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"iscdesk.dev/agent/api"
)

// Bounds of names and paths, in bytes of UTF-8.
const (
	MaxName = 255
	MaxPath = 1024
)

// reservedOnWindows are the characters that no file name may hold there, apart
// from the separators.
const reservedOnWindows = `<>:"|?*`

// CheckPath tells whether path may be the path of an entry: relative, with
// forward slashes, each part a name that every system accepts. The error is
// api.NameInvalid and names the path.
func CheckPath(path string) error {
	if reason := pathFault(path); reason != "" {
		return invalid(path, reason)
	}
	return nil
}

func pathFault(path string) string {
	switch {
	case path == "":
		return "it is empty"
	case len(path) > MaxPath:
		return "it is longer than 1,024 bytes"
	case !utf8.ValidString(path):
		return "it is not valid UTF-8"
	case strings.HasPrefix(path, "/"):
		return "it is absolute"
	}
	for name := range strings.SplitSeq(path, "/") {
		if reason := portableFault(name); reason != "" {
			return reason
		}
	}
	return ""
}

// portableFault tells why a name cannot be used on some system.
func portableFault(name string) string {
	if reason := nameFault(name); reason != "" {
		return reason
	}
	return WindowsFault(name)
}

// WindowsFault tells why Windows does not allow a name, or takes it for another
// one, whatever its length; empty if it does not.
func WindowsFault(name string) string {
	switch {
	case strings.ContainsFunc(name, unicode.IsControl):
		return "it holds a control character"
	case strings.ContainsAny(name, reservedOnWindows):
		return `Windows does not allow < > : " | ? * in names; rename it`
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
		return "Windows does not allow a name that ends in a dot or a space; rename it"
	case ReservedName(name):
		return "Windows reserves it for a device; rename it"
	}
	return ""
}

// nameFault tells why a name cannot be one part of any path, in the cloud or
// in a document.
func nameFault(name string) string {
	switch {
	case name == "":
		return "a part of it is empty"
	case name == "." || name == "..":
		return "it holds . or .. as a part"
	case len(name) > MaxName:
		return "a part of it is longer than 255 bytes"
	case strings.ContainsRune(name, '\\'):
		return "it holds a backslash"
	case strings.ContainsRune(name, '/'):
		return "it holds a slash"
	case strings.ContainsFunc(name, unicode.IsControl):
		return "it holds a control character"
	}
	return ""
}

// ReservedName tells whether Windows takes name for a device, whatever
// follows its first dot.
func ReservedName(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	for _, device := range []string{"COM", "LPT"} {
		if n, ok := strings.CutPrefix(stem, device); ok && strings.Contains("0123456789¹²³", n) && utf8.RuneCountInString(n) == 1 {
			return true
		}
	}
	return false
}

// Fold maps names that a case-insensitive file system takes for one to the
// same string.
func Fold(name string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return unicode.ToLower(r)
		}
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return unicode.ToLower(least)
	}, name)
}

func invalid(name, reason string) *api.Error {
	return api.Fail(api.NameInvalid, "name", strings.ToValidUTF8(name, "\uFFFD"), "reason", reason)
}
