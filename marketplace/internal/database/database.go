// Package database is where the marketplace keeps its rows: a small interface
// with SQLite behind it (one process, nothing to install). Another engine
// implements the same interface and brings its own folder of migrations.
package database

import (
	"context"
	"database/sql"
	"io/fs"
)

// Database runs transactions. It is safe for concurrent use.
type Database interface {
	// Read runs f on one consistent snapshot. f must not write.
	Read(ctx context.Context, f func(Tx) error) error
	// Write runs f in a serialisable transaction and commits it, durably, if f
	// returns nil; else it is rolled back and f's error returned as it is. f
	// must not begin another Write: it would wait for itself.
	Write(ctx context.Context, f func(Tx) error) error
	// Migrate brings the tables of a component up to date: the scripts
	// <engine>/*.sql of the file system, in the order of their names, each
	// once and each in a transaction.
	Migrate(ctx context.Context, component string, scripts fs.FS) error
	// Close waits for running transactions and closes the database.
	Close() error
}

// Tx is what runs inside a transaction. Queries spell their parameters "?",
// and use the SQL that SQLite and PostgreSQL share. Times are stored as Unix
// milliseconds (Millis, Time). QueryRow(…).Scan gives sql.ErrNoRows when
// there is no row.
type Tx interface {
	Exec(ctx context.Context, query string, args ...any) (sql.Result, error)
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
}
