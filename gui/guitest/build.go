package guitest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// TrayEnv names a tray app that is built for tests already.
const TrayEnv = "ISCDESK_TEST_TRAY"

// Build builds the tray app for tests into dir and gives its path; where
// TrayEnv names one, that is it.
func Build(ctx context.Context, dir string) (string, error) {
	if built := os.Getenv(TrayEnv); built != "" {
		return built, nil
	}
	program := filepath.Join(dir, "iscdesk-tray")
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "guitest,no_emoji", "-o", program, "iscdesk.dev/gui/cmd/iscdesk-tray")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
}
