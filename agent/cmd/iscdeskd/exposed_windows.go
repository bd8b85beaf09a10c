package main

import "iscdesk.dev/agent/internal/acl"

// exposed gives the file or folder by which others than administrators could
// put their own program in the place of ours; empty: there is none.
func exposed(program string) (string, error) { return acl.Exposed(program) }
