package screen

import (
	"io"
	"os"

	"iscdesk.dev/assets/version"
	"iscdesk.dev/gui/desktop/process"
	"iscdesk.dev/gui/view/about"
)

// ofProgram fills in what is the same for every tray app: its version, where
// its packages put the texts of licences, the last words of its crashes.
func ofProgram(c about.Config) about.Config {
	if c.Version == "" {
		c.Version = version.String()
	}
	if c.LicenseTexts == "" {
		c.LicenseTexts = about.InstalledTexts()
	}
	if c.Log == nil {
		c.Log = crashes
	}
	return c
}

// crashes is the end of what crashes have written; empty where there were none
// or they cannot be read.
func crashes() string {
	path, err := process.CrashFile()
	if err != nil {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // it was only read
	const most = 1 << 20
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return ""
	} else if info.Size() > most {
		if _, err := f.Seek(-most, io.SeekEnd); err != nil {
			return ""
		}
	}
	text, _ := io.ReadAll(io.LimitReader(f, most)) // what could be read is better than nothing
	return string(text)
}
