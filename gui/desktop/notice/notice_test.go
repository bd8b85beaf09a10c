package notice

import (
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	for _, row := range []struct {
		in   string
		most int
		want string
	}{
		{"“梁” $(calc) `x` <b>", 600, "“梁” $(calc) `x` <b>"}, // data, never a script: it stays as it is
		{"a\x00b\x1b[31mc\r\nd", 600, "ab[31mc\nd"},
		{"gear\u202epets.exe\u2066", 600, "gearpets.exe"},
		{strings.Repeat("长", 10), 10, strings.Repeat("长", 10)},
		{strings.Repeat("长", 20), 10, strings.Repeat("长", 9) + "…"},
	} {
		if got := plain(row.in, row.most); got != row.want {
			t.Errorf("%q became %q, want %q", row.in, got, row.want)
		}
	}
}
