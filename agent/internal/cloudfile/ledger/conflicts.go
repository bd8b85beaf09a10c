package ledger

import (
	"context"
	"database/sql"
	"time"

	"iscdesk.dev/agent/api"
)

// Conflict is a save that met a newer version of its document, until its user
// has chosen.
type Conflict struct {
	api.Conflict
	Account  string
	Document string // id
	CopyID   string
	// Answer is what the user chose and Operation the operation that does it in
	// the marketplace, while it is not known whether that was done. Seen is the
	// version of the document that he had seen then.
	Answer    api.Keep
	Operation string
	Seen      int
}

const conflictColumns = `id, path, theirs, their_author, their_time, their_size, copy_path, mine, mine_time, mine_size, base, product,
	local_path, kind, account, document, copy, answer, operation, seen`

func scanConflict(s interface{ Scan(...any) error }) (Conflict, error) {
	var c Conflict
	err := s.Scan(&c.ID, &c.Path, &c.Theirs, &c.TheirAuthor, &c.TheirTime, &c.TheirSize, &c.Copy, &c.Mine, &c.MineTime, &c.MineSize,
		&c.Base, &c.Product, &c.LocalPath, &c.DocumentKind, &c.Account, &c.Document, &c.CopyID, &c.Answer, &c.Operation, &c.Seen)
	return c, err
}

func insertConflict(ctx context.Context, tx *sql.Tx, c Conflict, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO files_conflicts (`+conflictColumns+`, created)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', 0, ?)`,
		c.ID, c.Path, c.Theirs, c.TheirAuthor, c.TheirTime, c.TheirSize, c.Copy, c.Mine, c.MineTime, c.MineSize, c.Base, c.Product,
		c.LocalPath, c.DocumentKind, c.Account, c.Document, c.CopyID, millis(now))
	return err
}

func (l *Ledger) conflicts(ctx context.Context, where string, args ...any) (list []Conflict, err error) {
	rows, err := l.db.QueryContext(ctx, `SELECT `+conflictColumns+` FROM files_conflicts WHERE `+where+` ORDER BY created DESC, id`, args...)
	if err != nil {
		return nil, fault(err)
	}
	defer func() { _ = rows.Close() }() // it was only read
	for rows.Next() {
		c, err := scanConflict(rows)
		if err != nil {
			return nil, fault(err)
		}
		list = append(list, c)
	}
	return list, fault(rows.Err())
}

// Conflicts are those of an account, the latest first.
func (l *Ledger) Conflicts(ctx context.Context, account string) ([]Conflict, error) {
	return l.conflicts(ctx, `account = ?`, account)
}

// Conflict finds a conflict; false where there is none, or no more.
func (l *Ledger) Conflict(ctx context.Context, id string) (Conflict, bool, error) {
	list, err := l.conflicts(ctx, `id = ?`, id)
	if err != nil || len(list) == 0 {
		return Conflict{}, false, err
	}
	return list[0], true, nil
}

// ConflictsOf are those that a document is part of, as itself or as the copy.
func (l *Ledger) ConflictsOf(ctx context.Context, document string) ([]Conflict, error) {
	return l.conflicts(ctx, `document = ?1 OR copy = ?1`, document)
}

// Answered are the conflicts of which it is not known whether the answer was
// done.
func (l *Ledger) Answered(ctx context.Context) ([]Conflict, error) {
	return l.conflicts(ctx, `answer <> ''`)
}

// Answer keeps what the user chose before the marketplace is asked to do it.
func (l *Ledger) Answer(ctx context.Context, c Conflict) error {
	_, err := l.db.ExecContext(ctx, `UPDATE files_conflicts SET answer = ?, operation = ?, seen = ? WHERE id = ?`, c.Answer, c.Operation, c.Seen, c.ID)
	return fault(err)
}

// Unanswer keeps that the answer was not done; the conflict stays.
func (l *Ledger) Unanswer(ctx context.Context, id, operation string) error {
	_, err := l.db.ExecContext(ctx, `UPDATE files_conflicts SET answer = '', operation = '', seen = 0 WHERE id = ? AND operation = ?`, id, operation)
	return fault(err)
}

// SetFacts keeps what document and copy are now.
func (l *Ledger) SetFacts(ctx context.Context, c Conflict) error {
	_, err := l.db.ExecContext(ctx, `UPDATE files_conflicts SET path = ?, theirs = ?, their_author = ?, their_time = ?, their_size = ?,
		copy_path = ?, mine = ?, mine_time = ?, mine_size = ? WHERE id = ?`,
		c.Path, c.Theirs, c.TheirAuthor, c.TheirTime, c.TheirSize, c.Copy, c.Mine, c.MineTime, c.MineSize, c.ID)
	return fault(err)
}

// Forget ends a conflict and changes nothing else; false where it has ended.
func (l *Ledger) Forget(ctx context.Context, id string) (bool, error) {
	return ended(l.db.ExecContext(ctx, `DELETE FROM files_conflicts WHERE id = ?`, id))
}

// Resolve ends a conflict whose copy was set aside. What was bound to the copy
// belongs to the document from now on, at path: what is in step with the
// user's version builds on base there, and what lags behind it on a version
// that meets a conflict again. So do the saves that came in meanwhile, and
// conflicts with the copy are conflicts with the document. Who may save the
// copy may save the document, as far as this machine decides that.
func (l *Ledger) Resolve(ctx context.Context, c Conflict, path string, base int, workState string) error {
	return l.tx(ctx, func(tx *sql.Tx) error {
		for _, step := range []struct {
			statement string
			args      []any
		}{
			{`UPDATE files_outbox SET path = ?, document = ?, base = CASE base WHEN ? THEN ? ELSE ? END
				WHERE state IN ('queued', 'damaged') AND account = ? AND document = ? AND parent = ''`, []any{path, c.Document, c.Mine, base, c.Base, c.Account, c.CopyID}},
			{
				`UPDATE files_outbox SET path = ?, document = ? WHERE state IN ('queued', 'damaged') AND account = ? AND document = ? AND parent <> ''`,
				[]any{path, c.Document, c.Account, c.CopyID},
			},
			{`UPDATE files_bindings SET document = ?, path = ?, version = CASE version WHEN ? THEN ? ELSE ? END,
				open_type = CASE WHEN open_type = ? AND work_state = ? THEN open_type ELSE ? END, work_state = ? WHERE account = ? AND document = ?`, []any{
				c.Document, path, c.Mine, base, c.Base, api.OpenOnly, api.CheckedIn, api.OpenAndCheckout, workState, c.Account, c.CopyID,
			}},
			{`DELETE FROM files_conflicts WHERE id = ?`, []any{c.ID}},
			{`UPDATE files_conflicts SET document = ?, path = ?, theirs = ?, base = ? WHERE account = ? AND document = ?`, []any{c.Document, path, base, c.Base, c.Account, c.CopyID}},
		} {
			if _, err := tx.ExecContext(ctx, step.statement, step.args...); err != nil {
				return err
			}
		}
		return nil
	})
}
