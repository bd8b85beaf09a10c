package credstore

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// memory is a Secret Service with knobs.
type memory struct {
	mu      sync.Mutex
	entries map[string]string
	locked  error
	hang    chan struct{}
	panics  bool
}

func (m *memory) Unlocked() error {
	if m.hang != nil {
		<-m.hang
	}
	if m.panics {
		panic("wrong type")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.locked
}

func (m *memory) Get(service, user string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.entries[service+"/"+user]; ok {
		return s, nil
	}
	return "", keyring.ErrNotFound
}

func (m *memory) Set(service, user, secret string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entries == nil {
		m.entries = make(map[string]string)
	}
	m.entries[service+"/"+user] = secret
	return nil
}

func (m *memory) Delete(service, user string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.entries[service+"/"+user]; !ok {
		return keyring.ErrNotFound
	}
	delete(m.entries, service+"/"+user)
	return nil
}

// setLocked changes the state as a screen lock would.
func (m *memory) setLocked(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.locked = err
}

func newFile(t *testing.T, dir, user string) *File {
	t.Helper()
	f, err := NewFile(dir, user)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestConformance is the contract of Store, on every implementation. open
// gives the same storage each time, as a restarted service would find it.
func TestConformance(t *testing.T) {
	dirs := []string{t.TempDir(), t.TempDir(), t.TempDir()}
	desktop, half := &memory{}, &memory{}
	quiet := slog.New(slog.DiscardHandler)
	for name, open := range map[string]func() Store{
		"file":    func() Store { return newFile(t, dirs[0], "uid:1000") },
		"desktop": func() Store { return ringOver(desktop, "uid:1000", time.Second) },
		"both": func() Store {
			return &layered{first: ringOver(half, "uid:1000", time.Second), file: newFile(t, dirs[1], "uid:1000"), log: quiet}
		},
		"both, locked": func() Store {
			locked := &memory{locked: errors.New("locked")}
			return &layered{first: ringOver(locked, "uid:1000", time.Second), file: newFile(t, dirs[2], "uid:1000"), log: quiet}
		},
	} {
		t.Run(name, func(t *testing.T) { conform(t, open, name == "both, locked") })
	}
}

func conform(t *testing.T, open func() Store, clearFails bool) {
	t.Helper()
	expect := func(want []byte) {
		t.Helper()
		got, err := open().Load()
		if err != nil && want != nil {
			t.Fatalf("load: %v", err)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("loaded %q, want %q", got, want)
		}
	}
	expect(nil)
	for _, secret := range [][]byte{[]byte("first"), []byte("second"), bytes.Repeat([]byte{0, 0xff}, MaxSecret/2)} {
		if err := open().Save(secret); err != nil {
			t.Fatal(err)
		}
		expect(secret)
	}
	if err := open().Save(make([]byte, MaxSecret+1)); err == nil {
		t.Fatal("a secret beyond the bound was kept")
	}
	expect(bytes.Repeat([]byte{0, 0xff}, MaxSecret/2))
	for range 2 {
		if err := open().Clear(); (err != nil) != clearFails {
			t.Fatal(err)
		}
		expect(nil)
	}
	if err := open().Save([]byte("again")); err != nil {
		t.Fatal(err)
	}
	expect([]byte("again"))
}

func TestFileIsSealedAndPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if err := newFile(t, dir, "uid:1000").Save([]byte("canary-refresh-token")); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Fatalf("%v, %v", entries, err)
	}
	for _, e := range entries {
		content, err := readPrivate(filepath.Join(dir, e.Name()))
		if err != nil || bytes.Contains(content, []byte("canary")) {
			t.Errorf("%s: %v, %q", e.Name(), err, content)
		}
	}
}

