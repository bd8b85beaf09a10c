package daemon

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/ipc"
)

// saved is a state folder with a signed-in user whose save is not published,
// after the service has ended.
func saved(t *testing.T) Config {
	t.Helper()
	cfg := config(t, true)
	s := process(t, cfg)
	c := client.New(cfg.Socket)
	defer c.Close()
	signIn(t, c)
	if err := saveSecret(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if _, err := ListUnpublished(t.Context(), cfg.State); err == nil {
		t.Error("the state of a running service was opened")
	}
	s.stop()
	return cfg
}

// files are the names of everything in a folder, from there.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, name)
			if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", name, info.Mode(), err)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestClearKeepsUnpublishedWorkAndNothingElse(t *testing.T) {
	cfg := saved(t)
	user, err := folderOf(ipc.CurrentUser())
	if err != nil {
		t.Fatal(err)
	}
	found, err := ListUnpublished(t.Context(), cfg.State)
	if err != nil || len(found) != 1 || found[0].Name != secretName || found[0].LocalPath != secretPath || !found[0].Whole {
		t.Fatalf("%+v, %v", found, err)
	}
	kept, err := Clear(t.Context(), cfg.State, false)
	if err != nil || !slices.Equal(kept, found) {
		t.Fatalf("%+v, %v", kept, err)
	}
	content, err := os.ReadFile(kept[0].Content)
	if err != nil || string(content) != "ISO-10303-21; secret of alice" {
		t.Errorf("%q, %v", content, err)
	}
	blob := filepath.Join("users", user, staging, filepath.Base(kept[0].Content))
	if got, want := files(t, cfg.State), []string{asideList, filepath.Join("users", user, database), blob}; !slices.Equal(got, want) {
		t.Errorf("left: %q, want %q", got, want)
	}
	list, err := os.ReadFile(filepath.Join(cfg.State, asideList))
	if err != nil || !strings.Contains(string(list), kept[0].Content) || !strings.Contains(string(list), secretPath) {
		t.Errorf("%s, %v", list, err)
	}
	ledger, err := os.ReadFile(filepath.Join(cfg.State, "users", user, database))
	if err != nil || !strings.Contains(string(ledger), secretName) || strings.Contains(string(ledger), "Li Hua") {
		t.Errorf("the ledger: %v", err)
	}
}

func TestAServiceCarriesOnFromWhatClearKept(t *testing.T) {
	cfg := saved(t)
	if _, err := Clear(t.Context(), cfg.State, false); err != nil {
		t.Fatal(err)
	}
	process(t, cfg)
	c := client.New(cfg.Socket)
	defer c.Close()
	state, err := c.State(t.Context())
	if err != nil || len(state.Transfers) != 1 || state.Account.State != api.AccountSignedOut {
		t.Errorf("%+v, %v", state, err)
	}
}

func TestSetAsideLeavesTheStateAsItIs(t *testing.T) {
	cfg := saved(t)
	before := files(t, cfg.State)
	for range 2 { // a second removal replaces what the first has gathered
		kept, err := SetAside(t.Context(), cfg.State)
		if err != nil || len(kept) != 1 {
			t.Fatalf("%+v, %v", kept, err)
		}
	}
	inside := func(name string) bool { return strings.HasPrefix(name, asideName+"/") }
	after := files(t, cfg.State)
	if aside := slices.DeleteFunc(slices.Clone(after), func(n string) bool { return !inside(n) }); len(aside) != 3 {
		t.Errorf("set aside: %q", aside)
	}
	// What SQLite has beside a database goes as soon as somebody has opened and closed it.
	passing := func(name string) bool { return strings.HasSuffix(name, "-wal") || strings.HasSuffix(name, "-shm") }
	before = slices.DeleteFunc(before, passing)
	if rest := slices.DeleteFunc(after, inside); !slices.Equal(rest, before) {
		t.Errorf("the state was %q and is %q", before, rest)
	}
}

func TestClearEverything(t *testing.T) {
	cfg := saved(t)
	if kept, err := Clear(t.Context(), cfg.State, true); err != nil || len(kept) != 0 {
		t.Fatalf("%+v, %v", kept, err)
	}
	if _, err := os.Lstat(cfg.State); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
	if kept, err := Clear(t.Context(), cfg.State, false); err != nil || len(kept) != 0 {
		t.Errorf("of a folder that is gone: %+v, %v", kept, err)
	}
}

func TestClearRefusesAnotherFolder(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, everything := range []bool{false, true} {
		if _, err := Clear(t.Context(), dir, everything); err == nil {
			t.Error("it was cleared")
		}
	}
	if _, err := os.Lstat(precious); err != nil {
		t.Error(err)
	}
}
