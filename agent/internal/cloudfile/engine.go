package cloudfile

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
	"iscdesk.dev/agent/internal/cloudfile/stage"
	"iscdesk.dev/marketplace/agentapi"
)

// Config is what an engine is made of.
type Config struct {
	DB *sql.DB
	// Dir is the staging folder; it belongs to the service (0700).
	Dir    string
	Market Market
	Notify Notifier
	// Account tells who is signed in.
	Account func() api.Account
	// OnPublished is called after a save with Solve was published; nil: nobody
	// cares. It must not block.
	OnPublished func()
	// Uploads is how many documents are sent at once, and Space how many bytes
	// may wait to be published; nil: 3, and as many as the disk has room for.
	Uploads func() int
	Space   func() int64
	// Steps is called at the named steps of every save; nil in the product.
	Steps func(step string)
	Now   func() time.Time // nil: time.Now
	Log   *slog.Logger     // nil: nothing is logged
}

// Engine is one user's documents.
type Engine struct {
	cfg    Config
	dir    stage.Dir
	ledger *ledger.Ledger
	lost   []ledger.Pick // picks to open of the process before this one

	// order keeps "what does this save build on" and "this save is published"
	// apart: each reads and writes the bindings as a whole.
	order sync.Mutex

	mu      sync.Mutex          // guards what follows; never held over I/O
	saving  map[string]int64    // saves whose content comes in, and how much it is
	sending map[string]string   // queues that have an upload running, and the operation
	freed   chan struct{}       // closed, and made anew, when an upload ends
	sent    map[string]progress // by operation
	settled chan struct{}       // closed and replaced when a save has moved on
	paused  bool                // the user wants nothing sent
	tending bool                // conflicts are looked after just now
	stale   map[string]bool     // conflicts whose document or copy has changed
	retryAt time.Time           // not before, where an answer could not be settled
	kick    chan struct{}
}

type progress struct{ sent, total int64 }

// keepEnded is how long an operation that has ended is still known.
const keepEnded = 30 * 24 * time.Hour

// New opens the ledger and the staging of one user and puts in order what a
// crash left behind: content that was never recorded is deleted, a save whose
// content is gone is reported. Nothing else runs before Serve.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := stage.Open(cfg.Dir)
	if err != nil {
		return nil, err
	}
	l, err := ledger.Open(ctx, cfg.DB)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		cfg: cfg, dir: dir, ledger: l,
		saving: map[string]int64{}, sending: map[string]string{}, freed: make(chan struct{}), sent: map[string]progress{},
		settled: make(chan struct{}), stale: map[string]bool{}, kick: make(chan struct{}, 1),
	}
	if e.paused, err = l.Paused(ctx); err != nil {
		return nil, err
	}
	if err := e.recover(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// recover brings staging and ledger into step.
func (e *Engine) recover(ctx context.Context) error {
	rows, err := e.ledger.Unended(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, r := range rows {
		known[r.Blob] = true
		if (r.State == ledger.Queued || r.State == ledger.Picking) && !e.dir.Holds(r.Blob, r.Size) {
			if err := e.damaged(ctx, r, api.Fail(api.ContentDamaged, "what", r.Name)); err != nil {
				return err
			}
		}
	}
	if err := e.dir.Clean(func(name string) bool { return known[name] }); err != nil {
		e.cfg.Log.Warn("leftovers stay in the staging", "error", err)
	}
	picks, err := e.ledger.Picks(ctx)
	for _, p := range picks {
		if p.Operation == "" {
			e.lost = append(e.lost, p)
		}
	}
	return err
}

// Pushed takes a message of the marketplace. hello means that it can be
// reached again: everything that waits for its time is tried now.
func (e *Engine) Pushed(m agentapi.PushMessage) {
	ctx := context.Background()
	var err error
	switch m.Type {
	case agentapi.Hello:
		err = errors.Join(e.ledger.Wake(ctx), e.lookAgain(ctx, ""))
	case agentapi.DocumentChanged:
		err = errors.Join(e.ledger.WakeDocument(ctx, m.ID), e.lookAgain(ctx, m.ID))
	default:
		return
	}
	if err != nil {
		e.cfg.Log.Error("waking the uploads", "error", err)
	}
	e.wake()
}

// AccountChanged tells that another account is signed in, or none: what waited
// for it goes on, also where no push connection says so. It never blocks.
func (e *Engine) AccountChanged() {
	e.cfg.Notify.Changed(api.SectionConflicts)
	e.cfg.Notify.Changed(api.SectionRecent)
	e.wake()
}

// wake makes Serve look at the saves again.
func (e *Engine) wake() {
	select {
	case e.kick <- struct{}{}:
	default:
	}
}

// moved tells those who wait for a save, and the watches, that one has moved
// on.
func (e *Engine) moved() {
	e.mu.Lock()
	close(e.settled)
	e.settled = make(chan struct{})
	e.mu.Unlock()
	e.cfg.Notify.Changed(api.SectionTransfers)
	e.wake()
}

func (e *Engine) publish(ctx context.Context, name, session, product string, data any) {
	content, err := json.Marshal(data)
	if err != nil {
		e.cfg.Log.Error("an event was lost", "event", name, "error", err)
		return
	}
	e.cfg.Notify.Publish(ctx, api.Event{
		Name: name, Session: session, Product: product, Time: e.cfg.Now().UnixMilli(), Data: content,
	})
}

// accountKey names an account over all marketplaces; empty: nobody.
func accountKey(a api.Account) string {
	if a.UserID == "" {
		return ""
	}
	return a.Marketplace + "#" + a.UserID
}

func (e *Engine) account() string { return accountKey(e.cfg.Account()) }

func signedIn(a api.Account) bool { return a.State == api.AccountSignedIn && a.UserID != "" }

// luck is the jitter of a pause.
func luck() float64 { return rand.Float64() } // not a secret
