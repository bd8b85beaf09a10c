package app

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"iscdesk.dev/agent/api"
)

// keepTimeout bounds a write to the database that no caller waits for.
const keepTimeout = 10 * time.Second

// SessionOpened notes that the application runs. Its process is kept
// durably: after a restart of the service it may still be there, and nothing
// may be installed under it.
func (e *Engine) SessionOpened(s api.Session) {
	key := processKey{pid: s.PID, identity: identify(s.PID), product: s.Product}
	e.mu.Lock()
	e.sessions[s.ID] = s
	_, known := e.live[key]
	fresh := key.identity != "" && !known
	if fresh {
		e.live[key] = false
	}
	e.mu.Unlock()
	if fresh {
		ctx, cancel := context.WithTimeout(context.Background(), keepTimeout)
		defer cancel()
		if err := e.table.addProcess(ctx, key); err != nil {
			e.Log.Error("cannot note a running application", "product", s.Product, "error", err)
		}
		poke(e.gone)
	}
	e.Notify.Changed(api.SectionApps)
}

// SessionClosed notes that the application has left. What waits for it begins
// once its process has ended too.
func (e *Engine) SessionClosed(s api.Session) {
	e.mu.Lock()
	delete(e.sessions, s.ID)
	e.mu.Unlock()
	e.Notify.Changed(api.SectionApps)
	poke(e.wake)
}

// running tells whether a product runs. The lock is held.
func (e *Engine) running(product string) bool {
	for _, s := range e.sessions {
		if s.Product == product {
			return true
		}
	}
	for k := range e.live {
		if k.product == product {
			return true
		}
	}
	return false
}

// watchProcesses waits for every process that was connected.
func (e *Engine) watchProcesses(ctx context.Context, group *errgroup.Group) error {
	defer e.unwatch()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-e.gone:
		}
		for _, k := range e.unwatched() {
			group.Go(func() error {
				if err := awaitEnd(ctx, k); err != nil {
					return err
				}
				return e.ended(ctx, k)
			})
		}
	}
}

func (e *Engine) unwatched() []processKey {
	e.mu.Lock()
	defer e.mu.Unlock()
	var keys []processKey
	for k, watched := range e.live {
		if !watched {
			e.live[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}

// unwatch lets the next Serve watch again.
func (e *Engine) unwatch() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for k := range e.live {
		e.live[k] = false
	}
}

func (e *Engine) ended(ctx context.Context, k processKey) error {
	e.mu.Lock()
	delete(e.live, k)
	e.mu.Unlock()
	if err := e.table.removeProcess(ctx, k); err != nil {
		e.Log.Error("cannot forget an application that has ended", "product", k.product, "error", err)
	}
	e.Notify.Changed(api.SectionApps)
	poke(e.wake)
	return nil
}
