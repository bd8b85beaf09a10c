package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite", pure Go
)

// sqlite is one file in WAL mode. Writers queue on their single connection,
// so a transaction never meets another writer; readers see snapshots beside
// it.
type sqlite struct {
	writer, reader *sql.DB
}

const readers = 4

// OpenSQLite opens or creates the database file. Every commit is on the disk
// when it returns (synchronous=FULL). Only the owner may read the file.
func OpenSQLite(path string) (Database, error) {
	// SQLite gives its own files the mode of this one.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	writer, err := openPool(path, 1, "immediate")
	if err != nil {
		return nil, err
	}
	reader, err := openPool(path, readers, "deferred", "query_only(ON)")
	if err != nil {
		_ = writer.Close()
		return nil, err
	}
	return &sqlite{writer: writer, reader: reader}, nil
}

func openPool(path string, connections int, lock string, pragmas ...string) (*sql.DB, error) {
	settings := url.Values{"_txlock": {lock}, "_pragma": append(
		[]string{"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "busy_timeout(10000)"}, pragmas...,
	)}
	name := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: settings.Encode()}
	pool, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	if err := pool.PingContext(context.Background()); err != nil {
		_ = pool.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	return pool, nil
}

// Read implements Database.
func (s *sqlite) Read(ctx context.Context, f func(Tx) error) error {
	return within(ctx, s.reader, f)
}

// Write implements Database.
func (s *sqlite) Write(ctx context.Context, f func(Tx) error) error {
	return within(ctx, s.writer, f)
}

// Close implements Database.
func (s *sqlite) Close() error {
	err := s.reader.Close()
	if e := s.writer.Close(); e != nil {
		err = e
	}
	return err
}

func within(ctx context.Context, pool *sql.DB, f func(Tx) error) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	if err := f(transaction{tx}); err != nil {
		return err
	}
	err = tx.Commit()
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		err = ctx.Err() // rolled back because ctx has ended, which is what the caller has to know
	}
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// transaction gives sql.Tx the names of Tx.
type transaction struct{ tx *sql.Tx }

// Exec implements Tx.
func (t transaction) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.tx.ExecContext(ctx, query, args...)
}

// Query implements Tx.
func (t transaction) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(ctx, query, args...)
}

// QueryRow implements Tx.
func (t transaction) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(ctx, query, args...)
}
