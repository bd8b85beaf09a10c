package cli

import (
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

func TestDiscardWantsTheWord(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		args     []string
		exit     int
		gone     bool
	}{
		{"yes", "yes\n", nil, ExitOK, true},
		{"y", "y\n", nil, ExitCancelled, false},
		{"an empty line", "\n", nil, ExitCancelled, false},
		{"nobody to ask", "", nil, ExitUsage, false},
		{"--yes", "", []string{"--yes"}, ExitOK, true},
		{"JSON asks too", "", []string{"--json"}, ExitUsage, false},
		{"JSON, --yes", "", []string{"--json", "--yes"}, ExitOK, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakeService{t: t}
			f.state.Transfers = []api.Transfer{{Operation: "op-1", Path: "/曲轴.step", Total: 2048, Created: 1_790_000_000}}
			got := f.run(t, tt.in, append([]string{"transfers", "discard", "op-1"}, tt.args...)...)
			if got.exit != tt.exit || slices.Contains(f.moved, "discard op-1") != tt.gone {
				t.Errorf("exit %d, did %q; said %q %q", got.exit, f.moved, got.out, got.err)
			}
			if len(tt.args) == 0 && !strings.Contains(got.err, "/曲轴.step") {
				t.Errorf("it does not name the document: %q", got.err)
			}
		})
	}
}

func TestDiscardOfNothing(t *testing.T) {
	f := &fakeService{t: t}
	if got := f.run(t, "yes\n", "transfers", "discard", "op-9"); got.exit != ExitNotFound || len(f.moved) > 0 {
		t.Errorf("exit %d, did %q; said %q", got.exit, f.moved, got.err)
	}
}

func TestRedirect(t *testing.T) {
	f := &fakeService{t: t}
	got := f.run(t, "", "transfers", "redirect", "op-1", "/me/曲轴.step")
	if got.exit != ExitOK || !slices.Contains(f.moved, "op-1 to /me/曲轴.step") || !strings.Contains(got.out, "/me/曲轴.step") {
		t.Errorf("exit %d, did %q; said %q", got.exit, f.moved, got.out)
	}
}
