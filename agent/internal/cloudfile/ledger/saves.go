package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
	"iscdesk.dev/marketplace/agentapi"
)

// Record makes a save durable: row, manifest, and with them the binding of its
// local path or the pick that it waits for (nil: none). This is 'saved'.
func (l *Ledger) Record(ctx context.Context, r Row, m agentapi.Manifest, b *Binding, p *Pick) error {
	manifest, err := json.Marshal(m)
	if err != nil {
		return fault(err)
	}
	return l.tx(ctx, func(tx *sql.Tx) error {
		if err := insert(ctx, tx, r); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO files_manifests (operation, manifest) VALUES (?, ?)`, r.Operation, manifest); err != nil {
			return err
		}
		if b != nil {
			if err := bind(ctx, tx, *b); err != nil {
				return err
			}
		}
		if p != nil {
			return insertPick(ctx, tx, *p)
		}
		return nil
	})
}

// Manifest is what a staged save is made of, chunks included once KeepChunks
// has kept them.
func (l *Ledger) Manifest(ctx context.Context, operation string) (agentapi.Manifest, error) {
	var content []byte
	err := l.db.QueryRowContext(ctx, `SELECT manifest FROM files_manifests WHERE operation = ?`, operation).Scan(&content)
	if err != nil {
		return agentapi.Manifest{}, fault(err)
	}
	var m agentapi.Manifest
	return m, fault(json.Unmarshal(content, &m))
}

// KeepChunks keeps a manifest whose chunks have been found; otherwise it is the
// one that was recorded.
func (l *Ledger) KeepChunks(ctx context.Context, operation string, m agentapi.Manifest) error {
	manifest, err := json.Marshal(m)
	if err != nil {
		return fault(err)
	}
	_, err = l.db.ExecContext(ctx, `UPDATE files_manifests SET manifest = ? WHERE operation = ?`, manifest, operation)
	return fault(err)
}

// Attempted keeps why an upload did not succeed and when the next is due.
func (l *Ledger) Attempted(ctx context.Context, operation string, attempts int, retryAt time.Time, refused bool, reason *api.Error) error {
	_, err := l.db.ExecContext(ctx, `UPDATE files_outbox SET attempts = ?, retry_at = ?, refused = ?, reason = ?
		WHERE operation = ? AND state = 'queued'`, attempts, millis(retryAt), refused, encode(reason), operation)
	return fault(err)
}

// Wake makes every save that waits for its time due now.
func (l *Ledger) Wake(ctx context.Context) error {
	_, err := l.db.ExecContext(ctx, `UPDATE files_outbox SET retry_at = 0, attempts = 0 WHERE state = 'queued' AND refused = 0 AND retry_at > 0`)
	return fault(err)
}

// WakeDocument lets the saves of a document that was refused try again, because
// something about it has changed.
func (l *Ledger) WakeDocument(ctx context.Context, document string) error {
	_, err := l.db.ExecContext(ctx, `UPDATE files_outbox SET retry_at = 0, refused = 0 WHERE state = 'queued' AND document = ? AND document <> ''`, document)
	return fault(err)
}

// Retry makes a save due now, and with it the saves of the same document that
// stand before it.
func (l *Ledger) Retry(ctx context.Context, r Row) error {
	_, err := l.db.ExecContext(ctx, `UPDATE files_outbox SET retry_at = 0, attempts = 0, refused = 0, reason = '', state = 'queued'
		WHERE operation = ?1 OR (state = 'queued' AND account = ?2 AND path = ?3 AND seq <= ?4)`, r.Operation, r.Account, r.Path, r.Seq)
	return fault(err)
}

// Publish keeps that the marketplace has the version, moves the bindings that
// wait for it on, and lets the saves that build on it start from it: their
// base is this version, of the document that it went to. conflict is what the
// user has to choose then (nil: nothing). Of a conflict whose copy this is a
// newer version of, this is his version now.
func (l *Ledger) Publish(ctx context.Context, r Row, result api.Published, conflict *Conflict, now time.Time) error {
	return l.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE files_outbox SET state = 'published', document = ?, path = ?, result = ?, reason = '',
			retry_at = 0, refused = 0, ended = ? WHERE operation = ?`, result.Document, result.Path, encode(result), millis(now), r.Operation)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE files_outbox SET parent = '', document = ?, base = ?, path = ?, overwrite = 0 WHERE parent = ?`,
			result.Document, result.Version, result.Path, r.Operation)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE files_bindings SET pending = '', document = ?, version = ?, path = ? WHERE pending = ?`,
			result.Document, result.Version, result.Path, r.Operation)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE files_conflicts SET mine = ?1, mine_time = ?2, mine_size = ?3 WHERE account = ?4 AND copy = ?5 AND mine < ?1`,
			result.Version, r.Created.Unix(), r.Size, r.Account, result.Document)
		if err != nil || conflict == nil {
			return err
		}
		return insertConflict(ctx, tx, *conflict, now)
	})
}

// Finish ends a save whose event is out.
func (l *Ledger) Finish(ctx context.Context, operation string, now time.Time) error {
	return l.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM files_manifests WHERE operation = ?`, operation); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE files_outbox SET state = 'done', ended = ? WHERE operation = ? AND state = 'published'`, millis(now), operation)
		return err
	})
}

// Damage keeps that the staged content of a save cannot be sent. The saves
// that built on it build on what it built on; they are whole by themselves.
func (l *Ledger) Damage(ctx context.Context, r Row, reason *api.Error) error {
	return l.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE files_outbox SET parent = ?, base = ?, document = ?, overwrite = MAX(overwrite, ?) WHERE parent = ?`,
			r.Parent, r.Base, r.Document, r.Overwrite, r.Operation)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE files_bindings SET pending = '' WHERE pending = ?`, r.Operation); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM files_picks WHERE operation = ?`, r.Operation); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE files_outbox SET state = 'damaged', reason = ? WHERE operation = ?`, encode(reason), r.Operation)
		return err
	})
}

// Purge forgets operations that ended before a time. A solve that was asked
// for and not yet submitted stays.
func (l *Ledger) Purge(ctx context.Context, before time.Time) error {
	_, err := l.db.ExecContext(ctx, `DELETE FROM files_outbox WHERE state IN ('done', 'withdrawn') AND ended < ? AND (solve = 0 OR submitted = 1 OR state = 'withdrawn')`, millis(before))
	return fault(err)
}

// Solves are the published saves whose solve is not submitted yet.
func (l *Ledger) Solves(ctx context.Context) ([]Row, error) {
	return l.rows(ctx, `solve = 1 AND submitted = 0 AND state IN ('published', 'done') ORDER BY seq`)
}

// Submitted keeps that the solve of a save is in the marketplace's hands.
func (l *Ledger) Submitted(ctx context.Context, operation string) error {
	_, err := l.db.ExecContext(ctx, `UPDATE files_outbox SET submitted = 1 WHERE operation = ?`, operation)
	return fault(err)
}

func (l *Ledger) tx(ctx context.Context, f func(*sql.Tx) error) error {
	return fault(store.InTx(ctx, l.db, f))
}
