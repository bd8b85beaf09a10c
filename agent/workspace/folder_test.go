package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

func TestWhereDocumentsAreOpened(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, tt := range []struct {
		name, env string
		order     Order
		want      string
		set       bool // it is the user's own choice
	}{
		{"the application names one", at("env"), Order{Root: at("app"), Workspace: at("set"), Usual: at("usual")}, at("app"), false},
		{"the environment does", at("env"), Order{Workspace: at("set")}, at("env"), false},
		{"the user has set one", "", Order{Workspace: at("set")}, at("set"), true},
		{"… and the application has looked into its own environment", at("env"), Order{Workspace: at("set"), Usual: at("usual")}, at("set"), true},
		{"nobody does", "", Order{Usual: at("usual")}, at("usual"), false},
	} {
		t.Setenv(RootEnv, tt.env)
		got, err := tt.order.root()
		if err != nil || got != tt.want || tt.order.inWorkspace() != tt.set {
			t.Errorf("%s: %s, %v, %v", tt.name, got, tt.order.inWorkspace(), err)
		}
	}
	if (Order{To: at("x"), Workspace: at("set")}).inWorkspace() {
		t.Error("a place that was named is in the workspace")
	}
}

func TestUsableFolder(t *testing.T) {
	dir := t.TempDir()
	made, err := UsableFolder(filepath.Join(dir, "我的", "图纸"))
	if err != nil || !filepath.IsAbs(made) || filepath.Base(made) != "图纸" {
		t.Fatalf("%s, %v", made, err)
	}
	if left, err := os.ReadDir(made); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "below")} {
		if _, err := UsableFolder(path); !errors.Is(err, api.FileUnwritable) || !strings.Contains(api.AsError(err).Text(api.English), "file") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestAFolderThatMayNotBeWrittenNamesTheSetting asks the decision about errors:
// root may write everywhere.
func TestAFolderThatMayNotBeWrittenNamesTheSetting(t *testing.T) {
	denied := unwritable("/data/x", &os.PathError{Op: "open", Path: "x", Err: os.ErrPermission})
	set := place{set: true, base: "/data", dir: ".", name: "x"}
	if err := api.AsError(set.blame(denied)); err.Params["reason"] != string(api.WorkspaceSet) || !strings.Contains(err.Text(api.English), "permission") {
		t.Errorf("%v: %s", err, err.Text(api.English))
	}
	if err := (place{base: "/data"}).blame(denied); err.Error() != denied.Error() {
		t.Errorf("a place that he has not set: %v", err)
	}
	torn := api.Fail(api.ContentDamaged)
	if err := set.blame(torn); err.Error() != torn.Error() {
		t.Errorf("another error: %v", err)
	}
}
