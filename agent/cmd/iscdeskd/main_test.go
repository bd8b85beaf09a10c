package main

import (
	"context"
	"os"
	"slices"
	"testing"

	"iscdesk.dev/agent/internal/cli"
)

// TestMain lets the test program be the service itself, as the service manager
// and these tests start it: then its first argument is a command. As "cli" it
// is the command line beside it.
func TestMain(m *testing.M) {
	commands := []string{"run", "version", "install", "uninstall", "start", "stop", "restart", "status"}
	if len(os.Args) > 1 && slices.Contains(commands, os.Args[1]) {
		main()
	}
	if len(os.Args) > 1 && os.Args[1] == "cli" {
		env := cli.Env{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv, Version: "test", Connect: cli.Connect}
		os.Exit(cli.Run(context.Background(), env, os.Args[2:]))
	}
	os.Exit(m.Run())
}
