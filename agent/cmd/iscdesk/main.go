// Command iscdesk is the command line of iscdesk: sign in, see licences, open
// and save documents of the cloud, answer applications that ask.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"iscdesk.dev/agent/internal/cli"
	"iscdesk.dev/agent/internal/policy"
	"iscdesk.dev/assets/version"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, cli.Env{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Getenv: os.Getenv, Version: version.String(), Interruptible: interruptible, Connect: cli.Connect,
		Language: func(flag string) string { return policy.Language(os.Getenv(policy.FileEnv), flag) },
	}, os.Args[1:])
}

// interruptible lets the signals end the process again.
func interruptible() { signal.Reset(os.Interrupt, syscall.SIGTERM) }
