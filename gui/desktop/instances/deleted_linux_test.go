package instances

import (
	"os"
	"testing"
	"time"
)

// Windows deletes no file that runs.
func TestQuitEndsWhatRunsFromADeletedFile(t *testing.T) {
	path := program(t)
	code := start(t, path, "quits")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if n, err := quit(t.Context(), path, time.Minute); err != nil || n != 1 {
		t.Errorf("%d processes, %v", n, err)
	}
	if c := <-code; c != 7 {
		t.Errorf("exit code %d", c)
	}
}
