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
}

// openState makes the folder if it is not there, and refuses one that somebody
// else owns or can write: what lies in it decides whose documents are whose.
func openState(path string) (*stateDir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("state folder: %w", err)
	}
	for _, dir := range []string{path, filepath.Join(path, "users")} {
		if err := makePrivate(dir); err != nil {
			return nil, fmt.Errorf("state folder: %w", err)
		}
	}
	lock, err := lockFile(filepath.Join(path, "lock"))
	if err != nil {
		return nil, fmt.Errorf("another service uses the state folder %s: %w", path, err)
	}
	return &stateDir{path: path, lock: lock}, nil
}

func (s *stateDir) close() error { return s.lock.Close() }

// user is the folder of a user, made if it is not there.
func (s *stateDir) user(key string) (string, error) {
	name, err := folderOf(key)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(s.path, "users", name)
	return dir, makePrivate(dir)
}

// known gives the keys of the users who have state.
func (s *stateDir) known() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(s.path, "users"))
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(s.path, "users", e.Name(), database)); err == nil && e.IsDir() {
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
