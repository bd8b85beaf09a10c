package policy

import (
	"errors"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

func policyFiles(p Places) []string {
	if p.File == "" {
		return nil
	}
	return []string{p.File}
}

// hangups is nothing on Windows.
func hangups() (<-chan os.Signal, func()) { return nil, func() {} }

// watchMachine tells changes of the keys: of the policy and of the installer's
// settings, or of the nearest key that is there.
func (l *Live) watchMachine() (changed <-chan struct{}, stop func()) {
	told := make(chan struct{}, 1)
	if l.places.File != "" {
		return told, func() {}
	}
	keys := l.places.registry()
	end, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		l.log.Warn("policy: changes of the registry are noticed late", "err", err)
		return told, func() {}
	}
	ended := make(chan struct{}, 2)
	for _, key := range []string{keys.policy, keys.installer} {
		go func() {
			defer func() { ended <- struct{}{} }()
			if err := follow(key, end, told); err != nil {
				l.log.Warn("policy: changes of the registry are noticed late", "key", key, "err", err)
			}
		}()
	}
	return told, func() {
		_ = windows.SetEvent(end) // the event was just made
		<-ended
		<-ended
		_ = windows.CloseHandle(end) // nobody waits for it any more
	}
}

// follow tells every change of a key until end is set.
func follow(key string, end windows.Handle, told chan<- struct{}) error {
	change, err := windows.CreateEvent(nil, 0, 0, nil)
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseHandle(change) }() // nobody waits for it any more
	for first := true; ; first = false {
		opened, whole, err := nearest(key)
		if err != nil {
			return err
		}
		const what = windows.REG_NOTIFY_CHANGE_NAME | windows.REG_NOTIFY_CHANGE_LAST_SET
		err = windows.RegNotifyChangeKeyValue(windows.Handle(opened), whole, what, change, true)
		if err == nil && !first {
			select { // now that further changes are noticed
			case told <- struct{}{}:
			default: // one is waiting already
			}
		}
		var fired uint32
		if err == nil && !whole && exists(key) { // it came meanwhile
			_ = opened.Close()
			continue
		}
		if err == nil {
			fired, err = windows.WaitForMultipleObjects([]windows.Handle{end, change}, false, windows.INFINITE)
		}
		_ = opened.Close() // it was only watched
		if err != nil || fired == windows.WAIT_OBJECT_0 {
			return err
		}
	}
}

func exists(key string) bool {
	opened, whole, err := nearest(key)
	if err == nil {
		_ = opened.Close() // it was only looked for
	}
	return err == nil && whole
}

// nearest opens a key, or the nearest one above it that is there. whole tells
// that it is the key itself, whose subkeys count too.
func nearest(key string) (opened registry.Key, whole bool, err error) {
	for at := key; ; at = parent(at) {
		opened, err = registry.OpenKey(registry.LOCAL_MACHINE, at, registry.NOTIFY|registry.WOW64_64KEY)
		if err == nil || !errors.Is(err, registry.ErrNotExist) || !strings.Contains(at, `\`) {
			return opened, at == key, err
		}
	}
}

func parent(key string) string {
	return strings.ReplaceAll(path.Dir(strings.ReplaceAll(key, `\`, "/")), "/", `\`)
}
