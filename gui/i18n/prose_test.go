package i18n

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"iscdesk.dev/agent/api"
)

func TestProse(t *testing.T) {
	long := strings.Repeat("word ", 100)
	for _, row := range []struct{ name, in, want string }{
		{"short", "New: 倒角.\n\n- faster\n", "New: 倒角.\n\n- faster\n"},
		{"of Windows", "a\r\nb\r\n", "a\nb\n"},
		{"what controls", "a\x1b[31m\tb\u202egpj.exe\x00", "a[31m bgpj.exe"},
		{"broken at a blank", long, strings.TrimSuffix(strings.Repeat(strings.TrimSpace(strings.Repeat("word ", 32))+"\n", 3)+strings.Repeat("word ", 4), "\n")},
		{"broken where there is none", strings.Repeat("长", 200), strings.Repeat("长", 160) + "\n" + strings.Repeat("长", 40)},
		{"none", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := Prose(row.in); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// TestNoTextFromElsewhereIsEndless: what is wrapped on the thread that draws
// has an end, and no endless line, whatever somebody sends.
func TestNoTextFromElsewhereIsEndless(t *testing.T) {
	for _, text := range []string{strings.Repeat("长 name", 1<<20), strings.Repeat("\n", 1<<20), strings.Repeat("\u202e", 1<<20)} {
		got := Printed(text)
		if n := utf8.RuneCountInString(got); n > mostLog+mostLog/mostLine+1 {
			t.Errorf("%d characters", n)
		}
		if n := utf8.RuneCountInString(Prose(text)); n > mostProse+mostProse/mostLine+1 {
			t.Errorf("%d characters of prose", n)
		}
		for line := range strings.Lines(got) {
			if utf8.RuneCountInString(line) > mostLine+1 {
				t.Errorf("a line of %d characters", utf8.RuneCountInString(line))
			}
		}
	}
	w, err := New(api.English, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	endless := strings.Repeat("长", 1<<20)
	for name, text := range map[string]string{
		"a sentence": w.T("notify.pick.open", "name", endless),
		"an error":   w.Error(api.Fail(api.PermissionDenied, "what", endless)),
		"another":    w.Error(api.Fail(api.NotFound, "what", endless)),
		"a third":    w.Error(api.Fail(api.MarketplaceFailed, "status", endless)),
	} {
		if n := utf8.RuneCountInString(text); n > 3*mostValue {
			t.Errorf("%s of %d characters", name, n)
		}
	}
}
