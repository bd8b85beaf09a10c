package message

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
)

// keepTimeout bounds a write to the database that no caller waits for.
const keepTimeout = 10 * time.Second

// Notifier hears that the messages are others.
type Notifier interface{ Changed(section string) }

// Config is what an Engine is made of.
type Config struct {
	DB     *sql.DB
	Notify Notifier
	// Name gives the name of a product for people; nil, or empty: the product.
	// It must not wait for anything but memory.
	Name func(product string) string
	Now  func() time.Time // nil: time.Now
	Log  *slog.Logger     // nil: none
}

// Engine keeps the messages of one user.
type Engine struct {
	cfg   Config
	table table

	mu      sync.Mutex // guards what follows
	account string     // whose messages are shown and made; empty: nobody's
}

// New opens the messages of the user whose database it is.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	t, err := openTable(ctx, cfg.DB)
	if err != nil {
		return nil, err
	}
	return &Engine{cfg: cfg, table: t}, nil
}

// Event hears what happened. A message that follows is durable when Event
// returns; a disk that fails costs the message, and the log tells.
func (e *Engine) Event(ctx context.Context, event api.Event) {
	if n, ok := derive(event, e.name); ok {
		if n.message.Time = event.Time; n.message.Time == 0 {
			n.message.Time = e.cfg.Now().UnixMilli()
		}
		e.add(ctx, n)
	}
}

// AccountChanged hears who is signed in. It has to be told once at the start.
// Messages name documents, so each account reads its own; what is told while
// nobody is signed in is for everybody.
func (e *Engine) AccountChanged(a api.Account) {
	account := ""
	if a.UserID != "" {
		account = a.Marketplace + " " + a.UserID
	}
	e.mu.Lock()
	other := e.account != account
	e.account = account
	e.mu.Unlock()
	if other {
		e.cfg.Notify.Changed(api.SectionMessages)
	}
	if n, ok := signed(a); ok {
		n.message.Time = e.cfg.Now().UnixMilli()
		e.add(context.Background(), n)
	}
}

func (e *Engine) whose() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.account
}

func (e *Engine) add(ctx context.Context, n note) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	n.message.Level = level(n.message.Kind)
	told, err := e.table.add(ctx, e.whose(), n)
	if err != nil {
		e.cfg.Log.Error("a message cannot be kept", "kind", string(n.message.Kind), "error", err)
	}
	if told {
		e.cfg.Notify.Changed(api.SectionMessages)
	}
}

// level is how much a kind of message matters.
func level(kind api.MessageKind) api.MessageLevel {
	for _, row := range api.MessageTable() {
		if row.Kind == kind {
			return row.Level
		}
	}
	return api.MessageInfo
}

func (e *Engine) name(product string) string {
	if e.cfg.Name != nil {
		if name := e.cfg.Name(product); name != "" {
			return name
		}
	}
	return product
}

// List gives the messages of the account that is signed in, the latest first.
func (e *Engine) List(ctx context.Context) ([]api.Message, error) {
	return e.table.list(ctx, e.whose(), e.cfg.Now().Add(-keepFor).UnixMilli())
}

// Read marks messages as read; no ids: all of them. A message that is gone
// needs no mark.
func (e *Engine) Read(ctx context.Context, ids []string) error {
	changed, err := e.table.read(ctx, e.whose(), ids)
	if err != nil {
		return api.AsError(err)
	}
	if changed {
		e.cfg.Notify.Changed(api.SectionMessages)
	}
	return nil
}
