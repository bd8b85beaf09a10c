package dragout

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestCleanKeepsWhatIsNeeded leaves what was dropped just now, and what
// somebody has worked on.
func TestCleanKeepsWhatIsNeeded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dragged")
	if err := clean(dir, time.Now()); err != nil {
		t.Errorf("nothing was dragged yet: %v", err)
	}
	now := time.Now().Add(keep + time.Second)
	for _, tt := range []struct {
		name     string
		complete bool
		edited   bool
		now      time.Time
		stays    bool
	}{
		{"dropped just now", true, false, time.Now(), true},
		{"dropped before", true, false, now, false},
		{"worked on", true, true, now, true},
		{"not complete", false, false, now, false},
	} {
		folder, err := newFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(folder, "装配", "零件.step")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("solid"), 0o600); err != nil {
			t.Fatal(err)
		}
		if tt.complete {
			if err := os.WriteFile(folder+stamp, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if tt.edited {
			later := time.Now().Add(time.Second)
			if err := os.Chtimes(file, later, later); err != nil {
				t.Fatal(err)
			}
		}
		if err := clean(dir, tt.now); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(file); (err == nil) != tt.stays {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
