package desk

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
)

// How long Serve waits before it asks again for a service that it has not
// reached: from firstPause, twice as long each time, at most longestPause.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// Serve follows the service until ctx ends. Then everything that Do has begun
// is cancelled, and Serve returns when it has ended.
func (d *Desk) Serve(ctx context.Context) error {
	defer d.end()
	pause := time.Duration(0)
	for {
		began := d.cfg.Now()
		err := d.follow(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		d.lose(err)
		if d.cfg.Now().Sub(began) > longestPause {
			pause = 0
		}
		pause = min(max(2*pause, firstPause), longestPause)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// end cancels what Do has begun and waits for it. Nothing begins afterwards.
func (d *Desk) end() {
	d.cancel()
	d.mu.Lock()
	d.ended = true
	d.mu.Unlock()
	d.calls.Wait()
}

// follow watches the service until the watch cannot go on by itself.
func (d *Desk) follow(ctx context.Context) error {
	w, err := d.cfg.Service.Watch(ctx)
	if err != nil {
		return err
	}
	defer w.Close()
	w.OnBreak(d.lose)
	for {
		m, err := w.Next(ctx)
		if err != nil {
			return err
		}
		d.hear(m)
	}
}

// lose notes that the service cannot be reached.
func (d *Desk) lose(err error) {
	if errors.Is(err, api.Cancelled) {
		return
	}
	e := api.AsError(err)
	d.cfg.Log.Info("the service cannot be reached", "error", e.Error())
	d.change(func(s *Snapshot) (sections []string, told bool) {
		link := Lost
		if s.Link == Connecting {
			link = Connecting
		}
		told = s.Link != link || s.Reason == nil || s.Reason.Code != e.Code
		if s.Link != link {
			s.Link, s.Since = link, d.cfg.Now()
		}
		s.Reason = e
		return nil, told
	}, nil)
}

// hear takes a message of the watch.
func (d *Desk) hear(m api.WatchMessage) {
	if m.State != nil || m.Changed != nil {
		d.change(func(s *Snapshot) ([]string, bool) {
			if m.State != nil {
				if s.Link != Connected {
					s.Link, s.Since, s.Reason = Connected, d.cfg.Now(), nil
				}
				s.State = *m.State
				return Sections(), true
			}
			return m.Sections, replace(&s.State, *m.Changed, m.Sections)
		}, nil)
	}
	if m.Event != nil {
		d.change(func(*Snapshot) ([]string, bool) { return nil, true }, m.Event)
	}
}

// change makes a new snapshot and tells the listeners.
func (d *Desk) change(f func(*Snapshot) (sections []string, told bool), event *api.Event) {
	d.mu.Lock()
	next := d.now
	sections, told := f(&next)
	met := d.now.Link != Connected && next.Link == Connected
	d.now = next
	listeners := make([]func(Change), 0, len(d.listeners))
	for id := range d.next {
		if l, ok := d.listeners[id]; ok {
			listeners = append(listeners, l)
		}
	}
	if met {
		close(d.met)
		d.met = make(chan struct{})
	}
	d.mu.Unlock()
	if !told {
		return
	}
	for _, l := range listeners {
		l(Change{Snapshot: next, Sections: sections, Event: event})
	}
}

// Sections names all sections of the state.
func Sections() []string {
	return []string{
		api.SectionAccount, api.SectionLicenses, api.SectionTransfers, api.SectionPicks, api.SectionApps, api.SectionSolves,
		api.SectionSessions, api.SectionHealth, api.SectionConflicts, api.SectionRecent, api.SectionMessages, api.SectionSettings,
	}
}

// replace puts sections of changed into s, and tells whether there were any.
func replace(s *api.State, changed api.State, sections []string) bool {
	for _, name := range sections {
		switch name {
		case api.SectionAccount:
			s.Account = changed.Account
		case api.SectionLicenses:
			s.Licenses = changed.Licenses
		case api.SectionTransfers:
			s.Transfers, s.Uploads = changed.Transfers, changed.Uploads
		case api.SectionPicks:
			s.Picks = changed.Picks
		case api.SectionApps:
			s.Apps = changed.Apps
		case api.SectionSolves:
			s.Solves = changed.Solves
		case api.SectionSessions:
			s.Sessions = changed.Sessions
		case api.SectionHealth:
			s.Health = changed.Health
		case api.SectionConflicts:
			s.Conflicts = changed.Conflicts
		case api.SectionRecent:
			s.Recent = changed.Recent
		case api.SectionMessages:
			s.Messages = changed.Messages
		case api.SectionSettings:
			s.Settings = changed.Settings
		}
	}
	return len(sections) > 0
}

// Data reads the data of an event.
func Data[T any](e *api.Event) (T, error) {
	var out T
	if err := json.Unmarshal(e.Data, &out); err != nil {
		return out, api.Fail(api.Protocol).Because(err)
	}
	return out, nil
}

// Do runs a call of the service on a goroutine of its own and returns at once.
// What the call asks of the service waits for it while it restarts, and is
// asked again, as long as Config.Patience says and as long as nothing can
// happen twice by it (client.WithPatience). done hears the outcome, on that
// goroutine; nil: nobody wants to know. After Serve has ended nothing is done
// any more, and done is not called.
func (d *Desk) Do(call func(context.Context, Service) error, done func(error)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return
	}
	d.calls.Go(func() {
		err := call(client.WithPatience(d.life, d.waiter()), d.cfg.Service)
		if done != nil && d.life.Err() == nil {
			done(err)
		}
	})
}

// waiter is the patience of one Do: all its waits together may last as long as
// Config.Patience.
func (d *Desk) waiter() client.Wait {
	left := d.cfg.Patience
	return func(ctx context.Context, why error) bool {
		if left <= 0 {
			return false
		}
		began := d.cfg.Now()
		defer func() { left -= d.cfg.Now().Sub(began) }()
		return d.await(ctx, left)
	}
}

// retryPause is how long a call waits that failed although the service is
// there by all that is known: the break has not been noticed yet, or it is
// just starting.
const retryPause = 100 * time.Millisecond

// await waits until the service is there again, at most for limit.
func (d *Desk) await(ctx context.Context, limit time.Duration) bool {
	d.mu.Lock()
	met, connected := d.met, d.now.Link == Connected
	d.mu.Unlock()
	over := time.NewTimer(limit)
	defer over.Stop()
	var soon <-chan time.Time
	if connected {
		timer := time.NewTimer(retryPause)
		defer timer.Stop()
		soon = timer.C
	}
	select {
	case <-met:
		return true
	case <-soon:
		return true
	case <-over.C:
	case <-ctx.Done():
	}
	return false
}
