package main

import (
	"io"
	"log/slog"
	"strings"
	"testing"

	"iscdesk.dev/agent/internal/daemon"
	"iscdesk.dev/agent/internal/logs"
	"iscdesk.dev/agent/ipc"
)

func TestFlagsGoBeforeTheEnvironment(t *testing.T) {
	t.Setenv(daemon.StateEnv, "/env/state")
	t.Setenv(ipc.SocketEnv, "/env/agent.sock")
	o, err := parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := o.config(quiet(o)); c.State != "/env/state" || c.Socket != "/env/agent.sock" || c.Marketplace != "" || !c.PerUser {
		t.Errorf("environment: %+v", c)
	}
	o, err = parse(strings.Fields("--state /s --socket /x.sock --marketplace https://m.example --ca-file /ca --policy /p.toml --system --log-level warn"))
	if err != nil {
		t.Fatal(err)
	}
	c := o.config(quiet(o))
	if c.State != "/s" || c.Socket != "/x.sock" || c.Marketplace != "https://m.example" || c.CAFile != absolute("/ca") || c.PolicyFile != absolute("/p.toml") || c.PerUser {
		t.Errorf("flags: %+v", c)
	}
	if c.Log.Enabled(t.Context(), slog.LevelInfo) || !c.Log.Enabled(t.Context(), slog.LevelWarn) {
		t.Error("the level of the log is another")
	}
	if c.Steps != nil {
		t.Error("the ordinary service has a crash hook")
	}
}

func quiet(o options) *logs.Log { return logs.New(io.Discard, o.level) }

func TestWrongCommandLines(t *testing.T) {
	for _, row := range []struct {
		line   string
		status int
		text   string
	}{
		{"dance", 2, "dance"},
		{"run now", 2, "now"},
		{"--log-level loud", 2, "loud"},
		{"--nonsense", 2, "nonsense"},
		{"run --state /dev/null/x --socket /dev/null/s", 1, "state folder"},
	} {
		status, err := run(strings.Fields(row.line))
		if status != row.status || err == nil || !strings.Contains(err.Error(), row.text) {
			t.Errorf("%q: %d, %v", row.line, status, err)
		}
	}
	if status, err := run([]string{"version"}); status != 0 || err != nil {
		t.Errorf("version: %d, %v", status, err)
	}
}
