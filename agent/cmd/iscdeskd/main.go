// Command iscdeskd is the iscdesk service: one per machine or one per user.
// It answers on the local socket and talks to the marketplace.
package main

import (
	"fmt"
	"os"
)

func main() {
	status, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "iscdeskd:", err)
	}
	os.Exit(status)
}
