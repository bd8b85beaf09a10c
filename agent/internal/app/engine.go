package app

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/app/helper"
	"iscdesk.dev/marketplace/agentapi"
)

// Market is what the marketplace does for applications.
type Market interface {
	Apps(ctx context.Context) ([]agentapi.App, error)
	CheckUpgrade(ctx context.Context, product string, p agentapi.CheckUpgradeParams) (agentapi.Upgrade, error)
	// Package streams a package from byte from on; start is where the stream
	// really begins, from or 0.
	Package(ctx context.Context, sha256 string, from int64) (body io.ReadCloser, start int64, err error)
}

// Notifier hears what happened.
type Notifier interface {
	Publish(context.Context, api.Event)
	Changed(section string)
}

// Runner runs the helper with the user's rights. pkg is its standard input;
// nil for helper.Uninstall. The error is an *api.Error.
type Runner interface {
	Run(ctx context.Context, action helper.Action, order helper.Order, pkg *os.File) (helper.Answer, error)
}

// Config is what an Engine is made of.
type Config struct {
	DB *sql.DB
	// Dir is the engine's own folder for packages, mode 0700; made if missing.
	Dir     string
	Market  Market
	Notify  Notifier
	Account func() api.Account
	// Allows tells what the administrator allows: whether anything may be
	// installed, and whether upgrades that a vendor forces may begin by
	// themselves; nil: both.
	Allows func() (installing, forcing bool)
	Runner Runner
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger     // nil: none
}

// The bounds of an engine.
const (
	maxChecks    = 64
	refreshEvery = 6 * time.Hour
	recheckEvery = time.Hour
)

// Engine installs and upgrades the applications of one user.
type Engine struct {
	Config
	table  table
	dir    *os.Root
	checks chan api.Session
	wake   chan struct{} // something to do may have come up
	stale  chan struct{} // the catalogue may have changed
	gone   chan struct{} // a process has to be watched

	mu       sync.Mutex // guards what follows
	records  map[string]*record
	sessions map[string]api.Session
	live     map[processKey]bool     // processes that have not ended; true: watched
	held     map[string]*heldPackage // checked packages
	fetched  map[string]int64        // bytes of the packages that are being fetched
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
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	dir, err := os.OpenRoot(c.Dir)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		Config: c, table: t, dir: dir,
		checks: make(chan api.Session, maxChecks),
		wake:   make(chan struct{}, 1), stale: make(chan struct{}, 1), gone: make(chan struct{}, 1),
		sessions: make(map[string]api.Session), live: make(map[processKey]bool), held: make(map[string]*heldPackage), fetched: make(map[string]int64),
	}
	if e.records, err = t.records(ctx); err == nil {
		e.retryAll(func(f *failure) bool { return !f.Lasting }) // a start is a new try
		err = e.recallProcesses(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	return e, nil
}

// recallProcesses finds the applications again that were running when the
// service ended.
func (e *Engine) recallProcesses(ctx context.Context) error {
	keys, err := e.table.processes(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if identify(k.pid) == k.identity {
			e.live[k] = false
		} else if err := e.table.removeProcess(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// Serve does the engine's work until ctx ends. It may be called again after
// it returned.
func (e *Engine) Serve(ctx context.Context) error {
	defer e.dropAll()
	e.sweep()
	poke(e.stale)
	poke(e.gone)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return e.answerChecks(ctx) })
	group.Go(func() error { return e.followCatalogue(ctx) })
	group.Go(func() error { return e.work(ctx) })
	group.Go(func() error { return e.watchProcesses(ctx, group) })
	return group.Wait()
}

// Pushed hears what the marketplace pushes.
func (e *Engine) Pushed(m agentapi.PushMessage) {
	switch m.Type {
	case agentapi.Hello:
		e.online()
		poke(e.stale)
	case agentapi.CatalogueChanged:
		poke(e.stale)
	}
}

// online lets everything be tried again that waited for the network.
func (e *Engine) online() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.retryAll(curedByNetwork)
	poke(e.wake)
}

// retryAll lets the failures be tried again at once that curable accepts. The
// lock is held. What was shown to others stays as it was.
func (e *Engine) retryAll(curable func(*failure) bool) {
	for _, r := range e.records {
		if r.Failure != nil && curable(r.Failure) {
			again := *r.Failure
			again.RetryAt = time.Time{}
			r.Failure = &again
		}
	}
}

// AllowanceChanged tells that Config.Allows is another now.
func (e *Engine) AllowanceChanged() { poke(e.wake) }

func (e *Engine) allows() (installing, forcing bool) {
	if e.Allows == nil {
		return true, true
	}
	return e.Allows()
}

// forced tells whether an upgrade leaves no choice here.
func (e *Engine) forced(r *release) bool {
	_, forcing := e.allows()
	return r.Forced && forcing
}

// poke wakes a loop; one wake-up waiting is enough.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// change edits the record of a product and keeps it durably before anybody
// sees it. An error of edit changes nothing.
func (e *Engine) change(ctx context.Context, product string, edit func(*record) error) error {
	e.mu.Lock()
	old, known := e.records[product]
	fresh := record{Product: product}
	if known {
		fresh = *old
	}
	err := edit(&fresh)
	if err == nil {
		err = e.table.save(ctx, &fresh)
	}
	if err == nil {
		e.records[product] = &fresh
	}
	e.mu.Unlock()
	if err != nil {
		return api.AsError(err)
	}
	e.Notify.Changed(api.SectionApps)
	poke(e.wake)
	return nil
}

// lookup gives a copy of a product's record.
func (e *Engine) lookup(product string) (record, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r, ok := e.records[product]
	if !ok {
		return record{Product: product}, false
	}
	return *r, true
}
