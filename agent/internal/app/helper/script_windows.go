package helper

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
)

// movesFolders tells that a folder can be put in another's place while a
// program works in it. Here it cannot: what a script left running may.
const movesFolders = false

// interpreter gives the file of a script and the command that runs it; no name
// where the package has no such script. A package for Linux is refused: what
// its script does here would be missing.
func interpreter(dir, script string) (name string, command []string, err error) {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return "", nil, err
	}
	switch {
	case exists(dir, script+".cmd"):
		name = script + ".cmd"
		return name, []string{filepath.Join(system, "cmd.exe"), "/d", "/q", "/c", filepath.FromSlash(name)}, nil
	case exists(dir, script+".ps1"):
		name = script + ".ps1"
		shell := filepath.Join(system, `WindowsPowerShell\v1.0\powershell.exe`)
		return name, []string{shell, "-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", filepath.FromSlash(name)}, nil
	case exists(dir, script+".sh"):
		return "", nil, api.Fail(api.Unsupported, "what", "the package has "+script+".sh only; for Windows it needs "+script+".cmd or "+script+".ps1")
	}
	return "", nil, nil
}

// removeAll waits a little for whoever holds one of the files: a script's last
// process as it ends, a virus scanner.
func removeAll(path string) error {
	const patience, pause = time.Second, 100 * time.Millisecond
	for until := time.Now().Add(patience); ; {
		err := os.RemoveAll(path)
		if err == nil || time.Now().After(until) {
			return err
		}
		<-time.After(pause)
	}
}

// scriptEnvironment is the user's own, as the helper got it.
func scriptEnvironment() []string { return os.Environ() }

// folders are where the user's applications and the logs of their scripts lie.
// They do not roam with him to other machines.
func folders() (apps, logs string, err error) {
	local, err := os.UserCacheDir()
	if err == nil && !filepath.IsAbs(local) {
		err = errors.New("the folder of local data is not absolute")
	}
	return filepath.Join(local, "iscdesk", "apps"), filepath.Join(local, "iscdesk", "log"), err
}
