package cloud

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// Timing of the push connection. The peer is gone if nothing at all was heard
// for silence; a ping goes out well before that.
const (
	pushPing    = 30 * time.Second
	pushSilence = 75 * time.Second
	// pushProof is how long a connection has to prove that it lives.
	pushProof = 10 * time.Second
	// pushSettled is how long a connection has to hold before the next loss
	// counts as the first: a marketplace that accepts and drops at once must
	// not be stormed.
	pushSettled = time.Minute
)

// Push keeps a WebSocket to the marketplace open for as long as somebody is
// signed in, and hands over what comes. It reconnects with exponential
// backoff and full jitter, because after an outage every workstation comes
// back at the same moment.
type Push struct {
	client  *Client
	deliver func(agentapi.PushMessage)
	online  func(bool)
	log     *slog.Logger
	wake    chan struct{}
	awake   atomic.Bool // the connection is to be tried at once
	ping    time.Duration
	silence time.Duration
	proof   time.Duration
	sleep   func(ctx context.Context, wake <-chan struct{}, d time.Duration) error
}

// NewPush prepares a push connection. deliver gets each message, in order, on
// the goroutine that reads: it must not wait for anything. The first message
// of every connection is of type hello. online hears whether the marketplace
// answers, each time that changes.
func NewPush(client *Client, deliver func(agentapi.PushMessage), online func(bool), log *slog.Logger) *Push {
	return &Push{
		client: client, deliver: deliver, online: online, log: log, wake: make(chan struct{}, 1),
		ping: pushPing, silence: pushSilence, proof: pushProof, sleep: sleepOrWake,
	}
}

// Wake tells that a user signed in or out, or that the way to the marketplace
// was changed: Push looks at the token and the way anew. It never blocks.
func (p *Push) Wake() {
	select {
	case p.wake <- struct{}{}:
	default: // one is waiting already
	}
}

// Awake tells that the machine slept: the connection has to prove at once that
// it lives, and a pause before the next one ends. Connections that idle for
// further calls are let go. It never blocks.
func (p *Push) Awake() {
	p.client.http.CloseIdleConnections()
	p.awake.Store(true)
	p.Wake()
}

// Serve runs until ctx ends.
func (p *Push) Serve(ctx context.Context) error {
	attempt, known, wasOnline := 0, false, false
	report := func(now bool) {
		if !known || now != wasOnline {
			known, wasOnline = true, now
			p.online(now)
		}
	}
	for ctx.Err() == nil {
		began := time.Now()
		err := p.connect(ctx, report)
		if ctx.Err() != nil {
			break
		}
		switch {
		case errors.Is(err, errTokenChanged), errors.Is(err, errMoved):
			attempt = 0
			continue
		case errors.Is(err, api.SignedOut), errors.Is(err, api.NotConfigured):
			attempt = 0
			if err := p.sleep(ctx, p.wake, -1); err != nil {
				return err
			}
			continue
		}
		report(false)
		if time.Since(began) > pushSettled || p.awake.Swap(false) {
			attempt = 0
		}
		pause := Backoff(attempt)
		attempt++
		p.log.Debug("push connection lost", "error", err, "pause", pause)
		if err := p.sleep(ctx, p.wake, pause); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// sleepOrWake waits for d (without end if negative) or for a wake.
func sleepOrWake(ctx context.Context, wake <-chan struct{}, d time.Duration) error {
	var due <-chan time.Time
	if d >= 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wake:
	case <-due:
	}
	return nil
}