func TestFileNoticesDamage(t *testing.T) {
	saved := func(t *testing.T) (*File, string, string) {
		t.Helper()
		dir := t.TempDir()
		f := newFile(t, dir, "uid:1000")
		if err := f.Save([]byte("secret")); err != nil {
			t.Fatal(err)
		}
		return f, filepath.Join(dir, keyName), filepath.Join(dir, sealedName)
	}
	write := func(t *testing.T, path string, content []byte) {
		t.Helper()
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, damage := range map[string]func(t *testing.T, key, sealed string){
		"empty":      func(t *testing.T, _, sealed string) { write(t, sealed, nil) },
		"foreign":    func(t *testing.T, _, sealed string) { write(t, sealed, bytes.Repeat([]byte("x"), 100)) },
		"huge":       func(t *testing.T, _, sealed string) { write(t, sealed, make([]byte, 2*MaxSecret)) },
		"torn key":   func(t *testing.T, key, _ string) { write(t, key, []byte("short")) },
		"other key":  func(t *testing.T, key, _ string) { write(t, key, make([]byte, 32)) },
		"no key":     func(_ *testing.T, key, _ string) { _ = os.Remove(key) },
		"open key":   func(t *testing.T, key, _ string) { openToEveryone(t, key) },
		"open file":  func(t *testing.T, _, sealed string) { openToEveryone(t, sealed) },
		"a folder":   func(_ *testing.T, _, sealed string) { _ = os.Remove(sealed); _ = os.Mkdir(sealed, 0o700) },
		"wrong user": nil,
	} {
		t.Run(name, func(t *testing.T) {
			f, key, sealed := saved(t)
			if damage == nil {
				f = newFile(t, filepath.Dir(key), "uid:1001")
			} else {
				damage(t, key, sealed)
			}
			if secret, err := f.Load(); secret != nil || !errors.Is(err, ErrDamaged) {
				t.Fatalf("%q, %v", secret, err)
			}
			if name == "a folder" {
				return
			}
			if err := f.Save([]byte("anew")); err != nil {
				t.Fatal(err)
			}
			if secret, err := f.Load(); string(secret) != "anew" {
				t.Fatalf("after mending: %q, %v", secret, err)
			}
		})
	}
}

func TestEveryFlippedBitAndCutIsNoticed(t *testing.T) {
	dir := t.TempDir()
	f := newFile(t, dir, "uid:1000")
	if err := f.Save([]byte("secret")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, sealedName)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 1 << (i % 8)
		for _, content := range [][]byte{bad, good[:i]} {
			_ = os.WriteFile(path, content, 0o600)
			if _, err := f.Load(); !errors.Is(err, ErrDamaged) {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	}
}

func TestClearMakesCopiesWorthless(t *testing.T) {
	dir := t.TempDir()
	f := newFile(t, dir, "uid:1000")
	_ = f.Save([]byte("secret"))
	copied, err := os.ReadFile(filepath.Join(dir, sealedName))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Clear(); err != nil {
		t.Fatal(err)
	}
	_ = f.Save([]byte("other"))
	_ = os.WriteFile(filepath.Join(dir, sealedName), copied, 0o600)
	if _, err := f.Load(); !errors.Is(err, ErrDamaged) {
		t.Fatalf("a copy from before Clear opened: %v", err)
	}
}

func TestDesktopTrouble(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	stuck := ringOver(&memory{hang: hang}, "uid:1000", 20*time.Millisecond)
	for range 3 { // the second and third find the first still waiting
		if err := stuck.Save([]byte("x")); !errors.Is(err, errNoAnswer) {
			t.Fatal(err)
		}
	}
	if err := ringOver(&memory{panics: true}, "uid:1000", time.Second).probe(); err == nil {
		t.Fatal("a broken service passed")
	}
	foreign := &memory{}
	_ = foreign.Set(ringService, "uid:1000", "not base64!")
	if _, err := ringOver(foreign, "uid:1000", time.Second).Load(); !errors.Is(err, ErrDamaged) {
		t.Fatal(err)
	}
}

func TestFileTakesOverAndGivesBack(t *testing.T) {
	desktop := &memory{}
	dir := t.TempDir()
	store := &layered{first: ringOver(desktop, "uid:1000", time.Second), file: newFile(t, dir, "uid:1000"), log: slog.New(slog.DiscardHandler)}
	_ = store.Save([]byte("old"))
	desktop.setLocked(errors.New("locked"))
	if err := store.Save([]byte("new")); err != nil {
		t.Fatal(err)
	}
	desktop.setLocked(nil)
	if got, _ := store.Load(); string(got) != "new" {
		t.Fatalf("the older secret won: %q", got)
	}
	if err := store.Save([]byte("newest")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, sealedName)); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("the secret lies in two places")
	}
}
