package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/app/helper"
)

// HelperCommand is the argument that makes the service's own program the
// helper.
const HelperCommand = "install-helper"

const (
	maxAnswer = 64 << 10
	// killDelay is how long a helper may take to end its script.
	killDelay = 15 * time.Second
)

// HelperMain is 'iscdeskd install-helper': args are what follows it. It
// returns the exit status.
func HelperMain(ctx context.Context, stdin io.Reader, stdout io.Writer, args []string) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	return helper.Main(ctx, stdin, stdout, args)
}

// OSUser is the user of the operating system whose rights the helper gets.
type OSUser struct {
	// Key is the key that the local socket knows him by.
	Key      string
	UID, GID uint32
	Groups   []uint32
	Name     string
	Home     string
}

// HelperRunner runs the helper as a child process with a user's rights: his
// identity and groups, his home, an environment of five variables (on Windows
// the one that he gets when he logs on), no open file but the package, no
// terminal and no window.
type HelperRunner struct {
	// User finds out who the user is, each time: his groups may change.
	User func(context.Context) (OSUser, error)
	// Program and Args start the helper; empty: this very program with
	// HelperCommand.
	Program string
	Args    []string
	// Limit is how long a script may take; 0: helper.DefaultLimit.
	Limit time.Duration
}

// Run runs the helper and waits for its answer.
func (h HelperRunner) Run(ctx context.Context, action helper.Action, order helper.Order, pkg *os.File) (helper.Answer, error) {
	who, err := h.User(ctx)
	if err != nil {
		return helper.Answer{}, err
	}
	order.Seconds = int((h.Limit + time.Second - 1) / time.Second)
	text, err := json.Marshal(order)
	if err != nil {
		return helper.Answer{}, api.Fail(api.Internal).Because(err)
	}
	program, args := h.Program, h.Args
	if program == "" {
		program, args = ownProgram(), []string{HelperCommand}
	}
	cmd := exec.CommandContext(ctx, program, append(args[:len(args):len(args)], string(action), string(text))...)
	if pkg != nil {
		if _, err := pkg.Seek(0, io.SeekStart); err != nil {
			return helper.Answer{}, diskError(pkg.Name(), err)
		}
		cmd.Stdin = pkg
	}
	out, said := &bounded{max: maxAnswer}, &bounded{max: maxAnswer}
	cmd.Stdout, cmd.Stderr = out, said
	cmd.Dir = string(os.PathSeparator)
	cmd.WaitDelay = killDelay
	done, err := become(cmd, who)
	if err != nil {
		return helper.Answer{}, err
	}
	defer done()
	return h.answer(ctx, order, cmd.Run(), out, said)
}

func (h HelperRunner) answer(ctx context.Context, order helper.Order, ended error, out, said *bounded) (helper.Answer, error) {
	var answer helper.Answer
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		if ctx.Err() != nil {
			return answer, api.Fail(api.Cancelled).Because(ctx.Err())
		}
		// It died without a word, so it was not the package's fault.
		return answer, api.Fail(api.Internal).Because(errors.Join(ended, err, errors.New(said.String())))
	}
	if answer.Error != nil {
		return answer, answer.Error
	}
	if ended != nil {
		return answer, api.Fail(api.InstallFailed, "product", order.Product, "status", ended.Error(), "log", answer.Log).Because(ended)
	}
	return answer, nil
}

// bounded keeps the first bytes that a child writes, and lets the rest go.
type bounded struct {
	bytes.Buffer
	max int
}

// Write never fails: a child that talks too much is no reason to break it.
func (b *bounded) Write(p []byte) (int, error) {
	room := max(b.max-b.Len(), 0)
	b.Buffer.Write(p[:min(room, len(p))])
	return len(p), nil
}
