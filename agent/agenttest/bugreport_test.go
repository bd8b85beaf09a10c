package agenttest_test

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/uuid"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/credstore"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/session"
)

const (
	passwordInFile    = "geheim-in-the-file-77"
	passwordInAddress = "geheim-in-the-address-78"
	nameOfDrawing     = "曲轴-project-falcon.step"
)

// TestABugreportOfARealServiceHoldsNoSecret works with everything that has a
// secret, and looks for each in the whole archive: while the service answers,
// and from its files after it has ended.
func TestABugreportOfARealServiceHoldsNoSecret(t *testing.T) {
	test := agenttest.Start(t, agenttest.Engineer)
	test.SignIn(agenttest.Engineer)
	engineer, ctx := test.Person(agenttest.Engineer), test.Context()
	secrets := map[string]string{"proxy password in a file": passwordInFile, "proxy password in an address": passwordInAddress, "name of the document": "falcon", "home": engineer.Home}
	for what, value := range tokens(t, engineer) {
		secrets[what] = value
	}
	secrets["licence"] = licence(t, test)
	var status api.State
	test.Check(engineer.Ask(ctx, &status, "status"))
	secrets["user's name"], secrets["user's full name"] = status.Account.UserName, status.Account.Name
	test.Check(engineer.WriteFile(nameOfDrawing, "ISO-10303-21;"))
	test.Run(agenttest.Engineer, "files", "put", nameOfDrawing, "/shared/"+nameOfDrawing)
	test.Check(engineer.AwaitPublished(ctx, "/shared/"+nameOfDrawing, 1))

	password := filepath.Join(engineer.Home, "proxy-password")
	policy := fmt.Sprintf("proxy = %q\nproxy_user = \"proxy-falcon\"\nproxy_password_file = %q\nca_file = %q\n",
		"http://u:"+passwordInAddress+"@127.0.0.1:9", engineer.Path(password), "http://u:"+passwordInAddress+"@x")
	test.Check(errors.Join(os.WriteFile(password, []byte(passwordInFile+"\n"), 0o600), os.WriteFile(engineer.PolicyFile(), []byte(policy), 0o600)))
	test.Check(engineer.Stop())
	test.Check(engineer.Restart(ctx))

	for _, name := range []string{"running", "down"} {
		if name == "down" {
			test.Check(engineer.Stop())
			secrets["user's name"] = "user=" + agenttest.Engineer // nobody tells who he is now, and the test's own paths have his name
		}
		path := filepath.Join(engineer.Home, name+".zip")
		cmd := engineer.Command(ctx, "bugreport", engineer.Path(path))
		cmd.Env = append(cmd.Env, "ISCDESK_STATE="+engineer.Path(filepath.Join(engineer.Home, "state")))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		all := unzip(t, path)
		for file, text := range all {
			for what, secret := range secrets {
				if secret == "" || strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
					t.Errorf("%s: %s has the %s, %q", name, file, what, secret)
				}
			}
		}
		wanted := map[string]string{"versions.json": `"os": "` + runtime.GOOS, "doctor.json": `"name"`, "service.log": "iscdeskd answers", "README.txt": "policy.json"}
		if name == "running" {
			wanted["policy.json"], wanted["state.json"] = `"key": "proxy_password_file"`, `"marketplace"`
		} else {
			wanted["missing.txt"] = "policy.json: service_unavailable"
		}
		for file, want := range wanted {
			if !strings.Contains(all[file], want) {
				t.Errorf("%s: %s lacks %q:\n%s", name, file, want, all[file])
			}
		}
	}
}

// tokens are those that the service keeps for the person, by their names.
func tokens(t *testing.T, a *agenttest.Agent) map[string]string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(a.Home, "state", "users", "*"))
	if err != nil || len(dirs) != 1 {
		t.Fatalf("%q, %v", dirs, err)
	}
	store, err := credstore.Open(dirs[0], ipc.CurrentUser(), true, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := store.Load()
	if err != nil {
		t.Fatal(err)
	}
	var account struct{ Access, Refresh string }
	if err := json.Unmarshal(kept, &account); err != nil {
		t.Fatal("the credentials are no JSON")
	}
	return map[string]string{"access token": account.Access, "refresh token": account.Refresh}
}

// licence is the string that an application of the person's gets.
func licence(t *testing.T, test *agenttest.Test) string {
	t.Helper()
	a, ctx := test.Person(agenttest.Engineer), test.Context()
	var licenses []api.License
	test.Check(a.Ask(ctx, &licenses, "licenses"))
	if len(licenses) == 0 {
		t.Fatal("the sample tenant has no licence")
	}
	app, _, err := session.Dial(ctx, a.Socket, api.Hello{
		Protocol: api.ProtocolVersion, Role: api.RoleSession, Session: uuid.NewString(), Product: licenses[0].Product, Version: "1.0.0", Library: "agenttest",
	})
	test.Check(err)
	defer func() { _ = app.Close() }()
	test.Check(app.Call(ctx, api.CallLicenseRequest, api.LicenseRequest{Kind: api.LicenseString}, nil))
	for {
		select {
		case e := <-app.Events():
			var answer api.LicenseAnswer
			if e.Name == api.EventLicenseVerify {
				test.Check(json.Unmarshal(e.Data, &answer))
			}
			if answer.State == api.LicenseGranted && answer.Content != "" {
				return answer.Content
			}
		case <-ctx.Done():
			t.Fatal("no licence came")
		}
	}
}

func unzip(t *testing.T, path string) map[string]string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	all := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(content)
	}
	return all
}
