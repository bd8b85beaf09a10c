package oauth

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/web"
)

//go:embed sqlite/*.sql
var migrations embed.FS

// Config is what a marketplace may set. Zero values stand for the documented
// ones.
type Config struct {
	AccessLifetime  time.Duration // 2 h
	RefreshLifetime time.Duration // 30 days
	CodeLifetime    time.Duration // 5 min
	DeviceLifetime  time.Duration // 15 min
	DeviceInterval  time.Duration // 5 s between two polls
	SessionLifetime time.Duration // 12 h
	// RepeatWindow is how long a refresh whose answer was lost may be repeated.
	RepeatWindow time.Duration // 2 min
	// PublicURL is the base URL that browsers use; empty: that of the request.
	PublicURL string
	Now       func() time.Time
	// Revoked is called, outside of transactions, with each grant that ends.
	Revoked func(grant string)
}

func (c Config) withDefaults() Config {
	for _, d := range []struct {
		value    *time.Duration
		standard time.Duration
	}{
		{&c.AccessLifetime, 2 * time.Hour},
		{&c.RefreshLifetime, 30 * 24 * time.Hour},
		{&c.CodeLifetime, 5 * time.Minute},
		{&c.DeviceLifetime, 15 * time.Minute},
		{&c.DeviceInterval, 5 * time.Second},
		{&c.SessionLifetime, 12 * time.Hour},
		{&c.RepeatWindow, 2 * time.Minute},
	} {
		if *d.value <= 0 {
			*d.value = d.standard
		}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Revoked == nil {
		c.Revoked = func(string) {}
	}
	return c
}

// Server is the authorization server. It is safe for concurrent use.
type Server struct {
	db       database.Database
	log      *slog.Logger
	config   Config
	key      []byte
	pages    *template.Template
	failures *failures
	hashing  chan struct{} // bounds the memory that passwords cost
	origins  *http.CrossOriginProtection
}

// New prepares the tables and the server's key.
func New(ctx context.Context, db database.Database, log *slog.Logger, config Config) (*Server, error) {
	if err := db.Migrate(ctx, "oauth", migrations); err != nil {
		return nil, err
	}
	key, err := serverKey(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("oauth: %w", err)
	}
	pages, err := parsePages()
	if err != nil {
		return nil, fmt.Errorf("oauth: %w", err)
	}
	config = config.withDefaults()
	return &Server{
		db: db, log: log, config: config, key: key, pages: pages,
		failures: newFailures(config.Now),
		hashing:  make(chan struct{}, maxHashing),
		origins:  http.NewCrossOriginProtection(),
	}, nil
}

// serverKey reads the key that tokens are derived with, or makes it.
func serverKey(ctx context.Context, db database.Database) ([]byte, error) {
	var key []byte
	err := db.Write(ctx, func(tx database.Tx) error {
		err := tx.QueryRow(ctx, `SELECT value FROM server_key WHERE id = 1`).Scan(&key)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		key = make([]byte, keySize)
		_, _ = rand.Read(key) // never fails
		_, err = tx.Exec(ctx, `INSERT INTO server_key (id, value) VALUES (1, ?)`, key)
		return err
	})
	return key, err
}

const keySize = 32

// Routes adds the documented endpoints and the pages.
func (s *Server) Routes(r web.Router) {
	r.Handle("GET /api/v1/oauth2/authorize", web.Public, s.authorize)
	r.Handle("POST /api/v1/oauth2/authorize", web.Public, s.authorizeConfirmed)
	r.Handle("POST /api/v1/oauth2/token", web.Public, s.token)
	r.Handle("POST /api/v1/oauth2/revoke", web.Public, s.revoke)
	r.Handle("POST /api/v1/oauth2/device_authorization", web.Public, s.deviceAuthorization)
	r.Handle("GET /api/v1/oauth2/userinfo", web.Public, s.userInfo)
	r.Handle("GET /api/v1/logout", web.Public, s.logout)
	r.Handle("GET /.well-known/oauth-authorization-server", web.Public, s.metadata)
	r.Handle("GET /login", web.Public, s.loginPage)
	r.Handle("POST /login", web.Public, s.login)
	r.Handle("GET /device", web.Public, s.devicePage)
	r.Handle("POST /device", web.Public, s.deviceDecision)
}
