package settings

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
)

// Policy is what the administrator says about the settings.
type Policy struct {
	// Locks are the settings that he has fixed. The value of a lock is in force.
	Locks []api.SettingLock
	// Upload and Download bound the traffic of everybody together, and so the
	// user's; nil: no bound.
	Upload, Download *Bound
	// Language is what api.LanguageAuto means here; empty: what the user's
	// session says.
	Language string
}

// Bound is a rate that the administrator has set.
type Bound struct {
	BytesPerSecond int64
	// Key, Value and Where tell a user what bounds him.
	Key, Value, Where string
}

// rate is the bound itself; 0: none.
func (b *Bound) rate() int64 {
	if b == nil {
		return 0
	}
	return b.BytesPerSecond
}

// cap is what is left of a rate that the user has chosen.
func (b *Bound) cap(chosen int64) int64 {
	if b == nil {
		return chosen
	}
	return min(chosen, b.BytesPerSecond)
}

// Notifier hears that the settings are others.
type Notifier interface{ Changed(section string) }

// Config is what an Engine is made of.
type Config struct {
	DB     *sql.DB
	Notify Notifier
	Policy func() Policy // nil: nothing is fixed
	// InForce hears the settings that are in force: once from New, and after
	// every change. It must not wait for anything.
	InForce func(api.Settings)
	Log     *slog.Logger // nil: none
}

// Engine keeps the settings of one user.
type Engine struct {
	cfg Config

	mu     sync.Mutex // guards what follows, and orders the writes
	chosen api.Settings
}

// New reads the settings of the user whose database it is. Settings that
// cannot be read are the usual ones again; the log tells.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Policy == nil {
		cfg.Policy = func() Policy { return Policy{} }
	}
	if cfg.InForce == nil {
		cfg.InForce = func(api.Settings) {}
	}
	err := store.Migrate(ctx, cfg.DB, "settings",
		`CREATE TABLE settings (one INTEGER PRIMARY KEY CHECK (one = 1), settings TEXT NOT NULL);`)
	if err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, chosen: api.DefaultSettings()}
	var text string
	err = cfg.DB.QueryRowContext(ctx, `SELECT settings FROM settings`).Scan(&text)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return nil, err
	default:
		e.chosen = read(text, cfg.Log)
	}
	cfg.InForce(e.Settings())
	return e, nil
}

// read takes the settings over that were kept. What an older version has not
// known stays as usual.
func read(text string, log *slog.Logger) api.Settings {
	kept := api.DefaultSettings()
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		log.Error("the settings cannot be read; the usual ones are in force", "error", err)
		return api.DefaultSettings()
	}
	return kept
}

// Settings are the settings in force.
func (e *Engine) Settings() api.Settings {
	e.mu.Lock()
	chosen := e.chosen
	e.mu.Unlock()
	return inForce(chosen, e.cfg.Policy())
}

// inForce puts what the administrator has fixed over what the user has chosen.
func inForce(s api.Settings, p Policy) api.Settings {
	s.Locked = append([]api.SettingLock{}, p.Locks...)
	s.AutoLanguage = p.Language
	s.UploadRate, s.DownloadRate = p.Upload.cap(s.UploadRate), p.Download.cap(s.DownloadRate)
	for _, lock := range p.Locks {
		switch lock.Setting {
		case language:
			s.Language = lock.Value
		case uploadRate:
			s.UploadRate = p.Upload.rate()
		case downloadRate:
			s.DownloadRate = p.Download.rate()
		}
	}
	return s
}

// Change changes what is set in c and gives the settings in force. It is
// durable when Change returns. Errors: api.InvalidArgument, which names the
// setting; api.PolicyForbids where the administrator has fixed it, or where it
// exceeds what he allows.
func (e *Engine) Change(ctx context.Context, c api.SettingsChange) (api.Settings, error) {
	policy := e.cfg.Policy()
	if err := check(c, runtime.GOOS == "windows"); err != nil {
		return api.Settings{}, err
	}
	e.mu.Lock()
	fresh := e.chosen
	err := allowed(c, inForce(fresh, policy), policy)
	apply(&fresh, open(c, policy))
	if err == nil {
		err = e.keep(ctx, fresh)
	}
	if err == nil {
		e.chosen = fresh
	}
	e.mu.Unlock()
	if err != nil {
		return api.Settings{}, api.AsError(err)
	}
	now := inForce(fresh, policy)
	e.cfg.InForce(now)
	e.cfg.Notify.Changed(api.SectionSettings)
	return now, nil
}

func apply(s *api.Settings, c api.SettingsChange) {
	set(&s.Language, c.Language)
	set(&s.Theme, c.Theme)
	set(&s.Notify, c.Notify)
	set(&s.StartAtLogin, c.StartAtLogin)
	set(&s.Workspace, c.Workspace)
	set(&s.UploadRate, c.UploadRate)
	set(&s.DownloadRate, c.DownloadRate)
}

func set[T any](at *T, value *T) {
	if value != nil {
		*at = *value
	}
}

// allowed tells whether the administrator allows a change. Saying again what
// is in force anyway changes nothing and is allowed.
func allowed(c api.SettingsChange, now api.Settings, p Policy) error {
	for _, lock := range p.Locks {
		same := true
		switch lock.Setting {
		case language:
			same = c.Language == nil || *c.Language == now.Language
		case uploadRate:
			same = c.UploadRate == nil || *c.UploadRate == now.UploadRate
		case downloadRate:
			same = c.DownloadRate == nil || *c.DownloadRate == now.DownloadRate
		}
		if !same {
			return api.Fail(api.PolicyForbids, "key", lock.Setting, "value", lock.Value, "where", lock.Where)
		}
	}
	return errors.Join(within(c.UploadRate, p.Upload), within(c.DownloadRate, p.Download))
}

// open is what a change says of settings that are not locked. The user's own
// choice stays below a lock.
func open(c api.SettingsChange, p Policy) api.SettingsChange {
	for _, lock := range p.Locks {
		switch lock.Setting {
		case language:
			c.Language = nil
		case uploadRate:
			c.UploadRate = nil
		case downloadRate:
			c.DownloadRate = nil
		}
	}
	return c
}

func within(rate *int64, bound *Bound) error {
	if rate == nil || bound == nil || *rate <= bound.BytesPerSecond {
		return nil
	}
	return api.Fail(api.PolicyForbids, "key", bound.Key, "value", bound.Value, "where", bound.Where)
}

// keep writes the choice down. e.mu is held.
func (e *Engine) keep(ctx context.Context, s api.Settings) error {
	s.Locked, s.AutoLanguage = nil, ""
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = e.cfg.DB.ExecContext(ctx, `INSERT INTO settings (one, settings) VALUES (1, ?)
		ON CONFLICT (one) DO UPDATE SET settings = excluded.settings`, string(text))
	if err != nil {
		return fmt.Errorf("keep the settings: %w", err)
	}
	return nil
}

// PolicyChanged tells that Config.Policy is another now.
func (e *Engine) PolicyChanged() {
	e.cfg.InForce(e.Settings())
	e.cfg.Notify.Changed(api.SectionSettings)
}
