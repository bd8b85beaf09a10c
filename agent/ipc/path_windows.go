package ipc

import (
	"context"
	"fmt"
	"strings"
	"time"
)

const (
	// pipes is the folder of this machine's pipes. A name of another machine's
	// (\\server\pipe\…) is refused: its owner says nothing to us.
	pipes = `\\.\pipe\`
	// Windows lets only administrators and SYSTEM make pipes below this name, so
	// that nobody can plant the machine's pipe while the service is away.
	protected = pipes + `ProtectedPrefix\Administrators\`
)

// SystemPath is the pipe of the machine's service.
func SystemPath() string { return protected + `iscdesk\agent` }

// UserPath is the pipe of a per-user service; its name bears the user's SID.
func UserPath() string {
	if user := CurrentUser(); user != "" {
		return pipes + "iscdesk-agent-" + user
	}
	return ""
}

// checkPath refuses what is not the name of a pipe on this machine.
func checkPath(path string) error {
	if len(path) > len(pipes) && strings.EqualFold(path[:len(pipes)], pipes) {
		name := `\` + path[len(pipes):] + `\`
		if !strings.ContainsAny(name, "/\x00") && !strings.Contains(name, `\.`) && !strings.Contains(name, `\\`) {
			return nil
		}
	}
	return fmt.Errorf(`%q is not a pipe of this machine: its name looks like %sname`, path, pipes)
}

// probePatience is how long DefaultPath waits for a pipe that is busy.
const probePatience = time.Second

// present tells whether a pipe is there that this user may trust. Anybody can
// make a pipe of this name, and it must not keep us from the machine's. Who
// owns a pipe is told only to those who connect.
func present(path string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), probePatience)
	defer cancel()
	c, err := Dial(ctx, path)
	return err == nil && c.Close() == nil
}
