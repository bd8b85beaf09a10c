package policy

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"iscdesk.dev/agent/api"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// followed is a Live that serves, and tells of each reload.
type followed struct {
	*Live
	told chan struct{}
}

func follows(t *testing.T, places Places) *followed {
	t.Helper()
	places.Getenv = func(string) string { return "" }
	f := &followed{Live: Open(places, slog.New(slog.DiscardHandler)), told: make(chan struct{}, 64)}
	f.Subscribe(func() { f.told <- struct{}{} })
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Serve ended with %v", err)
		}
	})
	<-f.told // it watches now
	return f
}

// until waits for the reload after which it is so.
func (f *followed) until(t *testing.T, what string, so func(Effective) bool) {
	t.Helper()
	late := time.After(20 * time.Second)
	for !so(f.Now()) {
		select {
		case <-f.told:
		case <-late:
			t.Fatalf("%s was not noticed: %+v", what, f.Now().Values)
		}
	}
}

func TestAFileIsFollowed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "etc", "iscdesk") // is not there yet
	file := filepath.Join(dir, "policy.toml")
	f := follows(t, Places{File: file, Own: true})
	write := func(text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(file+".new", []byte(text), 0o644), os.Rename(file+".new", file)); err != nil {
			t.Fatal(err)
		}
	}
	write("offline_days = 3\n")
	f.until(t, "a new folder with a file", func(e Effective) bool { return e.Values.OfflineDays == 3 })
	write("offline_days = 4\n")
	f.until(t, "a file in place of the file", func(e Effective) bool { return e.Values.OfflineDays == 4 })
	if err := os.WriteFile(file, []byte("offline_days = = 5\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	f.until(t, "a syntax error", func(e Effective) bool {
		return len(e.Problems) == 1 && e.Problems[0].Code == api.PolicyRefused && strings.HasSuffix(e.Problems[0].Params["where"], "policy.toml:1") &&
			e.Values.OfflineDays == 4 && e.Held == nil
	})
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	f.until(t, "no file", func(e Effective) bool { return e.Values.OfflineDays == -1 && len(e.Problems) == 0 })
	ca := filepath.Join(t.TempDir(), "ca.pem")
	f.Watch(ca)
	if err := os.WriteFile(ca, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	select {
	case <-f.told:
	case <-time.After(20 * time.Second):
		t.Error("a file that a setting names was not followed")
	}
	if view := f.View(); !slices.Equal(view.Places, []string{file}) || view.Loaded == 0 || len(view.Settings) != len(Settings()) {
		t.Errorf("%+v", view)
	}
}

func TestAFileThatIsWrongFromTheStartHoldsTheNetwork(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.toml")
	if err := os.WriteFile(file, []byte("["), 0o644); err != nil {
		t.Fatal(err)
	}
	if l := Open(Places{File: file, Own: true}, slog.New(slog.DiscardHandler)); l.Now().Held == nil {
		t.Errorf("%+v", l.Now())
	}
}
