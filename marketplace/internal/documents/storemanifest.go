package documents

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// keepManifest checks a manifest and keeps it for the tenant, with its ties to
// its chunks, which must all be there. It gives the manifest's row and the
// size of the whole content. The same manifest is kept once.
func (e *Engine) keepManifest(ctx context.Context, user web.User, kind string, m agentapi.Manifest) (row, size int64, err error) {
	facts, err := checkManifest(kind, m)
	if err != nil {
		return 0, 0, err
	}
	body, err := json.Marshal(m)
	if err != nil {
		return 0, 0, err
	}
	sum := hashOf(body)
	row, err = e.manifestRow(ctx, user.Tenant, sum)
	if err != nil || row != 0 {
		return row, facts.size, err
	}
	ids, err := e.chunkIDs(ctx, user.Tenant, facts)
	if err != nil {
		return 0, 0, err
	}
	key := tenantKey("manifests", user.Tenant, sum.String())
	if err := e.put(ctx, key, bytes.NewReader(body)); err != nil {
		return 0, 0, err
	}
	err = e.db.Write(ctx, func(tx database.Tx) error {
		row, err = insertManifest(ctx, tx, user.Tenant, sum, key, ids)
		return err
	})
	return row, facts.size, err
}

// manifestRow finds a kept manifest; 0 without one.
func (e *Engine) manifestRow(ctx context.Context, tenant string, sum hash) (row int64, err error) {
	err = e.db.Read(ctx, func(tx database.Tx) error {
		return tx.QueryRow(ctx, `SELECT id FROM manifest WHERE tenant = ? AND hash = ?`, tenant, sum[:]).Scan(&row)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return row, err
}

// chunkIDs finds the rows of the chunks, which are never taken away, so that
// what is found here holds later.
func (e *Engine) chunkIDs(ctx context.Context, tenant string, facts manifestFacts) ([]int64, error) {
	ids := make([]int64, 0, len(facts.chunks))
	err := e.db.Read(ctx, func(tx database.Tx) error {
		for h, want := range facts.chunks {
			var id int64
			var size int
			err := tx.QueryRow(ctx, `SELECT id, size FROM chunk WHERE tenant = ? AND hash = ?`, tenant, h[:]).Scan(&id, &size)
			if errors.Is(err, sql.ErrNoRows) {
				return fault.New(fault.NotFound, "what", h.String()).WithStatus(http.StatusUnprocessableEntity)
			}
			if err != nil {
				return err
			}
			if size != want.size {
				return badManifest("a chunk has another size")
			}
			ids = append(ids, id)
		}
		return nil
	})
	return ids, err
}

func insertManifest(ctx context.Context, tx database.Tx, tenant string, sum hash, key string, chunks []int64) (int64, error) {
	var row int64
	err := tx.QueryRow(ctx, `SELECT id FROM manifest WHERE tenant = ? AND hash = ?`, tenant, sum[:]).Scan(&row)
	if !errors.Is(err, sql.ErrNoRows) {
		return row, err
	}
	err = tx.QueryRow(ctx, `INSERT INTO manifest (tenant, hash, object) VALUES (?, ?, ?) RETURNING id`, tenant, sum[:], key).Scan(&row)
	if err != nil {
		return 0, err
	}
	for _, chunk := range chunks {
		if _, err := tx.Exec(ctx, `INSERT INTO manifest_chunk (manifest, chunk) VALUES (?, ?)`, row, chunk); err != nil {
			return 0, err
		}
	}
	return row, nil
}

// loadManifest reads a kept manifest and holds it to its hash.
func (e *Engine) loadManifest(ctx context.Context, key string, sum hash) (body []byte, err error) {
	object, err := e.store.Get(ctx, key)
	if err != nil {
		return nil, damagedBecause(sum, err)
	}
	defer func() { err = errors.Join(err, object.Close()) }()
	body, err = io.ReadAll(io.LimitReader(object, 2*MaxManifest))
	if err != nil {
		return nil, damagedBecause(sum, err)
	}
	if hashOf(body) != sum {
		return nil, damaged(sum)
	}
	return body, nil
}
