package daemon

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync/atomic"

	"github.com/thejerf/suture/v4"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/device"
	"iscdesk.dev/agent/internal/account"
	"iscdesk.dev/agent/internal/app"
	"iscdesk.dev/agent/internal/bus"
	"iscdesk.dev/agent/internal/cloud"
	"iscdesk.dev/agent/internal/cloudfile"
	"iscdesk.dev/agent/internal/credstore"
	"iscdesk.dev/agent/internal/fingerprint"
	"iscdesk.dev/agent/internal/health"
	"iscdesk.dev/agent/internal/license"
	"iscdesk.dev/agent/internal/logs"
	"iscdesk.dev/agent/internal/message"
	"iscdesk.dev/agent/internal/proxy"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/internal/settings"
	"iscdesk.dev/agent/internal/solve"
	"iscdesk.dev/agent/internal/store"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/marketplace/agentapi"
)

// database is the name of a user's database in his folder.
const database = "agent.db"

// household is everything that the service does for one user of the operating
// system. Its engines know each other only through what is handed to them
// here.
type household struct {
	cfg   Config
	rules *rules
	key   string // the user
	dir   string
	log   *slog.Logger

	db       *sql.DB
	notify   *notifier
	account  *account.Engine
	market   *cloud.Client
	push     *cloud.Push
	licenses *license.Engine
	files    *cloudfile.Engine
	apps     *app.Engine
	solves   *solve.Engine
	health   *health.Engine
	settings *settings.Engine
	messages *message.Engine
	// share is how much of the network the user takes.
	share *proxy.Share
	// heartbeat is the interval in seconds that the marketplace said last.
	heartbeat atomic.Int64
}

// assemble builds the engines of one user. Nothing runs yet.
func assemble(ctx context.Context, cfg Config, rules *rules, client *http.Client, state *stateDir, key string) (*household, error) {
	dir, err := state.user(key)
	if err != nil {
		return nil, err
	}
	h := &household{
		cfg: cfg, rules: rules, key: key, dir: dir, share: proxy.NewShare(), log: cfg.Log.With(logs.UserKey, key),
	}
	if h.db, err = store.Open(filepath.Join(dir, database)); err != nil {
		return nil, err
	}
	if err := h.reach(ctx, cloud.Paced(client, h.share)); err != nil {
		return nil, errors.Join(err, h.db.Close())
	}
	if err := h.personal(ctx); err != nil {
		return nil, errors.Join(err, h.db.Close())
	}
	if err := h.engines(ctx); err != nil {
		return nil, errors.Join(err, h.db.Close())
	}
	return h, nil
}

// reach builds what leads outside: the user's events, his account, the
// marketplace.
func (h *household) reach(ctx context.Context, client *http.Client) error {
	events, err := bus.New(ctx, bus.Config{DB: h.db, Log: h.log})
	if err != nil {
		return err
	}
	h.notify = &notifier{Bus: events}
	secrets, err := credstore.Open(h.dir, h.key, h.cfg.PerUser, h.log)
	if err != nil {
		return err
	}
	h.account, err = account.New(account.Config{
		Marketplace: h.rules.marketplace, Tenant: func() string { return h.rules.Values().Tenant }, HTTP: client, Store: secrets, Notify: h.notify, Log: h.log,
		Changed: h.accountChanged, Leaving: h.leaving,
	})
	if err != nil {
		return err
	}
	if h.market, err = cloud.New(h.rules.marketplace, client, h.account); err != nil {
		return err
	}
	h.push = cloud.NewPush(h.market, h.pushed, h.account.SetOnline, h.log)
	return nil
}

