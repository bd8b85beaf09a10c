// Package solving computes finite-element models that lie in the marketplace
// with CalculiX, one at a time, on this machine.
//
// A job names a version of a document. Its files are laid into an empty
// folder, checked for references that would leave it, and solved by a process
// with bounded time, memory and output. Results and log become a document
// beside the model, <model>.results. Jobs survive a restart: one that was
// running is queued again, and publishes its results once.
package solving

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/documents"
	"iscdesk.dev/marketplace/internal/web"
)

//go:embed sqlite/*.sql
var scripts embed.FS

// Documents is where models are read and results published, as a user.
type Documents interface {
	Open(ctx context.Context, user web.User, id string, number int) (*documents.Content, error)
	PublishFiles(ctx context.Context, user web.User, p agentapi.Publish, source fs.FS) (agentapi.PublishResult, error)
}

// Directory knows the users.
type Directory interface {
	UserByID(ctx context.Context, id string) (web.User, error)
}

// Pusher tells the agents of users that something changed. It must not block.
type Pusher interface {
	Send(userIDs []string, message agentapi.PushMessage)
}

// Limits bound what one solve may take. The zero value of a field means its
// default.
type Limits struct {
	Time   time.Duration // 30 min of wall time; as much CPU time per thread
	Input  int64         // bytes of the model, 1 GiB
	Output int64         // bytes of everything that the solver writes, 4 GiB
	Memory int64         // bytes of address space, 8 GiB
}

func (l Limits) orDefaults() Limits {
	if l.Time <= 0 {
		l.Time = 30 * time.Minute
	}
	if l.Input <= 0 {
		l.Input = 1 << 30
	}
	if l.Output <= 0 {
		l.Output = 4 << 30
	}
	if l.Memory <= 0 {
		l.Memory = 8 << 30
	}
	return l
}

// Config is what a Service is made of.
type Config struct {
	DB        database.Database
	Documents Documents
	Users     Directory
	Push      Pusher
	// Scratch is the folder in which solves run; empty: the system's.
	Scratch string
	// Solver is the program; empty: ccx, as found in PATH.
	Solver string
	Limits Limits
	Log    *slog.Logger
}

// Service is the solving of a marketplace.
type Service struct {
	Config
	wake chan struct{}

	mu     sync.Mutex
	active string // the job under way
	cancel context.CancelFunc
}

// New prepares the tables. Serve must run for jobs to be solved.
func New(ctx context.Context, c Config) (*Service, error) {
	if c.Solver == "" {
		c.Solver = "ccx"
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	c.Limits = c.Limits.orDefaults()
	if err := c.DB.Migrate(ctx, "solving", scripts); err != nil {
		return nil, err
	}
	return &Service{Config: c, wake: make(chan struct{}, 1)}, nil
}

func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Service) tell(user, job string) {
	s.Push.Send([]string{user}, agentapi.PushMessage{Type: agentapi.SolveChanged, ID: job})
}
