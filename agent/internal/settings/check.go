package settings

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

// The names of the settings, as they stand in the JSON of api.Settings.
const (
	language     = "language"
	theme        = "theme"
	workspace    = "workspace"
	uploadRate   = "uploadRate"
	downloadRate = "downloadRate"
)

const (
	// leastRate is the slowest that a user may choose, in bytes per second: with
	// less, calls run into their time limits.
	leastRate = 1 << 10
	mostRate  = 1 << 40
	maxFolder = 4096
)

// check tells the first thing that is wrong with a change by itself, whatever
// is in force. windows tells whose paths are meant.
func check(c api.SettingsChange, windows bool) error {
	switch {
	case c.Language != nil && !oneOf(*c.Language, languages()):
		return wrong(language, api.Explain(api.NotOneOf, "choices", strings.Join(languages(), ", ")))
	case c.Theme != nil && !oneOf(*c.Theme, themes()):
		return wrong(theme, api.Explain(api.NotOneOf, "choices", strings.Join(themes(), ", ")))
	case c.UploadRate != nil && !goodRate(*c.UploadRate):
		return wrong(uploadRate, api.Explain(api.RateOutOfRange, "least", strconv.Itoa(leastRate)))
	case c.DownloadRate != nil && !goodRate(*c.DownloadRate):
		return wrong(downloadRate, api.Explain(api.RateOutOfRange, "least", strconv.Itoa(leastRate)))
	}
	if c.Workspace != nil {
		if err := checkFolder(*c.Workspace, windows); err != nil {
			return wrong(workspace, err)
		}
	}
	return nil
}

func wrong(setting string, why error) error {
	return api.Fail(api.InvalidArgument, "argument", setting).Why(why)
}

func languages() []string {
	return []string{api.LanguageAuto, string(api.Chinese), string(api.English)}
}

func themes() []string { return []string{api.ThemeSystem, api.ThemeLight, api.ThemeDark} }

func oneOf(value string, choices []string) bool {
	for _, c := range choices {
		if value == c {
			return true
		}
	}
	return false
}

func goodRate(n int64) bool { return n == 0 || leastRate <= n && n <= mostRate }

// checkFolder tells why a text cannot be the path of the workspace, as the
// system of this machine spells paths; empty is the usual one. The service only
// looks at the text: it never opens what it names.
func checkFolder(path string, windows bool) error {
	if path == "" {
		return nil
	}
	example := "/data/iscdesk"
	if windows {
		example = `D:\iscdesk`
	}
	bad := api.Explain(api.NotAbsolute, "example", example)
	if len(path) > maxFolder || !utf8.ValidString(path) || strings.ContainsFunc(path, unusual) {
		return bad
	}
	rest, separators, absolute := path, "/", strings.HasPrefix(path, "/")
	if windows {
		rest, absolute = windowsRoot(path)
		separators = `\/`
	}
	if !absolute {
		return bad
	}
	for name := range strings.FieldsFuncSeq(rest, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if name == "." || name == ".." || windows && entry.WindowsFault(name) != "" {
			return bad
		}
	}
	return nil
}

// windowsRoot takes C:\ or \\server\share off a path. ok is false where it
// begins with neither.
func windowsRoot(path string) (rest string, ok bool) {
	plain := strings.ReplaceAll(path, "/", `\`)
	if len(plain) >= 3 && unicode.IsLetter(rune(plain[0])) && plain[0] < utf8.RuneSelf && plain[1:3] == `:\` {
		return path[3:], true
	}
	if !strings.HasPrefix(plain, `\\`) {
		return path, false
	}
	server, share, _ := strings.Cut(plain[2:], `\`)
	named := server != "" && server != "." && server != "?" && strings.Trim(share, `\`) != ""
	return path[2:], named
}

// unusual tells a character that no path should have; what JSON has made of
// bytes that are no text is one.
func unusual(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }
