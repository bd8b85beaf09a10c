package daemon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// stateDir is the state folder, held by this service alone.
type stateDir struct {
	path string
	lock *os.File
	step func(string) // hears what is about to be done, for tests that cut it short there
}

// openState makes the folder if it is not there, and refuses one that somebody
// else owns or can write: what lies in it decides whose documents are whose. A
// Clear that was cut short is finished.
func openState(path string) (*stateDir, error) { return openStateHeard(path, unheard) }

func openStateHeard(path string, step func(string)) (*stateDir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("state folder: %w", err)
	}
	for _, dir := range []string{path, filepath.Join(path, usersName)} {
		if err := makePrivate(dir); err != nil {
			return nil, fmt.Errorf("state folder: %w", err)
		}
	}
	lock, err := lockFile(filepath.Join(path, lockName))
	if err != nil {
		return nil, fmt.Errorf("another service uses the state folder %s: %w", path, err)
	}
	s := &stateDir{path: path, lock: lock, step: step}
	if err := s.finishClear(); err != nil {
		return nil, errors.Join(fmt.Errorf("state folder: %w", err), s.close())
	}
	return s, nil
}

// close lets go of the folder; it can be called twice.
func (s *stateDir) close() error {
	if err := s.lock.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// user is the folder of a user, made if it is not there.
func (s *stateDir) user(key string) (string, error) {
	name, err := folderOf(key)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(s.path, usersName, name)
	return dir, makePrivate(dir)
}

// known gives the keys of the users who have state.
func (s *stateDir) known() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(s.path, usersName))
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(s.path, usersName, e.Name(), database)); err == nil && e.IsDir() {
			keys = append(keys, keyOf(e.Name()))
		}
	}
	return keys, nil
}

// folderOf turns the key of a user into the name of his folder: the number of
// "uid:1000", or a SID as it is.
func folderOf(key string) (string, error) {
	name := strings.TrimPrefix(key, uidPrefix)
	for _, r := range name {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && r != '-' {
			return "", fmt.Errorf("no user can be called %q", key)
		}
	}
	if name == "" {
		return "", errors.New("a user without a name")
	}
	return name, nil
}

// keyOf is folderOf backwards.
func keyOf(folder string) string {
	if strings.Trim(folder, "0123456789") == "" {
		return uidPrefix + folder
	}
	return folder
}

const uidPrefix = "uid:"
