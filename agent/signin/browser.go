package signin

import (
	"context"
	"errors"
	"net/url"
	"os/exec"
	"runtime"
	"strings"
	"unicode"
)

// OpenBrowser shows a page in the user's browser: what BROWSER names, else
// what the desktop has. It does not wait for the browser to end, and fails
// where page is not of http or https, or nothing can show it.
func OpenBrowser(ctx context.Context, getenv func(string) string, page string) error {
	if !isWebPage(page) {
		return errors.New("not a web address")
	}
	for _, argv := range browsers(getenv("BROWSER"), runtime.GOOS, page) {
		path, err := exec.LookPath(argv[0])
		if err != nil {
			continue
		}
		cmd := exec.CommandContext(context.WithoutCancel(ctx), path, argv[1:]...) // the user's own choice of browser
		if cmd.Start() == nil {
			go func() { _ = cmd.Wait() }() // what has ended is forgotten, in programs that run on
			return nil
		}
	}
	return errors.New("no browser")
}

// isWebPage tells an address of http or https that names a host and is spelt as
// addresses are. A character that has to be encoded in one, and means something
// to a shell or to how Windows takes command lines apart, comes only from
// whoever wants that: what opens pages is sometimes a script.
func isWebPage(page string) bool {
	u, err := url.Parse(page)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" {
		return false
	}
	return !strings.ContainsFunc(page, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("\"`\\<>^|", r)
	})
}

// browsers lists the command lines to try. BROWSER is a list as xdg-open has
// it: entries between colons, %s stands for the address, which else comes
// last. An entry that is a program as a whole may hold blanks.
func browsers(setting, system, page string) (commands [][]string) {
	for _, entry := range strings.Split(setting, listSeparator(system)) {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		if !strings.Contains(entry, "%s") {
			commands = append(commands, []string{entry, page})
		}
		if argv := strings.Fields(entry); len(argv) > 1 {
			commands = append(commands, withAddress(argv, page))
		}
	}
	switch system {
	case "windows":
		return append(commands, []string{"rundll32", "url.dll,FileProtocolHandler", page})
	case "darwin":
		return append(commands, []string{"open", page})
	}
	return append(commands, []string{"xdg-open", page})
}

func listSeparator(system string) string {
	if system == "windows" {
		return ";"
	}
	return ":"
}

func withAddress(argv []string, page string) []string {
	put := false
	for i := range argv {
		if strings.Contains(argv[i], "%s") {
			argv[i], put = strings.ReplaceAll(argv[i], "%s", page), true
		}
	}
	if put {
		return argv
	}
	return append(argv, page)
}
