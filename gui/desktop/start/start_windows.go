package start

import (
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

func open(path string) error {
	how, path := shown(path)
	verb, err := windows.UTF16PtrFromString(how)
	if err != nil {
		return err
	}
	file, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	return windows.ShellExecute(0, verb, file, nil, nil, windows.SW_SHOWNORMAL)
}

// shown is how Windows is asked to show a path. A folder is named so that it
// can be nothing else: beside "parts" there may lie a document "parts.exe", which
// Windows would run if it were asked to open "parts".
func shown(path string) (verb, name string) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return "open", path
	}
	return "explore", strings.TrimRight(path, `\/`) + `\`
}

func runs(fs.FileInfo) bool { return false }

func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}
