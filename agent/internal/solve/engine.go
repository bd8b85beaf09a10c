package solve

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"sort"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// Market is what the marketplace does for solves.
type Market interface {
	Solves(context.Context) ([]agentapi.SolveJob, error)
	SubmitSolve(context.Context, agentapi.SolveSubmit) (agentapi.SolveJob, error)
	Solve(ctx context.Context, id string) (agentapi.SolveJob, error)
	CancelSolve(ctx context.Context, id string) (agentapi.SolveJob, error)
}

// Files knows the saves that asked for a solve.
type Files interface {
	// PublishedSolves gives those that are published and not handed over.
	PublishedSolves(context.Context) ([]Input, error)
	// SolveSubmitted takes one off that list; again for the same one does nothing.
	SolveSubmitted(ctx context.Context, operation string) error
}

// Notifier hears what happened.
type Notifier interface {
	Publish(context.Context, api.Event)
	Changed(section string)
}

// Config is what an Engine is made of.
type Config struct {
	DB      *sql.DB
	Market  Market
	Files   Files
	Notify  Notifier
	Account func() api.Account
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger     // nil: none
}

const (
	// tellEvery bounds how often mere progress is told.
	tellEvery = time.Second
	// lookEvery is how long nothing is looked at when nothing is due.
	lookEvery = time.Hour
	// localRetry is the pause after our own database or files engine failed.
	localRetry = 5 * time.Second
)

// Engine follows the solves of one user.
type Engine struct {
	Config
	table table
	wake  chan struct{}

	mu     sync.Mutex // guards what follows
	rows   map[string]row
	told   map[string]telling // what was told last, by id
	held   map[string]bool    // progress that was not told yet, to bound its rate
	pushes map[string]int     // how often the marketplace pushed, by id
	resync bool
}

// telling is what was said of a solve, and when.
type telling struct {
	solve api.Solve
	at    time.Time
}

// New opens the engine. Serve has to run for anything to happen.
func New(ctx context.Context, c Config) (*Engine, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	t, err := openTable(ctx, c.DB)
	if err != nil {
		return nil, err
	}
	rows, err := t.rows(ctx)
	if err != nil {
		return nil, err
	}
	e := &Engine{Config: c, table: t, wake: make(chan struct{}, 1), rows: rows, told: make(map[string]telling), held: make(map[string]bool), pushes: make(map[string]int), resync: true}
	for id, r := range rows {
		e.told[id] = telling{solve: r.Solve}
	}
	return e, nil
}

// List gives the solves, newest first.
func (e *Engine) List(context.Context) ([]api.Solve, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := make([]api.Solve, 0, len(e.rows))
	for _, r := range e.rows {
		list = append(list, r.Solve)
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].Created != list[j].Created {
			return list[i].Created > list[j].Created
		}
		return list[i].ID < list[j].ID
	})
	return list, nil
}

// Cancel ends a solve, also one that the marketplace has to be told of later.
func (e *Engine) Cancel(ctx context.Context, id string) error {
	e.collect(ctx) // it may have been published a moment ago
	e.mu.Lock()
	r, ok := e.rows[id]
	e.mu.Unlock()
	if !ok {
		return api.Fail(api.NotFound, "what", id)
	}
	if err := e.keep(ctx, r.ID, cancelled); err != nil {
		return api.Fail(api.Internal).Because(err)
	}
	return nil
}

// Published says that a version was published that a solve may wait for.
func (e *Engine) Published() { e.poke() }

// Pushed hears what the marketplace pushes.
func (e *Engine) Pushed(m agentapi.PushMessage) {
	e.mu.Lock()
	switch m.Type {
	case agentapi.Hello:
		e.resync = true
		for id := range e.rows {
			e.lookAgain(id)
		}
	case agentapi.SolveChanged:
		for id, r := range e.rows {
			if r.Job == m.ID {
				e.lookAgain(id)
			}
		}
	case agentapi.DocumentChanged:
		// One of ours may just have been published.
	default:
		e.mu.Unlock()
		return
	}
	e.mu.Unlock()
	e.poke()
}

// lookAgain has a solve looked at at once, and again after a question that is
// under way, whose answer may be older. The lock is held.
func (e *Engine) lookAgain(id string) {
	r := e.rows[id]
	r.LookAt = time.Time{}
	e.rows[id] = r
	e.pushes[id]++
}

func (e *Engine) poke() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// keep changes a row, durably before anybody sees it, and tells what changed.
func (e *Engine) keep(ctx context.Context, id string, edit func(row) row) error {
	e.mu.Lock()
	r := edit(e.rows[id])
	err := e.table.save(ctx, r)
	if err == nil {
		e.rows[id] = r
	}
	say := err == nil && e.worthTelling(r)
	e.mu.Unlock()
	if err != nil {
		return err
	}
	e.poke()
	if say {
		e.tell(ctx, r.Solve)
	}
	return nil
}

// worthTelling bounds the rate of mere progress; what is held back is told by
// tellHeld. The lock is held.
func (e *Engine) worthTelling(r row) bool {
	delete(e.held, r.ID)
	now, last := e.Now(), e.told[r.ID]
	if sameSolve(last.solve, r.Solve) {
		return false
	}
	progress := last.solve
	progress.Percent, progress.Message = r.Percent, r.Message
	if sameSolve(progress, r.Solve) && now.Sub(last.at) < tellEvery {
		e.held[r.ID] = true
		return false
	}
	e.told[r.ID] = telling{solve: r.Solve, at: now}
	return true
}

// tellHeld tells the progress whose time has come, and whether more is held.
func (e *Engine) tellHeld(ctx context.Context) (more bool) {
	e.mu.Lock()
	var due []api.Solve
	for id := range e.held {
		if r := e.rows[id]; e.worthTelling(r) {
			due = append(due, r.Solve)
		}
	}
	more = len(e.held) > 0
	e.mu.Unlock()
	for _, s := range due {
		e.tell(ctx, s)
	}
	return more
}

// sameSolve compares all that people see.
func sameSolve(a, b api.Solve) bool {
	if (a.Reason == nil) != (b.Reason == nil) || (a.Reason != nil && a.Reason.Code != b.Reason.Code) {
		return false
	}
	a.Reason, b.Reason = nil, nil
	return a == b
}

func (e *Engine) tell(ctx context.Context, s api.Solve) {
	text, err := json.Marshal(s)
	if err != nil {
		e.Log.Error("solve not told", "error", err)
		return
	}
	e.Notify.Publish(ctx, api.Event{Name: api.EventSolve, Session: s.Session, Time: e.Now().UnixMilli(), Data: text})
	e.Notify.Changed(api.SectionSolves)
}
