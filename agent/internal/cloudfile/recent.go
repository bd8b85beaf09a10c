package cloudfile

import (
	"context"
	"slices"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/core"
)

// maxRecent is how many documents Recent gives.
const maxRecent = 20

// Recent are the documents that the account that is signed in has opened or
// saved on this machine, each once, the latest first.
func (e *Engine) Recent(ctx context.Context) ([]api.Recent, error) {
	account := e.account()
	if account == "" {
		return nil, nil
	}
	found, err := e.ledger.Recent(ctx, account, 2*maxRecent)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b api.Recent) int { return int(b.Used - a.Used) })
	out := make([]api.Recent, 0, maxRecent)
	seen := map[string]bool{}
	for _, r := range found {
		if r.Path == "" || seen[r.Path] || strings.HasPrefix(r.Path, "/"+core.UnknownSpace+"/") || len(out) == maxRecent {
			continue
		}
		seen[r.Path] = true
		_, r.Name, _ = cutLast(r.Path)
		out = append(out, r)
	}
	return out, nil
}
