package sdkbridge

import (
	"os"
	"path/filepath"
	"unicode/utf8"

	"golang.org/x/sys/windows"
)

// maxPath bounds paths, in bytes: what Windows takes at most, in UTF-8.
const maxPath = 3 * 32767

// activeCodePage is the code page that the application's narrow functions work
// in: 936 (GBK) on a Chinese Windows, UTF-8 where its manifest says so.
const activeCodePage = 0 // CP_ACP

// HostText gives the text that an application handed in. The interface is
// UTF-8; what is not UTF-8 comes from code that was written for the code page.
func HostText(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	if read, ok := fromCodePage(activeCodePage, text); ok {
		return read
	}
	return text // and is refused
}

// fromCodePage reads text in a code page.
func fromCodePage(codePage uint32, text string) (string, bool) {
	if text == "" {
		return "", false
	}
	raw := []byte(text)
	const strict = 8 // MB_ERR_INVALID_CHARS
	n, err := windows.MultiByteToWideChar(codePage, strict, &raw[0], int32(len(raw)), nil, 0)
	if err != nil || n <= 0 {
		return "", false
	}
	wide := make([]uint16, n)
	if _, err := windows.MultiByteToWideChar(codePage, strict, &raw[0], int32(len(raw)), &wide[0], n); err != nil {
		return "", false
	}
	return windows.UTF16ToString(wide), true
}

// hostPath settles in which of the two a path was meant that can be read in
// both: some characters of GBK are, one by one, others in UTF-8. What exists
// was meant.
func hostPath(codePage uint32, path string) string {
	if _, err := os.Lstat(path); err == nil {
		return path
	}
	if other, ok := fromCodePage(codePage, path); ok && other != path {
		if _, err := os.Lstat(other); err == nil {
			return other
		}
	}
	return path
}

// hostTarget is hostPath for a file that is about to be written: its folder
// exists.
func hostTarget(codePage uint32, path string) string {
	folder, _ := filepath.Split(path)
	if folder == "" || hostPath(codePage, folder) == folder {
		return path
	}
	other, _ := fromCodePage(codePage, path) // it was readable: its folder was
	return other
}

// hostLanguage is the language in which the user reads Windows.
func hostLanguage() string {
	names, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(names) == 0 {
		return ""
	}
	return names[0]
}

// hostHome is the user's home folder.
func hostHome(getenv func(string) string) string { return getenv("USERPROFILE") }

// hostDataFolder is where programs keep what is the user's.
func hostDataFolder(getenv func(string) string) string {
	if data := getenv("LOCALAPPDATA"); filepath.IsAbs(data) {
		return data
	}
	return filepath.Join(hostHome(getenv), "AppData", "Local")
}
