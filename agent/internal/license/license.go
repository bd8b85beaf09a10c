// Package license gets licences and leases for one user's applications.
//
// A request is answered twice over: at once with a ticket, and with an event
// when there is something to say. It lives in the database until the
// marketplace has decided, through lost networks and restarts. What was
// granted is kept, so that the same application starts without a network the
// next day. What to do next is decided by two pure functions, next for
// requests and nextLease for leases; one loop (Serve) carries it out.
//
//	request: pending ──▶ granted
//	            │  └───▶ refused
//	            └ told "pending, because …" once, or a kept answer
//
//	lease: held ──half-life──▶ held' … expires ──▶ grace ──▶ lost
//	         │ process ends                 refused for good ──▶ lost
//	         ▼
//	      releasing ──▶ released ──same session back──▶ wanted ──▶ held
//
// An application is never refused through a fault of ours: whatever is not a
// decision of the vendor or the marketplace leaves the request pending, and a
// kept answer stands in for an answer that cannot be had.
package license

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
	"iscdesk.dev/marketplace/agentapi"
)

// Applications is where licences are applied for.
type Applications interface {
	RequestLicense(context.Context, agentapi.LicenseApplication) (agentapi.LicenseDecision, error)
	LicenseDecision(ctx context.Context, eventID string) (agentapi.LicenseDecision, error)
	LicenseFile(ctx context.Context, eventID string) (io.ReadCloser, error)
	ReportVerdict(ctx context.Context, eventID string, verdict agentapi.Verdict) error
}

// Seats is where leases come from.
type Seats interface {
	AcquireLease(context.Context, agentapi.LeaseApplication) (agentapi.SignedLease, error)
	RenewLease(ctx context.Context, id string) (agentapi.SignedLease, error)
	ReleaseLease(ctx context.Context, id string) error
}

// Market is the marketplace.
type Market interface {
	Applications
	Seats
	Licenses(context.Context) ([]agentapi.LicenseInfo, error)
}

// Notifier hears what happened.
type Notifier interface {
	Publish(ctx context.Context, event api.Event)
	Changed(section string)
}

// Config is what an Engine needs. Now may be nil.
type Config struct {
	DB     *sql.DB
	Market Market
	Notify Notifier
	// Fingerprint describes the machine as the vendors know it.
	Fingerprint func(context.Context) (string, error)
	// Device is the machine's id as protected for a product.
	Device func(product string) (string, error)
	// OSUser is the key of the operating system's user, such as uid:1000.
	OSUser string
	// Account tells who is signed in.
	Account func() api.Account
	// Offline is for how long after its renewal a lease may be used without the
	// marketplace; nil or 0: for as long as the vendor signed.
	Offline func() time.Duration
	Now     func() time.Time
	Log     *slog.Logger
}

// Engine is everything about licences for one user.
type Engine struct {
	config  Config
	now     func() time.Time
	log     *slog.Logger
	poke    chan struct{}
	started time.Time

	// acquiring lets one Acquire, renewal or release at a time touch a lease.
	acquiring keyed
	deadlines deadlines

	mu       sync.Mutex // guards what follows
	open     map[string]int
	closed   map[string]bool // sessions that ended since the loop last looked
	inbox    []agentapi.PushMessage
	resync   bool
	decided  map[string]bool // event ids whose decision was pushed, until they were asked about
	busy     map[string]bool // work under way, by key
	listed   time.Time       // when the marketplace's list was fetched last
	stopping bool
	stumbled bool // the database failed
	// leaving is the account that its user is giving up, until leavingUntil at
	// the latest: nothing new is begun for it.
	leaving      string
	leavingUntil time.Time
}

// New prepares the tables and makes the engine of one user.
func New(ctx context.Context, config Config) (*Engine, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	if err := store.Migrate(ctx, config.DB, "license", migrations()...); err != nil {
		return nil, err
	}
	return &Engine{
		config: config, now: config.Now, log: config.Log, poke: make(chan struct{}, 1), started: config.Now(),
		open: make(map[string]int), closed: make(map[string]bool), decided: make(map[string]bool), busy: make(map[string]bool),
	}, nil
}

// Wake says that somebody signed in or out. It never blocks.
func (e *Engine) Wake() {
	e.mu.Lock()
	e.resync = true // what waited for him is due
	e.leaving = ""
	e.mu.Unlock()
	e.look()
}

// look makes the loop look again. It never blocks.
func (e *Engine) look() {
	select {
	case e.poke <- struct{}{}:
	default: // one is waiting already
	}
}

// publish tells a session, or everybody, what happened.
func (e *Engine) publish(ctx context.Context, name, session, product string, data any) {
	e.config.Notify.Publish(ctx, api.Event{
		Name: name, Session: session, Product: product, Time: e.now().UnixMilli(), Data: encode(data),
	})
}

func (e *Engine) changed() { e.config.Notify.Changed(api.SectionLicenses) }
