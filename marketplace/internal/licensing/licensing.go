// Package licensing sells and hands out licences: products and their vendors,
// orders and the instances that they create at the vendor, who may use them,
// applications for a licence, and signed leases of seats.
//
// The vendor issues every licence; this package asks him, again and again
// until the matter is decided, and keeps what he uploads. What has to be asked
// stands in a table of jobs, so a restart goes on where the last process
// stopped. Decisions (which instance serves a user, what an answer of the
// vendor means, how long a lease runs) are functions of data.
package licensing

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"log/slog"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/objects"
	"iscdesk.dev/marketplace/internal/web"
)

//go:embed sqlite/*.sql
var scripts embed.FS

// Clock is the time, and the way to wait for it.
type Clock interface {
	Now() time.Time
	// Until gives a channel that receives once the time has come.
	Until(time.Time) <-chan time.Time
}

// Pusher tells the agents of users that something changed. It must not block.
type Pusher interface {
	Send(userIDs []string, message agentapi.PushMessage)
}

// Caller calls vendors.
type Caller interface {
	Do(ctx context.Context, to isv.Endpoint, call isv.Call) (isv.Answer, error)
}

// Directory knows the users.
type Directory interface {
	UserByName(ctx context.Context, userName string) (web.User, error)
}

// Timing is how long things take. The zero value of a field means its default.
type Timing struct {
	RetryEvery time.Duration // between two calls of a vendor; 2 min
	RetryFor   time.Duration // how long a vendor is called; 2 h
	Lease      time.Duration // life of a lease; 1 h
	Grace      time.Duration // after the lease, without network; 72 h
	// Margin is how long a seat stays taken after its lease has ended without
	// renewal; 5 min. The grace period does not hold the seat: whoever is
	// offline keeps working on his signed token, and others may take the seat.
	Margin time.Duration
}

func (t Timing) orDefaults() Timing {
	return Timing{
		RetryEvery: or(t.RetryEvery, 2*time.Minute), RetryFor: or(t.RetryFor, 2*time.Hour),
		Lease: or(t.Lease, time.Hour), Grace: or(t.Grace, 72*time.Hour), Margin: or(t.Margin, 5*time.Minute),
	}
}

func or(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// Config is what a Service is made of. Log and Clock may be nil.
type Config struct {
	DB        database.Database
	Objects   objects.Store
	Push      Pusher
	Callbacks Caller
	Users     Directory
	// Issuer is the marketplace's base URL, the iss of leases.
	Issuer string
	// TempDir takes uploads while they are checked; empty: the system's.
	TempDir string
	Timing  Timing
	Clock   Clock
	Log     *slog.Logger
}

// Service is the licensing of a marketplace.
type Service struct {
	Config
	wake   chan struct{}
	replay *replays
	// bodies bounds how many signed requests have a body in the temporary
	// folder: their senders have proved nothing yet.
	bodies chan struct{}
}

// New prepares the tables and gives the service. Serve must run for vendors to
// be called.
func New(ctx context.Context, c Config) (*Service, error) {
	if c.Clock == nil {
		c.Clock = systemClock{}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	c.Timing = c.Timing.orDefaults()
	if err := c.DB.Migrate(ctx, "licensing", scripts); err != nil {
		return nil, err
	}
	return &Service{Config: c, wake: make(chan struct{}, 1), replay: newReplays(), bodies: make(chan struct{}, maxBodies)}, nil
}

type systemClock struct{}

func (systemClock) Now() time.Time                     { return time.Now() }
func (systemClock) Until(t time.Time) <-chan time.Time { return time.After(time.Until(t)) }

// now is the time in the resolution of the tables.
func (s *Service) now() time.Time { return s.Clock.Now().UTC().Truncate(time.Millisecond) }

func newID(prefix string) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return prefix + hex.EncodeToString(b[:])
}
