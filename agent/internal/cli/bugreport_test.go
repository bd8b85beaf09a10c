package cli

import (
	"archive/zip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/statepath"
)

// contents reads an archive: the text of each file by its name.
func contents(t *testing.T, path string) map[string]string {
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
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(raw)
	}
	return all
}

func TestBugreportHoldsFactsAndNoSecrets(t *testing.T) {
	secrets := []string{"T0K3N-planted", "geheim", "LIC-planted-in-a-licence", "曲轴", "zhang.wei", "Muster AG"}
	f := &fakeService{t: t}
	f.state = api.State{
		Service: api.ServiceInfo{Version: "1.2.3"},
		Account: api.Account{
			State: api.AccountSignedIn, Marketplace: "https://zhang.wei:geheim@market.example.com/", Online: true,
			UserName: "zhang.wei", Name: "zhang.wei", TenantName: "Muster AG",
		},
		Licenses: []api.License{{
			Product: "product-1", ProductName: "CAD", Status: "active",
			Requests: []api.LicenseRecord{{
				LicenseAnswer:  api.LicenseAnswer{State: api.LicenseGranted, Content: "LIC-planted-in-a-licence"},
				VerdictMessage: "LIC-planted-in-a-licence is fine",
			}},
		}},
		Transfers: []api.Transfer{{
			Operation: "0b7c3f7e-9a4e-4a55-9f1e-0d6a5f1b2c3d", Path: "/曲轴.step", State: "failed",
			Reason: api.Fail(api.NotFound, "what", "/曲轴.step"),
		}},
		Health: []api.Warning{{Code: "disk", Reason: api.Fail(api.DiskFull)}},
	}
	f.checks = []api.Check{{Name: "marketplace", Detail: "http://proxy?token=T0K3N-planted", Reason: api.Fail(api.NotFound, "what", "曲轴")}}
	f.logs = api.Logs{Cut: true, Lines: []string{
		`level=INFO msg=saved path=/曲轴.step`,
		`level=INFO msg="signed in" user=zhang.wei`,
		`level=WARN msg=odd access_token=T0K3N-planted`,
		`level=WARN msg="the proxy said no" url=http://u:geheim@proxy:3128`,
	}}
	path := filepath.Join(t.TempDir(), "report.zip")
	if got := f.run(t, "", "bugreport", path); got.exit != ExitOK || !strings.Contains(got.out, path) {
		t.Fatalf("exit %d, output %q %q", got.exit, got.out, got.err)
	}
	all := contents(t, path)
	for name, text := range all {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s has %q in it:\n%s", name, secret, text)
			}
		}
	}
	for name, want := range map[string]string{
		"state.json":    "0b7c3f7e-9a4e-4a55-9f1e-0d6a5f1b2c3d",
		"doctor.json":   `"marketplace"`,
		"service.log":   "the proxy said no",
		"versions.json": `"os"`,
		"README.txt":    "Read it before you send it",
	} {
		if !strings.Contains(all[name], want) {
			t.Errorf("%s lacks %q:\n%s", name, want, all[name])
		}
	}
}

// TestBugreportReadsTheLogOfAServiceThatIsDown: with the redaction on.
func TestBugreportReadsTheLogOfAServiceThatIsDown(t *testing.T) {
	state := t.TempDir()
	t.Setenv(statepath.Env, state)
	dir := filepath.Join(state, "log")
	line := "time=2026-11-22T02:00:00Z level=ERROR msg=\"the service failed\" access_token=T0K3N-planted path=/曲轴.step\n"
	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, "iscdeskd.log"), []byte(line), 0o600)); err != nil {
		t.Fatal(err)
	}
	f := &fakeService{t: t, stateErr: api.Fail(api.ServiceUnavailable)}
	path := filepath.Join(t.TempDir(), "report.zip")
	if got := f.run(t, "", "bugreport", path); got.exit != ExitOK {
		t.Fatalf("exit %d, output %q %q", got.exit, got.out, got.err)
	}
	all := contents(t, path)
	if log := all["service.log"]; !strings.Contains(log, "the service failed") || strings.Contains(log, "T0K3N") || strings.Contains(log, "曲轴") {
		t.Errorf("service.log: %s", log)
	}
	if strings.Contains(all["missing.txt"], "service.log") {
		t.Errorf("missing.txt: %s", all["missing.txt"])
	}
}

func TestBugreportWithoutService(t *testing.T) {
	t.Setenv(statepath.Env, t.TempDir())
	f := &fakeService{t: t, stateErr: api.Fail(api.ServiceUnavailable)}
	path := filepath.Join(t.TempDir(), "report.zip")
	if got := f.run(t, "", "bugreport", path); got.exit != ExitOK {
		t.Fatalf("exit %d, output %q %q", got.exit, got.out, got.err)
	}
	all := contents(t, path)
	if missing := all["missing.txt"]; !strings.Contains(missing, "state.json") || !strings.Contains(missing, "service.log") {
		t.Errorf("missing.txt says %q", missing)
	}
	if !strings.Contains(all["doctor.json"], string(api.ServiceUnavailable)) {
		t.Errorf("doctor.json does not say that the service is down:\n%s", all["doctor.json"])
	}
}

func TestBugreportWritesOverNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.zip")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &fakeService{t: t}
	if got := f.run(t, "", "bugreport", path); got.exit == ExitOK {
		t.Errorf("it said %q", got.out)
	}
	if raw, err := os.ReadFile(path); err != nil || string(raw) != "mine" {
		t.Errorf("the file is %q now (%v)", raw, err)
	}
	if names, err := os.ReadDir(filepath.Dir(path)); err != nil || len(names) != 1 {
		t.Errorf("the folder holds %v (%v)", slices.Collect(func(yield func(string) bool) {
			for _, n := range names {
				yield(n.Name())
			}
		}), err)
	}
}