// engines builds what works for the user.
func (h *household) engines(ctx context.Context) (err error) {
	machine := fingerprint.New()
	h.licenses, err = license.New(ctx, license.Config{
		DB: h.db, Market: h.market, Notify: h.notify, Account: h.account.State, OSUser: h.key,
		Device: device.ID, Fingerprint: machine.Fingerprint, Offline: h.rules.offline, Log: h.log,
	})
	if err != nil {
		return err
	}
	h.files, err = cloudfile.New(ctx, cloudfile.Config{
		DB: h.db, Dir: filepath.Join(h.dir, "staging"), Market: h.market, Notify: h.notify,
		Account: h.account.State, OnPublished: func() { h.solves.Published() },
		Uploads: func() int { return h.rules.Values().ParallelUploads }, Space: func() int64 { return h.rules.Values().StagingSpace },
		Steps: h.cfg.Steps, Log: h.log,
	})
	if err != nil {
		return err
	}
	h.solves, err = solve.New(ctx, solve.Config{
		DB: h.db, Market: h.market, Files: solvable{h.files}, Notify: h.notify, Account: h.account.State, Log: h.log,
	})
	if err != nil {
		return err
	}
	h.apps, err = app.New(ctx, app.Config{
		DB: h.db, Dir: filepath.Join(h.dir, "packages"), Market: h.market, Notify: h.notify,
		Account: h.account.State, Allows: h.rules.allows, Runner: h.runner(), Log: h.log,
	})
	if err != nil {
		return err
	}
	h.health = health.New(health.Config{
		Account: h.account.State, Licenses: h.licenses.List, Transfers: h.files.Transfers, Uploads: h.files.Uploads, Apps: h.apps.List,
		Info: h.info, Dir: h.dir, Database: health.QuickCheck(h.db), Staging: h.files.CheckStaging, Socket: h.socketAnswers,
		Device:      func(context.Context) (string, error) { return device.ID("iscdesk") },
		Fingerprint: machine.Fingerprint, Policy: h.rules.problems,
		Notify: h.notify, Version: h.cfg.Version, Log: h.log,
	})
	h.notify.health = h.health
	return nil
}

// user is the household as the local API sees it.
func (h *household) user() *server.User {
	return &server.User{
		Account: h.account, Licenses: h.licenses,
		Files: savingFiles{h.files}, Apps: h.apps, Solves: h.solves,
		Events: streaming{h.notify.Bus}, Health: h.health, Settings: h.settings, Messages: h.messages,
		Heartbeat: func() int { return int(h.heartbeat.Load()) },
		Logs:      h.lines,
	}
}

// services are what runs for the user.
func (h *household) services() []suture.Service {
	return []suture.Service{
		named{"account", h.account},
		named{"licenses", h.licenses},
		named{"files", h.files},
		named{"solves", h.solves},
		named{"apps", h.apps},
		named{"health", h.health},
		named{"push", h.push},
	}
}

// named gives a service a name for the supervisor's log. Without one the
// supervisor prints the service itself, tokens and all.
type named struct {
	name string
	suture.Service
}

func (n named) String() string { return n.name }

func (h *household) close() error { return h.db.Close() }

// runner runs install scripts with the user's rights.
func (h *household) runner() app.Runner {
	return app.HelperRunner{User: func(ctx context.Context) (app.OSUser, error) { return app.LookupUser(ctx, h.key) }}
}

// accountChanged lets everybody look anew who is signed in.
func (h *household) accountChanged() {
	h.push.Wake()
	h.licenses.Wake()
	h.files.AccountChanged()
	h.messages.AccountChanged(h.account.State())
}

// ruled lets everybody look anew at what the administrator set.
func (h *household) ruled() {
	h.account.TenantChanged()
	h.licenses.OfflineChanged()
	h.apps.AllowanceChanged()
	h.health.PolicyChanged()
	h.settings.PolicyChanged()
}

// leaving lets the engines give back what belongs to an account, while its
// tokens still work.
func (h *household) leaving(ctx context.Context, account api.Account) {
	h.licenses.Forget(ctx, account)
}

// pushed hands a message of the marketplace to everyone.
func (h *household) pushed(m agentapi.PushMessage) {
	h.licenses.Pushed(m)
	h.files.Pushed(m)
	h.solves.Pushed(m)
	h.apps.Pushed(m)
	h.health.Pushed(m)
}

// info asks the marketplace about itself, and remembers the heartbeat that it
// wants.
func (h *household) info(ctx context.Context) (agentapi.Info, error) {
	info, err := h.market.Info(ctx)
	if err == nil {
		h.heartbeat.Store(int64(info.HeartbeatSeconds))
	}
	return info, err
}

// socketAnswers connects to the service as a client does.
func (h *household) socketAnswers(ctx context.Context) error {
	c, err := ipc.Dial(ctx, h.cfg.Socket)
	if err != nil {
		return err
	}
	return c.Close()
}
