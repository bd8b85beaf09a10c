package server_test

import (
	"bufio"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/marketplace/internal/server"
	"iscdesk.dev/marketplace/internal/web"
)

// described reads the calls of the agent API from its description: "GET
// /api/agent/v1/documents/{}". Parameters lose their names.
func described(t *testing.T) []string {
	t.Helper()
	file, err := os.Open("../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var (
		calls  []string
		path   string
		inPath = regexp.MustCompile(`^  (/\S*):$`)
		method = regexp.MustCompile(`^    (get|post|put|delete|patch):$`)
	)
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "components:") {
			break
		}
		if m := inPath.FindStringSubmatch(lines.Text()); m != nil {
			path = m[1]
		}
		if m := method.FindStringSubmatch(lines.Text()); m != nil {
			calls = append(calls, strings.ToUpper(m[1])+" /api/agent/v1"+nameless(path))
		}
	}
	return calls
}

func nameless(path string) string {
	return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "{}")
}

// TestTheAgentAPIIsAsDescribed: every call that is described is answered, none
// beside them, and all but the information need a token.
func TestTheAgentAPIIsAsDescribed(t *testing.T) {
	s, err := server.Open(t.Context(), server.Config{State: t.TempDir(), Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	var served []string
	for pattern, access := range s.Routes() {
		if !strings.Contains(pattern, " /api/agent/") {
			continue
		}
		served = append(served, nameless(pattern))
		if want := web.Bearer; access != want && !strings.HasSuffix(pattern, "/info") {
			t.Errorf("%s has access %d, want %d", pattern, access, want)
		}
	}
	want := described(t)
	slices.Sort(served)
	slices.Sort(want)
	if len(want) < 30 || !slices.Equal(served, want) {
		t.Errorf("served:\n%s\ndescribed:\n%s", strings.Join(served, "\n"), strings.Join(want, "\n"))
	}
}
