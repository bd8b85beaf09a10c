package ledger

import (
	"context"
	"database/sql"
	"errors"

	"iscdesk.dev/agent/api"
)

// Recent are the documents of an account that were opened or saved here last:
// those that a local path is bound to, and what was saved from no path, or
// from one that belongs to something else now. A document may come twice.
func (l *Ledger) Recent(ctx context.Context, account string, limit int) (list []api.Recent, err error) {
	err = l.each(ctx, func(rows *sql.Rows) error {
		var r api.Recent
		var used int64
		if err := rows.Scan(&r.Path, &r.Kind, &r.Version, &r.LocalPath, &used, &r.Product); err != nil {
			return err
		}
		r.Used = fromMillis(used).Unix()
		list = append(list, r)
		return nil
	}, `SELECT path, kind, version, local_path, MAX(updated), `+productOf+` FROM files_bindings x WHERE account = ? AND updated > 0 GROUP BY path ORDER BY 5 DESC LIMIT ?`, account, limit)
	if err != nil {
		return nil, err
	}
	err = l.each(ctx, func(rows *sql.Rows) error {
		var r api.Recent
		var used int64
		var result string
		if err := rows.Scan(&r.Path, &r.Kind, &result, &r.LocalPath, &used, &r.Product); err != nil {
			return err
		}
		var published *api.Published
		if err := decode(result, &published); err != nil {
			return err
		}
		if published != nil {
			r.Version = published.Version
		}
		r.Used = fromMillis(used).Unix()
		list = append(list, r)
		return nil
	}, `SELECT path, kind, result, local_path, MAX(created), `+productOf+` FROM files_outbox x WHERE account = ? AND state IN ('queued', 'published', 'done')
		AND NOT EXISTS (SELECT 1 FROM files_bindings b WHERE b.local_path = x.local_path) GROUP BY path ORDER BY 5 DESC LIMIT ?`, account, limit)
	return list, err
}

// productOf is the application that a document x was saved by or picked for
// last; empty: none is known.
const productOf = `COALESCE(
	(SELECT product FROM files_products p WHERE p.account = x.account AND p.path = x.path),
	(SELECT product FROM files_outbox o WHERE o.account = x.account AND o.path = x.path ORDER BY seq DESC LIMIT 1), '')`

// SetProduct keeps which application a document was picked for.
func (l *Ledger) SetProduct(ctx context.Context, account, path, product string) error {
	_, err := l.db.ExecContext(ctx, `INSERT OR REPLACE INTO files_products (account, path, product) VALUES (?, ?, ?)`, account, path, product)
	return fault(err)
}

// NotRecent keeps a document that was set aside out of Recent until it is used
// again.
func (l *Ledger) NotRecent(ctx context.Context, document string) error {
	_, err := l.db.ExecContext(ctx, `UPDATE files_bindings SET updated = 0 WHERE document = ?`, document)
	return fault(err)
}

// each calls f for every row of a query.
func (l *Ledger) each(ctx context.Context, f func(*sql.Rows) error, query string, args ...any) error {
	rows, err := l.db.QueryContext(ctx, query, args...)
	if err != nil {
		return fault(err)
	}
	defer func() { _ = rows.Close() }() // it was only read
	for rows.Next() {
		if err := f(rows); err != nil {
			return fault(err)
		}
	}
	return fault(rows.Err())
}

const pausedSwitch = "uploads_paused"

// Paused tells whether the user has paused the uploads.
func (l *Ledger) Paused(ctx context.Context) (bool, error) {
	var on bool
	err := l.db.QueryRowContext(ctx, `SELECT value FROM files_switches WHERE name = ?`, pausedSwitch).Scan(&on)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return on, fault(err)
}

// SetPaused keeps it.
func (l *Ledger) SetPaused(ctx context.Context, on bool) error {
	_, err := l.db.ExecContext(ctx, `INSERT OR REPLACE INTO files_switches (name, value) VALUES (?, ?)`, pausedSwitch, on)
	return fault(err)
}
