package daemon

import (
	"os"
	"testing"
)

// TestMain: the test binary is also a program that is killed while it clears.
func TestMain(m *testing.M) {
	if order := os.Getenv(clearEnv); order != "" {
		clearMain(order)
	}
	os.Exit(m.Run())
}
