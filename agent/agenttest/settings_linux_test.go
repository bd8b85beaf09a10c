package agenttest_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session"
	"iscdesk.dev/agent/workspace"
)

// open opens a document as an application does, with the user's rights.
func open(test *agenttest.Test, person, path string) (workspace.Opened, error) {
	conn, _, err := session.Dial(test.Context(), test.Person(person).Socket, api.Hello{
		Protocol: api.ProtocolVersion, Role: api.RoleTransfer, Session: uuid.NewString(),
	})
	test.Check(err)
	defer func() { _ = conn.Close() }()
	return workspace.Open(test.Context(), conn, api.Picked{Path: path})
}

// TestDocumentsAreOpenedIntoTheFolderThatTheUserHasSet also holds that they are
// never opened into another one where that folder cannot be used.
func TestDocumentsAreOpenedIntoTheFolderThatTheUserHasSet(t *testing.T) {
	home := t.TempDir()
	t.Setenv(workspace.RootEnv, "")
	t.Setenv("HOME", home)
	test := agenttest.Start(t, agenttest.Engineer, agenttest.Colleague)
	test.SignIn(agenttest.Engineer, agenttest.Colleague)
	engineer := test.Person(agenttest.Engineer)
	test.Check(engineer.WriteFile("a.step", "ISO-10303-21; /* first */"))
	test.Run(agenttest.Engineer, "files", "put", "a.step", "/shared/a.step", "--wait")

	usual, err := open(test, agenttest.Engineer, "/shared/a.step")
	if err != nil || usual.LocalPath != filepath.Join(home, "iscdesk", "shared", "a.step") {
		t.Fatalf("without a setting: %+v, %v", usual, err)
	}
	set := filepath.Join(t.TempDir(), "我的 图纸")
	test.Run(agenttest.Engineer, "settings", "set", "workspace", set)
	moved, err := open(test, agenttest.Engineer, "/shared/a.step")
	if err != nil || moved.LocalPath != filepath.Join(set, "shared", "a.step") {
		t.Fatalf("with one: %+v, %v", moved, err)
	}
	if content, err := os.ReadFile(usual.LocalPath); err != nil || !strings.Contains(string(content), "first") {
		t.Errorf("the older copy: %q, %v", content, err)
	}
	other, err := open(test, agenttest.Colleague, "/shared/a.step")
	if err != nil || strings.HasPrefix(other.LocalPath, set) {
		t.Errorf("the colleague's is %+v, %v", other, err)
	}

	test.Check(os.RemoveAll(set))
	test.Check(os.WriteFile(set, nil, 0o600)) // now it cannot be used
	test.Check(os.RemoveAll(filepath.Join(home, "iscdesk")))
	_, err = open(test, agenttest.Engineer, "/shared/a.step")
	if !errors.Is(err, api.FileUnwritable) {
		t.Fatalf("a folder that cannot be used: %v, want file_unwritable", err)
	}
	for lang, says := range map[api.Language]string{api.English: "settings set workspace", api.Chinese: "设置中的工作文件夹"} {
		if text := api.AsError(err).Text(lang); !strings.Contains(text, set) || !strings.Contains(text, says) {
			t.Errorf("it says %s", text)
		}
	}
	if left, err := os.ReadDir(filepath.Join(home, "iscdesk")); err == nil {
		t.Errorf("it was opened into another place: %v", left)
	}
}

// TestTheUsersOwnRatesBoundHisTraffic saves and fetches at a rate that only one
// of two users has set.
func TestTheUsersOwnRatesBoundHisTraffic(t *testing.T) {
	test := agenttest.Start(t, agenttest.Engineer, agenttest.Colleague)
	test.SignIn(agenttest.Engineer, agenttest.Colleague)
	test.Run(agenttest.Engineer, "settings", "set", "uploadRate", "250kB/s")
	content := make([]byte, 1_000_000)
	_, _ = rand.Read(content) // it never fails
	test.Check(test.Person(agenttest.Engineer).WriteFile("a.step", "ISO-10303-21;"+string(content)))

	start := time.Now()
	test.Run(agenttest.Engineer, "files", "put", "a.step", "/shared/a.step", "--wait")
	if took := time.Since(start); took < 3*time.Second { // a quarter of a second goes at once
		t.Errorf("a megabyte was sent in %s at 250 kB/s", took)
	}
	test.Run(agenttest.Colleague, "settings", "set", "downloadRate", "250kB/s")
	start = time.Now()
	test.Run(agenttest.Colleague, "files", "get", "/shared/a.step", "b.step")
	if took := time.Since(start); took < 3*time.Second {
		t.Errorf("a megabyte was received in %s at 250 kB/s", took)
	}
}
