package ledger

import (
	"context"
	"database/sql"
	"time"

	"iscdesk.dev/agent/api"
)

// Pick is a choice that a user still has to make. Operation is the staged save
// that waits for it; empty for a document to open.
type Pick struct {
	api.Pick
	Operation string
}

func insertPick(ctx context.Context, tx *sql.Tx, p Pick) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO files_picks (id, kind, session, product, operation, name, document_kind, created)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, p.ID, p.Kind, p.Session, p.Product, p.Operation, p.SuggestedName, p.DocumentKind, p.Created)
	return err
}

// AddPick keeps a pick that no save waits for.
func (l *Ledger) AddPick(ctx context.Context, p Pick) error {
	return l.tx(ctx, func(tx *sql.Tx) error { return insertPick(ctx, tx, p) })
}

// Picks are the choices not yet made, oldest first.
func (l *Ledger) Picks(ctx context.Context) ([]Pick, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT id, kind, session, product, operation, name, document_kind, created FROM files_picks ORDER BY created, id`)
	if err != nil {
		return nil, fault(err)
	}
	defer func() { _ = rows.Close() }()
	var out []Pick
	for rows.Next() {
		var p Pick
		if err := rows.Scan(&p.ID, &p.Kind, &p.Session, &p.Product, &p.Operation, &p.SuggestedName, &p.DocumentKind, &p.Created); err != nil {
			return nil, fault(err)
		}
		out = append(out, p)
	}
	return out, fault(rows.Err())
}

// EndPick forgets a pick; false where somebody else has answered it.
func (l *Ledger) EndPick(ctx context.Context, id string) (bool, error) {
	result, err := l.db.ExecContext(ctx, `DELETE FROM files_picks WHERE id = ?`, id)
	return ended(result, err)
}

// Choose ends the pick of a save and queues it for the target in r, with the
// binding of its local path (nil: none); false where somebody else has
// answered it.
func (l *Ledger) Choose(ctx context.Context, id string, r Row, b *Binding) (bool, error) {
	chosen := false
	err := l.tx(ctx, func(tx *sql.Tx) error {
		var err error
		if chosen, err = ended(tx.ExecContext(ctx, `DELETE FROM files_picks WHERE id = ?`, id)); err != nil || !chosen {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE files_outbox SET state = 'queued', path = ?, document = ?, base = ?, overwrite = ?, parent = ?
			WHERE operation = ? AND state = 'picking'`, r.Path, r.Document, r.Base, r.Overwrite, r.Parent, r.Operation)
		if err != nil || b == nil {
			return err
		}
		return bind(ctx, tx, *b)
	})
	return chosen, err
}

// Withdraw ends the pick of a save and the save with it, because the user said
// so; false where somebody else has answered it.
func (l *Ledger) Withdraw(ctx context.Context, id, operation string, now time.Time) (bool, error) {
	withdrawn := false
	err := l.tx(ctx, func(tx *sql.Tx) error {
		var err error
		if withdrawn, err = ended(tx.ExecContext(ctx, `DELETE FROM files_picks WHERE id = ?`, id)); err != nil || !withdrawn {
			return err
		}
		if _, err = tx.ExecContext(ctx, `DELETE FROM files_manifests WHERE operation = ?`, operation); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE files_outbox SET state = 'withdrawn', ended = ? WHERE operation = ? AND state = 'picking'`, millis(now), operation)
		return err
	})
	return withdrawn, err
}

func ended(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, fault(err)
	}
	n, err := result.RowsAffected()
	return n > 0, fault(err)
}
