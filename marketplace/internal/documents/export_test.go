package documents

import (
	"context"

	"iscdesk.dev/marketplace/internal/database"
)

// Fill gives the space of the document like n documents in 20 folders, each
// with the versions of like.
func (e *Engine) Fill(ctx context.Context, like string, n int) error {
	const count = `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ?) `
	return e.db.Write(ctx, func(tx database.Tx) error {
		for _, step := range []struct {
			statement string
			args      []any
		}{
			{count + `INSERT INTO node (id, space, parent, name, folded, kind) SELECT 'f' || i, n.space, '', 'f' || i, 'f' || i, 'folder' FROM c, node n WHERE n.id = ?`, []any{20, like}},
			{count + `INSERT INTO node (id, space, parent, name, folded, kind, current) SELECT 'fill-' || i, n.space, 'f' || (i % 20),
				printf('Part-%05d 零件 %d.step', i, i), printf('part-%05d 零件 %d.step', i, i), 'single', 1 FROM c, node n WHERE n.id = ?`, []any{n, like}},
			{count + `INSERT INTO version (document, number, manifest, size, author, created, comment, operation)
				SELECT 'fill-' || i, number, manifest, size, author, created, comment, operation FROM c, version v WHERE v.document = ?`, []any{n, like}},
		} {
			if _, err := tx.Exec(ctx, step.statement, step.args...); err != nil {
				return err
			}
		}
		return nil
	})
}
