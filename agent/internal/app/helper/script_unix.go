//go:build !windows

package helper

import (
	"errors"
	"os"
	"path/filepath"
)

// movesFolders tells that a folder can be put in another's place while a
// program works in it.
const movesFolders = true

// interpreter gives the file of a script and the command that runs it; no name
// where the package has no such script.
func interpreter(dir, script string) (name string, command []string, err error) {
	name = script + ".sh"
	if !exists(dir, name) {
		return "", nil, nil
	}
	return name, []string{"bash", name}, nil
}

func removeAll(path string) error { return os.RemoveAll(path) }

func scriptEnvironment() []string {
	return []string{
		"HOME=" + os.Getenv("HOME"), "USER=" + os.Getenv("USER"), "LOGNAME=" + os.Getenv("USER"),
		"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "TERM=dumb",
	}
}

// folders are where the user's applications and the logs of their scripts lie.
func folders() (apps, logs string, err error) {
	home, err := os.UserHomeDir()
	if err == nil && !filepath.IsAbs(home) {
		err = errors.New("the home folder is not absolute")
	}
	return filepath.Join(home, ".local", "share", "iscdesk", "apps"), filepath.Join(home, ".local", "state", "iscdesk"), err
}
