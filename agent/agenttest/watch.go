package agenttest

import (
	"context"
	"fmt"
	"slices"

	"iscdesk.dev/agent/api"
)

// Agent finds a person's agent.
func (w *World) Agent(name string) (*Agent, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.agents {
		if a.Name == name {
			return a, nil
		}
	}
	return nil, fmt.Errorf("nobody called %q is here", name)
}

// Await follows the person's watch until done says true of a message. The
// first message carries the whole state.
func (a *Agent) Await(ctx context.Context, what string, done func(api.WatchMessage) bool) error {
	if err := a.platform().watch(ctx, a, done); err != nil {
		return fmt.Errorf("waiting for %s: %w", what, err)
	}
	return nil
}

// AwaitPublished waits until the newest version of the document at path is
// version, or a later one.
func (a *Agent) AwaitPublished(ctx context.Context, path string, version int) error {
	what := fmt.Sprintf("version %d of %s", version, path)
	return a.Await(ctx, what, func(m api.WatchMessage) bool {
		published := m.Event != nil && m.Event.Name == api.EventDocumentPublished
		if m.State == nil && m.Changed == nil && !published {
			return false
		}
		versions, err := a.History(ctx, path)
		return err == nil && len(versions) > 0 && versions[0].Number >= version
	})
}

// AwaitOnline waits until the service reaches the marketplace.
func (a *Agent) AwaitOnline(ctx context.Context, online bool) error {
	return a.Await(ctx, fmt.Sprintf("online %v", online), func(m api.WatchMessage) bool {
		for _, s := range []*api.State{m.State, m.Changed} {
			if s != nil && s.Account.State != "" && s.Account.Online == online {
				return true
			}
		}
		return false
	})
}

// AwaitAllPublished waits until nothing that was saved is still on its way.
func (a *Agent) AwaitAllPublished(ctx context.Context) error {
	return a.Await(ctx, "an empty ledger of transfers", func(m api.WatchMessage) bool {
		if m.State != nil {
			return len(m.State.Transfers) == 0
		}
		return slices.Contains(m.Sections, api.SectionTransfers) && len(m.Changed.Transfers) == 0
	})
}
