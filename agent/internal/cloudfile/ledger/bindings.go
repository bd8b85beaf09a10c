package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"iscdesk.dev/agent/api"
)

// Binding ties a local path to the document that it was opened from or saved
// to. Pending is the operation of the save that it was last in step with,
// while that is not published.
type Binding struct {
	LocalPath string
	Account   string
	Document  string
	Path      string
	Kind      api.DocumentKind
	Version   int
	OpenType  string
	WorkState string
	Hash      string
	Pending   string
	Updated   time.Time
}

const bindingColumns = `local_path, account, document, path, kind, version, open_type, work_state, hash, pending, updated`

func scanBinding(s interface{ Scan(...any) error }) (Binding, error) {
	var b Binding
	var updated int64
	err := s.Scan(&b.LocalPath, &b.Account, &b.Document, &b.Path, &b.Kind, &b.Version, &b.OpenType, &b.WorkState, &b.Hash, &b.Pending, &updated)
	b.Updated = fromMillis(updated)
	return b, err
}

// Binding finds what a local path belongs to.
func (l *Ledger) Binding(ctx context.Context, localPath string) (Binding, bool, error) {
	b, err := scanBinding(l.db.QueryRowContext(ctx, `SELECT `+bindingColumns+` FROM files_bindings WHERE local_path = ?`, localPath))
	if errors.Is(err, sql.ErrNoRows) {
		return Binding{}, false, nil
	}
	return b, err == nil, fault(err)
}

// Bind ties a local path, replacing what it was tied to.
func (l *Ledger) Bind(ctx context.Context, b Binding) error {
	return l.tx(ctx, func(tx *sql.Tx) error { return bind(ctx, tx, b) })
}

func bind(ctx context.Context, tx *sql.Tx, b Binding) error {
	_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO files_bindings (`+bindingColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		b.LocalPath, b.Account, b.Document, b.Path, b.Kind, b.Version, b.OpenType, b.WorkState, b.Hash, b.Pending, millis(b.Updated))
	return err
}

// SetWorkState keeps that a document was checked out or in.
func (l *Ledger) SetWorkState(ctx context.Context, document, state string) error {
	_, err := l.db.ExecContext(ctx, `UPDATE files_bindings SET work_state = ? WHERE document = ?`, state, document)
	return fault(err)
}
