package ledger

import (
	"context"
	"database/sql"
	"time"
)

// Redirect gives a queued save another place, where it starts a document of its
// own (or, with overwrite, a version of the one that is there), and makes it
// due now. The saves that build on it follow it when it is published. False
// where it is not queued any more.
func (l *Ledger) Redirect(ctx context.Context, operation, path string, overwrite bool) (bool, error) {
	moved := false
	err := l.tx(ctx, func(tx *sql.Tx) error {
		var err error
		moved, err = ended(tx.ExecContext(ctx, `UPDATE files_outbox SET path = ?, overwrite = ?, document = '', base = 0, parent = '',
			attempts = 0, retry_at = 0, refused = 0, reason = '' WHERE operation = ? AND state = 'queued'`, path, overwrite, operation))
		if err != nil || !moved {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE files_bindings SET path = ?, document = '', version = 0 WHERE pending = ?`, path, operation)
		return err
	})
	return moved, err
}

// Discard ends a save that its user does not want in the cloud any more. The
// saves that built on it build on what it built on; they are whole by
// themselves. False where it is published, or ended otherwise.
func (l *Ledger) Discard(ctx context.Context, r Row, now time.Time) (bool, error) {
	discarded := false
	err := l.tx(ctx, func(tx *sql.Tx) error {
		var err error
		discarded, err = ended(tx.ExecContext(ctx, `UPDATE files_outbox SET state = 'withdrawn', ended = ?
			WHERE operation = ? AND state IN ('queued', 'damaged')`, millis(now), r.Operation))
		if err != nil || !discarded {
			return err
		}
		for _, step := range []struct {
			statement string
			args      []any
		}{
			{`UPDATE files_outbox SET parent = ?, base = ?, document = ?, overwrite = MAX(overwrite, ?) WHERE parent = ?`, []any{r.Parent, r.Base, r.Document, r.Overwrite, r.Operation}},
			{`UPDATE files_bindings SET pending = ? WHERE pending = ?`, []any{r.Parent, r.Operation}},
			{`DELETE FROM files_manifests WHERE operation = ?`, []any{r.Operation}},
		} {
			if _, err := tx.ExecContext(ctx, step.statement, step.args...); err != nil {
				return err
			}
		}
		return nil
	})
	return discarded, err
}
