package agenttest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"iscdesk.dev/agent/api"
)

// Result is what a command line printed and how it ended.
type Result struct {
	Args     []string
	Out, Err string
	Exit     int
}

// Failed describes a command that was to succeed.
func (r Result) Failed() error {
	if r.Exit == 0 {
		return nil
	}
	return fmt.Errorf("iscdesk %s: exit %d\n%s%s", strings.Join(r.Args, " "), r.Exit, r.Out, r.Err)
}

// CLI runs a command line as the person, in the folder in which he works. A
// command that fails is no error: its exit code is in the result.
func (a *Agent) CLI(ctx context.Context, args ...string) (Result, error) {
	cmd := a.Command(ctx, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	result := Result{Args: args, Out: out.String(), Err: errs.String(), Exit: cmd.ProcessState.ExitCode()}
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		err = nil
	}
	return result, err
}

// Command prepares a command line, for a caller who starts it himself.
func (a *Agent) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := a.platform().Command(ctx, a.world.Bin.CLI, args...)
	prepare(cmd)
	a.asUser(cmd)
	cmd.Env, cmd.Dir = a.env, a.Work()
	return cmd
}

// Program prepares another program of the person's, with more variables. When
// ctx ends it is killed with everything that it started.
func (a *Agent) Program(ctx context.Context, path string, extra []string, args ...string) *exec.Cmd {
	cmd := a.platform().Command(ctx, path, args...)
	prepareGroup(cmd)
	cmd.WaitDelay = endWait
	cmd.Env, cmd.Dir = append(slices.Clone(a.env), extra...), a.Work()
	return cmd
}

// Ask runs a command line with --json and reads its answer into out. A command
// that fails is an error.
func (a *Agent) Ask(ctx context.Context, out any, args ...string) error {
	result, err := a.CLI(ctx, append(args, "--json")...)
	if err == nil {
		err = result.Failed()
	}
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal([]byte(result.Out), out); err != nil {
		return fmt.Errorf("iscdesk %s: %w in %q", strings.Join(args, " "), err, result.Out)
	}
	return nil
}

// SignIn signs the person in through 'iscdesk login' and a browser that fills
// in the login page.
func (a *Agent) SignIn(ctx context.Context) error {
	var account api.Account
	if err := a.Ask(ctx, &account, "login"); err != nil {
		return err
	}
	if account.State != api.AccountSignedIn {
		return fmt.Errorf("%s is %s after 'iscdesk login'", a.Name, account.State)
	}
	return nil
}

// Listing lists a folder of the cloud as the person sees it.
func (a *Agent) Listing(ctx context.Context, path string) (api.Listing, error) {
	var listing api.Listing
	err := a.Ask(ctx, &listing, "files", "ls", path)
	return listing, err
}

// History is the versions of a document, newest first.
func (a *Agent) History(ctx context.Context, path string) ([]api.Version, error) {
	var versions []api.Version
	err := a.Ask(ctx, &versions, "files", "history", path)
	return versions, err
}

// WriteFile puts a file into the folder in which the person works.
func (a *Agent) WriteFile(name, content string) error {
	path := filepath.Join(a.Work(), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o600)
}
