package app

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"iscdesk.dev/agent/internal/store"
)

// table keeps the records and the processes that have to end first.
type table struct{ db *sql.DB }

func openTable(ctx context.Context, db *sql.DB) (table, error) {
	err := store.Migrate(ctx, db, "app",
		`CREATE TABLE apps (product TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
		CREATE TABLE app_processes (pid INTEGER NOT NULL, identity TEXT NOT NULL, product TEXT NOT NULL,
			PRIMARY KEY (pid, identity, product)) WITHOUT ROWID;`)
	return table{db}, err
}

func (t table) records(ctx context.Context) (map[string]*record, error) {
	rows, err := t.db.QueryContext(ctx, `SELECT product, record FROM apps`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := make(map[string]*record)
	for rows.Next() {
		var product, text string
		if err := rows.Scan(&product, &text); err != nil {
			return nil, err
		}
		r := new(record)
		if err := json.Unmarshal([]byte(text), r); err != nil {
			return nil, fmt.Errorf("record of %s: %w", product, err)
		}
		all[product] = r
	}
	return all, rows.Err()
}

func (t table) save(ctx context.Context, r *record) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = t.db.ExecContext(ctx, `INSERT INTO apps (product, record) VALUES (?, ?)
		ON CONFLICT (product) DO UPDATE SET record = excluded.record`, r.Product, string(text))
	return err
}

func (t table) remove(ctx context.Context, product string) error {
	_, err := t.db.ExecContext(ctx, `DELETE FROM apps WHERE product = ?`, product)
	return err
}

// processKey is a process and what it runs.
type processKey struct {
	pid      int
	identity string
	product  string
}

func (t table) processes(ctx context.Context) ([]processKey, error) {
	rows, err := t.db.QueryContext(ctx, `SELECT pid, identity, product FROM app_processes`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []processKey
	for rows.Next() {
		var k processKey
		if err := rows.Scan(&k.pid, &k.identity, &k.product); err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, rows.Err()
}

func (t table) addProcess(ctx context.Context, k processKey) error {
	_, err := t.db.ExecContext(ctx, `INSERT OR IGNORE INTO app_processes (pid, identity, product) VALUES (?, ?, ?)`,
		k.pid, k.identity, k.product)
	return err
}

func (t table) removeProcess(ctx context.Context, k processKey) error {
	_, err := t.db.ExecContext(ctx, `DELETE FROM app_processes WHERE pid = ? AND identity = ? AND product = ?`,
		k.pid, k.identity, k.product)
	return err
}
