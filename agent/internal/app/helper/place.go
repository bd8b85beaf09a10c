package helper

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/archive"
)

const (
	currentName   = "current"
	partialSuffix = ".partial"
	oldSuffix     = ".old"
	lockName      = ".lock"
)

// place is where one product of the user lives. Only one helper at a time
// holds it.
type place struct {
	dir    string // of the product, below the user's folders
	log    string
	unlock func()
}

func openPlace(product string) (*place, error) {
	apps, logs, err := folders()
	if err != nil {
		return nil, api.Fail(api.FileUnwritable, "path", "~", "reason", "no home folder").Because(err)
	}
	p := &place{dir: filepath.Join(apps, product), log: filepath.Join(logs, "install-"+product+".log")}
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return nil, unwritable(p.dir, err)
	}
	if err := os.MkdirAll(filepath.Dir(p.log), 0o700); err != nil {
		return nil, unwritable(filepath.Dir(p.log), err)
	}
	p.unlock, err = lock(filepath.Join(p.dir, lockName))
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (p *place) close() { p.unlock() }

func (p *place) path(name string) string { return filepath.Join(p.dir, name) }

// recover puts back what an interrupted run has set aside, and removes what
// it left unfinished.
func (p *place) recover() error {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if version, ok := strings.CutSuffix(e.Name(), oldSuffix); ok {
			if err := p.restore(version); err != nil {
				return err
			}
		}
		if strings.HasSuffix(e.Name(), partialSuffix) {
			if err := emptied(p.path(e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// setAside keeps an installed version while it is installed anew; a version
// that is not in use is a leftover, and goes.
func (p *place) setAside(version string) error {
	if current(p.dir) != version {
		return removeAll(p.path(version))
	}
	err := os.Rename(p.path(version), p.path(version+oldSuffix))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// restore takes back what setAside did.
func (p *place) restore(version string) error {
	if _, err := os.Lstat(p.path(version + oldSuffix)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := removeAll(p.path(version)); err != nil {
		return err
	}
	return os.Rename(p.path(version+oldSuffix), p.path(version))
}

// prune removes every version but those named, and what was set aside.
func (p *place) prune(keep ...string) error {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return err
	}
	wanted := map[string]bool{currentName: true, lockName: true}
	for _, k := range keep {
		wanted[k] = true
	}
	for _, e := range entries {
		if !wanted[e.Name()] {
			err = errors.Join(err, emptied(p.path(e.Name())))
		}
	}
	return err
}

// emptied removes a folder, or at least all that is in it: on some systems a
// folder stays for as long as a program works in it.
func emptied(path string) error {
	err := removeAll(path)
	if err == nil {
		return nil
	}
	if left, readErr := os.ReadDir(path); readErr == nil && len(left) == 0 {
		return nil
	}
	return err
}

func unwritable(path string, err error) error {
	switch known, ok := errors.AsType[*api.Error](err); {
	case err == nil:
		return nil
	case ok:
		return known
	case archive.IsFull(err):
		return api.Fail(api.DiskFull).Because(err)
	}
	reason := err.Error()
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		reason = pe.Err.Error()
	}
	return api.Fail(api.FileUnwritable, "path", path, "reason", reason).Because(err)
}
