// Command iscmarket is the marketplace: one process that keeps accounts,
// documents, licences and applications in a state folder.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "iscmarket:", err)
		os.Exit(1)
	}
}
