// Package ledger is the durable record of what is saved and not yet
// published, of which local path belongs to which document, and of what the
// user still has to choose. Every change that must not be torn apart is one
// transaction.
//
// A save is one row. It is never deleted before the marketplace has its
// content or the user has withdrawn it; a row that ended is kept a while, so
// that a repeated operation is known.
package ledger

import (
	"context"
	"database/sql"

	"iscdesk.dev/agent/internal/store"
)

const schema = `
CREATE TABLE files_outbox (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	operation TEXT NOT NULL UNIQUE,
	announced TEXT NOT NULL,
	account TEXT NOT NULL,
	session TEXT NOT NULL,
	product TEXT NOT NULL,
	local_path TEXT NOT NULL,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	comment TEXT NOT NULL,
	tag TEXT NOT NULL,
	solve INTEGER NOT NULL,
	path TEXT NOT NULL,
	document TEXT NOT NULL,
	base INTEGER NOT NULL,
	overwrite INTEGER NOT NULL,
	parent TEXT NOT NULL,
	blob TEXT NOT NULL,
	size INTEGER NOT NULL,
	hash TEXT NOT NULL,
	local_hash TEXT NOT NULL,
	state TEXT NOT NULL,
	attempts INTEGER NOT NULL DEFAULT 0,
	retry_at INTEGER NOT NULL DEFAULT 0,
	refused INTEGER NOT NULL DEFAULT 0,
	reason TEXT NOT NULL DEFAULT '',
	result TEXT NOT NULL DEFAULT '',
	submitted INTEGER NOT NULL DEFAULT 0,
	created INTEGER NOT NULL,
	ended INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX files_outbox_state ON files_outbox (state, seq);
CREATE INDEX files_outbox_parent ON files_outbox (parent);
CREATE TABLE files_manifests (
	operation TEXT PRIMARY KEY,
	manifest BLOB NOT NULL
);
CREATE TABLE files_bindings (
	local_path TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	document TEXT NOT NULL,
	path TEXT NOT NULL,
	kind TEXT NOT NULL,
	version INTEGER NOT NULL,
	open_type TEXT NOT NULL,
	work_state TEXT NOT NULL,
	hash TEXT NOT NULL,
	pending TEXT NOT NULL,
	updated INTEGER NOT NULL
);
CREATE INDEX files_bindings_document ON files_bindings (document);
CREATE TABLE files_picks (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	session TEXT NOT NULL,
	product TEXT NOT NULL,
	operation TEXT NOT NULL,
	name TEXT NOT NULL,
	document_kind TEXT NOT NULL,
	created INTEGER NOT NULL
);
CREATE TABLE files_listings (
	account TEXT NOT NULL,
	path TEXT NOT NULL,
	content TEXT NOT NULL,
	updated INTEGER NOT NULL,
	PRIMARY KEY (account, path)
);
CREATE TABLE files_accounts (
	account TEXT PRIMARY KEY,
	personal TEXT NOT NULL
);
`

// choices adds what the user decides beside the single save: conflicts, and
// whether anything is sent.
const choices = `
CREATE TABLE files_conflicts (
	id TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	document TEXT NOT NULL,
	path TEXT NOT NULL,
	kind TEXT NOT NULL,
	theirs INTEGER NOT NULL,
	their_author TEXT NOT NULL,
	their_time INTEGER NOT NULL,
	their_size INTEGER NOT NULL,
	copy TEXT NOT NULL,
	copy_path TEXT NOT NULL,
	mine INTEGER NOT NULL,
	mine_time INTEGER NOT NULL,
	mine_size INTEGER NOT NULL,
	base INTEGER NOT NULL,
	product TEXT NOT NULL,
	local_path TEXT NOT NULL,
	answer TEXT NOT NULL,
	operation TEXT NOT NULL,
	seen INTEGER NOT NULL,
	created INTEGER NOT NULL
);
CREATE TABLE files_switches (
	name TEXT PRIMARY KEY,
	value INTEGER NOT NULL
);
`

// products adds which application a document was picked for last.
const products = `
CREATE TABLE files_products (
	account TEXT NOT NULL,
	path TEXT NOT NULL,
	product TEXT NOT NULL,
	PRIMARY KEY (account, path)
);
`

// Ledger is the record in one user's database.
type Ledger struct{ db *sql.DB }

// Open brings the tables up to date.
func Open(ctx context.Context, db *sql.DB) (*Ledger, error) {
	if err := store.Migrate(ctx, db, "cloudfile", schema, choices, products); err != nil {
		return nil, fault(err)
	}
	return &Ledger{db: db}, nil
}
