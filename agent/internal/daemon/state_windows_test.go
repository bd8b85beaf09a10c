package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"iscdesk.dev/agent/internal/acl"
	"iscdesk.dev/agent/internal/statepath"
	"iscdesk.dev/agent/ipc"
)

func TestDecisionWhoMayOpenTheStateBecauseWineHasOneUser(t *testing.T) {
	const machine, alice = `C:\ProgramData\iscdesk`, "S-1-5-21-1-2-3-1001"
	for _, row := range []struct{ dir, self, want string }{
		{machine, acl.System, ""},
		{machine, alice, ""},
		{`c:\programdata\ISCDESK\users`, alice, ""},
		{machine + `\users\` + alice, alice, ""},
		{machine + "2", alice, alice},
		{`D:\state`, acl.System, ""},
		{`C:\Users\alice\AppData\Local\iscdesk`, alice, alice},
	} {
		if got := stateUser(row.dir, machine, row.self); got != row.want {
			t.Errorf("%s as %s: %q", row.dir, row.self, got)
		}
	}
}

func TestStateOnWindows(t *testing.T) {
	if dir := statepath.System(); !strings.HasSuffix(dir, `\iscdesk`) || !filepath.IsAbs(dir) {
		t.Errorf("the machine's state: %s", dir)
	}
	if dir := statepath.User(); !strings.HasSuffix(dir, `\iscdesk`) || !filepath.IsAbs(dir) {
		t.Errorf("the user's state: %s", dir)
	}
	path := filepath.Join(t.TempDir(), "above", "state")
	s, err := openState(path)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := openState(path); err == nil {
		t.Fatalf("two services in one folder: %v", second)
	}
	dir, err := s.user(ipc.CurrentUser())
	if err != nil || dir != filepath.Join(path, "users", ipc.CurrentUser()) {
		t.Fatalf("%s, %v", dir, err)
	}
	if err := os.WriteFile(filepath.Join(dir, database), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if known, err := s.known(); err != nil || len(known) != 1 || known[0] != ipc.CurrentUser() {
		t.Fatalf("%v, %v", known, err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	again, err := openState(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := openState(file); err == nil {
		t.Fatalf("a file is a state folder: %v", s)
	}
}
