package cli

import "testing"

func TestSafe(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "轴承座 bracket-v2 (1).step", "轴承座 bracket-v2 (1).step"},
		{"empty", "", ""},
		{"colour", "\x1b[31mred", `\x1b[31mred`},
		{"title of the window", "\x1b]0;owned\x07", `\x1b]0;owned\x07`},
		{"new line", "a\nb\rc\td", `a\x0ab\x0dc\x09d`},
		{"C1 control", "a\u009b2Jb", `a\u009b2Jb`},
		{"delete", "a\x7fb", `a\x7fb`},
		{"right to left override", "invoice\u202egpj.exe", `invoice\u202egpj.exe`},
		{"zero width", "a\u200bb", `a\u200bb`},
		{"tag characters", "a\U000e0041b", `a\U000e0041b`},
		{"line separator", "a\u2028b", `a\u2028b`},
		{"not UTF-8", "a\xff\xfeb", `a\xff\xfeb`},
		{"a real replacement character", "a\ufffdb", "a\ufffdb"},
		{"emoji", "👍", "👍"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := safe(tt.in); got != tt.want {
				t.Errorf("safe(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzSafe(f *testing.F) {
	f.Add("轴承座\x1b[2J\u202e")
	f.Fuzz(func(t *testing.T, s string) {
		out := safe(s)
		for _, r := range out {
			if hidden(r) {
				t.Fatalf("safe(%q) = %q still holds %U", s, out, r)
			}
		}
	})
}
