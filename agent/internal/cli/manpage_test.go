package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheManualPageHoldsEveryCommand(t *testing.T) {
	for _, lang := range []string{"en", "zh-CN"} {
		var out, errs bytes.Buffer
		env := Env{Out: &out, Err: &errs, Getenv: func(string) string { return "" }, Version: "1.2.3"}
		if status := Run(t.Context(), env, []string{"manpage", "--lang", lang}); status != ExitOK {
			t.Fatalf("exit %d: %s", status, errs.String())
		}
		page := out.String()
		for _, line := range []string{
			"\n.Os iscdesk 1.2.3\n", "\n.Ss iscdesk files checkout PATH\n", "\n.Ss iscdesk login\n", "\n.It --socket PATH\n", "\n.Sh EXIT STATUS\n",
		} {
			if !strings.Contains(page, line) {
				t.Errorf("%s: %q is missing", lang, line)
			}
		}
		if strings.Contains(page, "manpage") {
			t.Errorf("%s: the hidden command is in the page", lang)
		}
		if strings.Contains(page, "\n.Nd :") || strings.Contains(page, "\n.Nd ") == strings.Contains(page, "\n.Nd \n") {
			t.Errorf("%s: what it is about: %.200s", lang, page)
		}
	}
}
