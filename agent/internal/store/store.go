// Package store opens the database of one user and brings its tables up to
// date. Each engine owns its own tables and hands their migrations in; the
// package knows none of them.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"

	_ "modernc.org/sqlite" // the database driver, pure Go
)

// Open opens or creates the database file at path. Only its owner may read it.
// A committed transaction survives a power cut.
func Open(path string) (*sql.DB, error) {
	if err := private(path); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	q := url.Values{"_pragma": {
		"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(10000)", "foreign_keys(ON)", "cache_size(-2000)",
	}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(path)+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(4)
	if err := db.Ping(); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, errors.Join(err, db.Close()))
	}
	return db, nil
}

// private makes the file before SQLite does: whatever the umask is, SQLite
// gives its log and index the mode of the file.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// Migrate brings the tables of one engine up to date. steps are SQL scripts
// that are never changed once released; each runs once, in order, in a
// transaction of its own.
func Migrate(ctx context.Context, db *sql.DB, engine string, steps ...string) error {
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS migrations (engine TEXT PRIMARY KEY, done INTEGER NOT NULL)`); err != nil {
		return err
	}
	for i := range steps {
		if err := step(ctx, db, engine, i, steps[i]); err != nil {
			return fmt.Errorf("migrate %s to %d: %w", engine, i+1, err)
		}
	}
	return nil
}

func step(ctx context.Context, db *sql.DB, engine string, number int, script string) error {
	return InTx(ctx, db, func(tx *sql.Tx) error {
		var done int
		err := tx.QueryRowContext(ctx, `SELECT COALESCE((SELECT done FROM migrations WHERE engine = ?), 0)`, engine).Scan(&done)
		if err != nil || done > number {
			return err
		}
		if _, err := tx.ExecContext(ctx, script); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO migrations (engine, done) VALUES (?, ?)
			ON CONFLICT (engine) DO UPDATE SET done = excluded.done`, engine, number+1)
		return err
	})
}

// InTx runs f in a transaction and commits it if f returns nil.
func InTx(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	if err := f(tx); err != nil {
		return err
	}
	err = tx.Commit()
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return ctx.Err() // rolled back because ctx has ended, which is what the caller has to know
	}
	return err
}
