package health

import (
	"context"
	"log/slog"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// Notifier hears that the warnings changed.
type Notifier interface {
	Publish(context.Context, api.Event)
	Changed(section string)
}

// Config is where the facts come from. Account, Now and Notify are needed; of
// the others, what is nil is not looked at.
type Config struct {
	Account   func() api.Account
	Licenses  func(context.Context) ([]api.License, error)
	Transfers func() []api.Transfer
	Uploads   func() api.Uploads
	Apps      func(context.Context) ([]api.App, error)
	// Info asks the marketplace for its version and time; it needs no token.
	Info func(context.Context) (agentapi.Info, error)
	// Dir is the service's own folder, whose disk has to have room.
	Dir string
	// Disk gives the free and total bytes of the disk that holds a folder;
	// nil: DiskSpace.
	Disk func(dir string) (free, total int64, err error)
	// Database and Staging examine what is kept here; an error says what is wrong.
	Database func(context.Context) error
	Staging  func(context.Context) error
	// Socket tells whether the local socket answers.
	Socket func(context.Context) error
	// Device gives the machine's identity for leases, and Fingerprint the
	// documented four parts, MAC|disk|mainboard|CPU.
	Device      func(context.Context) (id string, err error)
	Fingerprint func(context.Context) (string, error)
	// Policy gives what is wrong with the administrator's settings and with what
	// they name.
	Policy func() []*api.Error
	// Version is the service's.
	Version string

	Notify Notifier
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger     // nil: none
}

// facts are all that evaluate looks at.
type facts struct {
	account   api.Account
	free      int64 // bytes; -1: unknown
	transfers []api.Transfer
	uploads   api.Uploads
	licenses  []api.License
	apps      []api.App
	// skew is how far this machine's clock is ahead of the marketplace's;
	// known tells whether it was ever measured.
	skew      time.Duration
	skewKnown bool
	untrusted *api.Error
	policy    []*api.Error
}

func (e *Engine) uploads() api.Uploads {
	if e.Uploads == nil {
		return api.Uploads{}
	}
	return e.Uploads()
}

// gatherQuick takes the facts that are in memory anyway.
func (e *Engine) gatherQuick(f *facts) {
	f.account = e.Account()
	if e.Transfers != nil {
		f.transfers = e.Transfers()
	}
	f.uploads = e.uploads()
	if e.Policy != nil {
		f.policy = e.Policy()
	}
}

func (e *Engine) gather(ctx context.Context) facts {
	f := facts{free: -1}
	e.gatherQuick(&f)
	if e.Dir != "" {
		if free, _, err := e.Disk(e.Dir); err == nil {
			f.free = free
		}
	}
	if e.Licenses != nil {
		list, err := e.Licenses(ctx)
		if err != nil {
			e.Log.Debug("licences not read", "error", err)
		}
		f.licenses = list
	}
	if e.Apps != nil {
		list, err := e.Apps(ctx)
		if err != nil {
			e.Log.Debug("applications not read", "error", err)
		}
		f.apps = list
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	f.skew, f.skewKnown, f.untrusted = e.skew, e.skewKnown, e.untrusted
	return f
}
