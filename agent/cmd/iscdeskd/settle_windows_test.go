package main

import "testing"

func TestThePathOfTheServiceIsQuoted(t *testing.T) {
	const program = `C:\Program Files\iscdesk\iscdeskd.exe`
	for line, want := range map[string]string{
		program + ` run --system --service`:               `"` + program + `" run --system --service`,
		`c:\program files\iscdesk\ISCDESKD.EXE run`:       `"c:\program files\iscdesk\ISCDESKD.EXE" run`,
		`"` + program + `" run --system --service`:        `"` + program + `" run --system --service`,
		`"C:\Program Files\other.exe" --start ` + program: `"C:\Program Files\other.exe" --start ` + program,
		`C:\short.exe`: `C:\short.exe`,
	} {
		if got := quoted(line, program); got != want {
			t.Errorf("quoted(%q) = %q, want %q", line, got, want)
		}
	}
}
