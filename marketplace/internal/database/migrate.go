package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
)

const ledger = `CREATE TABLE IF NOT EXISTS migration (
	component TEXT NOT NULL, step TEXT NOT NULL, applied INTEGER NOT NULL, PRIMARY KEY (component, step))`

// Migrate implements Database.
func (s *sqlite) Migrate(ctx context.Context, component string, scripts fs.FS) error {
	return migrate(ctx, s, "sqlite", component, scripts)
}

// migrate applies the steps that the ledger does not name yet. Glob gives
// them sorted.
func migrate(ctx context.Context, db Database, engine, component string, scripts fs.FS) error {
	steps, err := fs.Glob(scripts, engine+"/*.sql")
	if err != nil || len(steps) == 0 {
		return fmt.Errorf("migrate %s: no steps for %s: %w", component, engine, errors.Join(err, fs.ErrNotExist))
	}
	for _, file := range steps {
		script, err := fs.ReadFile(scripts, file)
		if err != nil {
			return fmt.Errorf("migrate %s: %w", component, err)
		}
		step := path.Base(file)
		if err := db.Write(ctx, func(tx Tx) error { return apply(ctx, tx, component, step, string(script)) }); err != nil {
			return fmt.Errorf("migrate %s %s: %w", component, step, err)
		}
	}
	return nil
}

func apply(ctx context.Context, tx Tx, component, step, script string) error {
	if _, err := tx.Exec(ctx, ledger); err != nil {
		return err
	}
	var applied int64
	err := tx.QueryRow(ctx, `SELECT applied FROM migration WHERE component = ? AND step = ?`, component, step).Scan(&applied)
	if err == nil {
		return nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if _, err := tx.Exec(ctx, script); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO migration (component, step, applied) VALUES (?, ?, ?)`, component, step, Millis(now()))
	return err
}
