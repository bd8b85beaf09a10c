package licensing

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxBaseName = 200

// baseName makes a name that a vendor sent the name of a file on any system:
// no folders, nothing that Windows or a terminal takes for something else.
// Empty if nothing usable is left.
func baseName(raw string) string {
	if !utf8.ValidString(raw) {
		return ""
	}
	name := path.Base(strings.ReplaceAll(raw, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"/|?*`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimSpace(name), ". ")
	if name == "" || len(name) > maxBaseName || reserved(name) {
		return ""
	}
	return name
}

// reserved tells whether Windows takes the name for a device.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimSpace(stem)
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	if rest, ok := strings.CutPrefix(stem, "COM"); ok {
		return isDigit(rest)
	}
	rest, ok := strings.CutPrefix(stem, "LPT")
	return ok && isDigit(rest)
}

func isDigit(s string) bool { return len(s) == 1 && s[0] >= '0' && s[0] <= '9' }
