package solve

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"iscdesk.dev/agent/internal/store"
)

// keepEnded is how many solves that have ended stay in the list.
const keepEnded = 200

type table struct{ db *sql.DB }

func openTable(ctx context.Context, db *sql.DB) (table, error) {
	err := store.Migrate(ctx, db, "solve",
		`CREATE TABLE solves (id TEXT PRIMARY KEY, created INTEGER NOT NULL, ended INTEGER NOT NULL, record TEXT NOT NULL) WITHOUT ROWID`)
	return table{db}, err
}

func (t table) rows(ctx context.Context) (map[string]row, error) {
	found, err := t.db.QueryContext(ctx, `SELECT record FROM solves`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }()
	all := make(map[string]row)
	for found.Next() {
		var text string
		if err := found.Scan(&text); err != nil {
			return nil, err
		}
		var r row
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return nil, fmt.Errorf("solve: %w", err)
		}
		all[r.ID] = r
	}
	return all, found.Err()
}

func (t table) save(ctx context.Context, r row) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = t.db.ExecContext(ctx, `INSERT INTO solves (id, created, ended, record) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET ended = excluded.ended, record = excluded.record`, r.ID, r.Created, r.ended(), string(text))
	return err
}

// prune drops the oldest solves that have ended and gives the ids of those
// that it dropped.
func (t table) prune(ctx context.Context) ([]string, error) {
	found, err := t.db.QueryContext(ctx, `DELETE FROM solves WHERE id IN (
		SELECT id FROM solves WHERE ended ORDER BY created DESC, id LIMIT -1 OFFSET ?) RETURNING id`, keepEnded)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }()
	var ids []string
	for found.Next() {
		var id string
		if err := found.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, found.Err()
}
