package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"iscdesk.dev/assets/version"
)

// TestMain lets the test binary be the program, so that the tests run it as a
// process.
func TestMain(m *testing.M) {
	if os.Getenv("ISCMARKET_RUN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), "ISCMARKET_RUN=1")
	return cmd
}

func TestVersion(t *testing.T) {
	out, err := command(t, "version").Output()
	if err != nil || strings.TrimSpace(string(out)) != version.String() {
		t.Errorf("%q %v", out, err)
	}
}

func TestMistakesAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no state":         {[]string{"serve"}, "state"},
		"unknown flag":     {[]string{"serve", "--state", t.TempDir(), "--nonsense"}, "nonsense"},
		"unknown level":    {[]string{"serve", "--state", t.TempDir(), "--log-level", "loud"}, "loud"},
		"key alone":        {[]string{"serve", "--state", t.TempDir(), "--tls-key", "k"}, "tls-cert"},
		"bad address":      {[]string{"serve", "--state", t.TempDir(), "--listen", "nowhere:x"}, "listen"},
		"no accounts file": {[]string{"demo-browser", "http://127.0.0.1:1/", "--accounts", filepath.Join(t.TempDir(), "none")}, "none"},
		"unknown command":  {[]string{"dance"}, "dance"},
	} {
		out, err := command(t, c.args...).CombinedOutput()
		if _, failed := errors.AsType[*exec.ExitError](err); !failed || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v %q", name, err, out)
		}
	}
}

// TestServe runs the marketplace as a process: it tells its address, signs a
// user in, and ends on SIGTERM.
func TestServe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("processes get no SIGTERM there")
		return
	}
	dir := t.TempDir()
	state, urlFile := filepath.Join(dir, "state"), filepath.Join(dir, "url")
	market := command(t, "serve", "--state", state, "--url-file", urlFile, "--heartbeat-seconds", "3")
	stderr, err := market.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := market.Start(); err != nil {
		t.Fatal(err)
	}
	log := bufio.NewReader(stderr)
	for line := ""; !strings.Contains(line, "marketplace ready"); {
		if line, err = log.ReadString('\n'); err != nil {
			t.Fatalf("it never got ready: %v", err)
		}
	}
	url, err := os.ReadFile(urlFile)
	if err != nil {
		t.Fatal(err)
	}
	base := strings.TrimSpace(string(url))
	response, err := http.Get(base + "/api/agent/v1/info")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil || !strings.Contains(string(body), `"heartbeatSeconds":3`) {
		t.Errorf("info %s %v", body, err)
	}
	out, err := command(t, "demo-browser", base+"/login", "--accounts", filepath.Join(state, "sample-accounts.json"), "--user", "colleague").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "signed in as colleague") {
		t.Errorf("demo-browser: %v %s", err, out)
	}
	out, err = command(t, "demo-browser", base+"/login", "--accounts", filepath.Join(state, "sample-accounts.json"), "--user", "nobody").CombinedOutput()
	if err == nil {
		t.Errorf("an unknown user: %s", out)
	}
	asked := time.Now()
	if err := market.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(log)
	if err = errors.Join(err, market.Wait()); err != nil || time.Since(asked) > 5*time.Second {
		t.Errorf("SIGTERM: %v after %v, %s", err, time.Since(asked), rest)
	}
}
