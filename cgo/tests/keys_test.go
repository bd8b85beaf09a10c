package tests

import (
	"os"
	"path/filepath"
	"testing"

	"iscdesk.dev/agent/agenttest"
)

// keys writes the header with the public keys of the world's minicad.
func keys(t *testing.T, world *agenttest.Test) string {
	t.Helper()
	text, err := script(nil, "../examples/keys.sh", world.Bin.Market, world.MarketState(), filepath.Join(world.Dir, "vendor"))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	path := filepath.Join(t.TempDir(), "keys.h")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
