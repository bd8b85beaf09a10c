package agenttest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	_ "modernc.org/sqlite" // the marketplace's database
)

// Fill puts n documents beside the published one of that name, each with its
// content: more than could be uploaded within a test. They are called
// Part-00000.step and so on.
func (w *World) Fill(ctx context.Context, name string, n int) (err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(w.MarketState(), "market.db"))+"?_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // it does nothing after Commit
	const count = `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ?) `
	for _, statement := range []string{
		`INSERT INTO node (id, space, parent, name, folded, kind, current) SELECT 'fill-' || i, n.space, n.parent,
			printf('Part-%05d.step', i), printf('part-%05d.step', i), n.kind, 1 FROM c, node n WHERE n.name = ?`,
		`INSERT INTO version (document, number, manifest, size, author, created, comment, operation)
			SELECT 'fill-' || i, 1, v.manifest, v.size, v.author, v.created, '', 'fill-' || i FROM c, version v, node n
			WHERE n.name = ? AND v.document = n.id AND v.number = n.current`,
	} {
		result, err := tx.ExecContext(ctx, count+statement, n, name)
		if err != nil {
			return err
		}
		if made, err := result.RowsAffected(); err != nil || made != int64(n) {
			return fmt.Errorf("%d documents were made, not %d: %w", made, n, err)
		}
	}
	return tx.Commit()
}
