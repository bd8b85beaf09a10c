package health

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

const (
	// lookEvery is how often the facts are gathered that nobody announces,
	// such as the room on the disk.
	lookEvery = 5 * time.Minute
	// clockEvery is how often the clock is compared.
	clockEvery = time.Hour
	// settle gathers changes that come together into one evaluation.
	settle      = 200 * time.Millisecond
	infoTimeout = 20 * time.Second
)

// Engine keeps the warnings of one user.
type Engine struct {
	Config
	wake   chan struct{}
	remeet chan struct{} // ask the marketplace for its time

	mu        sync.Mutex // guards what follows
	warnings  []api.Warning
	last      facts
	skew      time.Duration
	skewKnown bool
	untrusted *api.Error
}

// New makes an engine. Serve has to run for the warnings to follow the facts.
func New(c Config) *Engine {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Disk == nil {
		c.Disk = DiskSpace
	}
	return &Engine{Config: c, wake: make(chan struct{}, 1), remeet: make(chan struct{}, 1), last: facts{free: -1}}
}

// Warnings are the troubles, the gravest first: what changes from one moment
// to the next as of now, the rest as of the last evaluation.
func (e *Engine) Warnings() []api.Warning {
	e.mu.Lock()
	f, old := e.last, e.warnings
	e.mu.Unlock()
	e.gatherQuick(&f)
	now := e.Now()
	list, _ := merge(old, evaluate(f, now, e.Dir), now)
	return list
}

// Changed says that a section of the state is another now; the warnings may
// follow.
func (e *Engine) Changed(section string) {
	if section != api.SectionHealth {
		poke(e.wake)
	}
}

// PolicyChanged says that the administrator's settings are others: the
// marketplace may be reached now.
func (e *Engine) PolicyChanged() {
	poke(e.remeet)
	poke(e.wake)
}

// Pushed hears what the marketplace pushes.
func (e *Engine) Pushed(m agentapi.PushMessage) {
	if m.Type == agentapi.Hello {
		poke(e.remeet)
	}
	poke(e.wake)
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Serve keeps the warnings until ctx ends. It may be called again after it
// returned.
func (e *Engine) Serve(ctx context.Context) error {
	look, compare := time.NewTicker(lookEvery), time.NewTicker(clockEvery)
	defer look.Stop()
	defer compare.Stop()
	e.meet(ctx)
	for {
		e.evaluate(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		case <-compare.C:
			e.meet(ctx)
		case <-e.remeet:
			e.meet(ctx)
		case <-e.wake:
			if err := pause(ctx, settle); err != nil {
				return err
			}
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func (e *Engine) evaluate(ctx context.Context) {
	now := e.Now()
	f := e.gather(ctx)
	fresh := evaluate(f, now, e.Dir)
	e.mu.Lock()
	e.last = f
	list, changed := merge(e.warnings, fresh, now)
	e.warnings = list
	e.mu.Unlock()
	if changed {
		e.Notify.Changed(api.SectionHealth)
	}
}

// meeting is what one question to the marketplace brought.
type meeting struct {
	info agentapi.Info
	skew time.Duration
	err  error
}

// meet asks the marketplace for its time and remembers how far ours is off.
func (e *Engine) meet(ctx context.Context) meeting {
	if e.Info == nil {
		return meeting{}
	}
	ctx, cancel := context.WithTimeout(ctx, infoTimeout)
	defer cancel()
	before := e.Now()
	info, err := e.Info(ctx)
	after := e.Now()
	m := meeting{info: info, err: err}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.untrusted = distrust(err)
	if err == nil && !info.Time.IsZero() {
		// The answer was made somewhere between the two.
		m.skew = before.Add(after.Sub(before) / 2).Sub(info.Time)
		e.skew, e.skewKnown = m.skew, true
	}
	return m
}

// distrust tells a marketplace that is not who it says from one that is away.
func distrust(err error) *api.Error {
	if verification, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return api.Fail(api.Untrusted, "reason", verification.Err.Error()).Because(err)
	}
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return api.Fail(api.Untrusted, "reason", unknown.Error()).Because(err)
	}
	return nil
}
