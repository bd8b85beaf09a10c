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
		return invalid(path, api.Explain(reason))
	}
	return nil
}

func pathFault(path string) api.Reason {
	switch {
	case path == "":
		return api.NameEmpty
	case len(path) > MaxPath:
		return api.PathLong
	case !utf8.ValidString(path):
		return api.NameEncoding
	case strings.HasPrefix(path, "/"):
		return api.PathAbsolute
	}
	for name := range strings.SplitSeq(path, "/") {
		if reason := portableFault(name); reason != "" {
			return reason
		}
	}
	return ""
}

// portableFault tells why a name cannot be used on some system.
func portableFault(name string) api.Reason {
	if reason := nameFault(name); reason != "" {
		return reason
	}
	return WindowsFault(name)
}

// WindowsFault tells why Windows does not allow a name, or takes it for another
// one, whatever its length; empty if it does not.
func WindowsFault(name string) api.Reason {
	switch {
	case strings.ContainsFunc(name, unicode.IsControl):
		return api.NameControl
	case strings.ContainsAny(name, reservedOnWindows):
		return api.NameReserved
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
		return api.NameEnd
	case ReservedName(name):
		return api.NameDevice
	}
	return ""
}

// nameFault tells why a name cannot be one part of any path, in the cloud or
// in a document.
func nameFault(name string) api.Reason {
	switch {
	case name == "":
		return api.NamePartEmpty
	case name == "." || name == "..":
		return api.NameDots
	case len(name) > MaxName:
		return api.NameLong
	case strings.ContainsRune(name, '\\'):
		return api.NameBackslash
	case strings.ContainsRune(name, '/'):
		return api.NameSlash
	case strings.ContainsFunc(name, unicode.IsControl):
		return api.NameControl
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

func invalid(name string, reason error) *api.Error {
	return api.Fail(api.NameInvalid, "name", strings.ToValidUTF8(name, "\uFFFD")).Why(reason)
}
