// Package documents keeps the users' drawings: spaces, folders, documents and
// their versions, and the content behind them.
//
// A version is a manifest: its files, each with the hashes of its chunks.
// Chunks are kept once per tenant, in the packs they were uploaded in.
// Publishing compares and sets: it appends to the version that the author
// started from, and to no other. Whatever cannot be appended becomes a
// document of its own beside, so that nobody's work is ever overwritten or
// lost.
//
// A user sees his own space and those that his tenant shares. Everything else
// is answered as if it were not there.
package documents

import (
	"context"
	"embed"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/objects"
)

//go:embed sqlite/*.sql
var migrations embed.FS

// Push tells agents that a document is another now.
type Push interface {
	Send(userIDs []string, message agentapi.PushMessage)
	SendTenant(tenant string, message agentapi.PushMessage)
}

// Engine is the documents of the marketplace. It is safe for concurrent use.
type Engine struct {
	db    database.Database
	store objects.Store
	push  Push
	now   func() time.Time
}

// New prepares the tables.
func New(ctx context.Context, db database.Database, store objects.Store, push Push) (*Engine, error) {
	if err := db.Migrate(ctx, "documents", migrations); err != nil {
		return nil, err
	}
	return &Engine{db: db, store: store, push: push, now: time.Now}, nil
}
