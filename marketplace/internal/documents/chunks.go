package documents

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"strconv"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/objects"
	"iscdesk.dev/marketplace/internal/web"
)

// maxHashes bounds the hashes of one call.
const maxHashes = 10_000

func newID() string { return rand.Text() }

// tenantKey is the key of an object of a tenant, whose id may hold what a key
// may not.
func tenantKey(sort, tenant, name string) string {
	return sort + "/t" + hex.EncodeToString([]byte(tenant)) + "/" + name
}

func parseHashes(texts []string) ([]hash, error) {
	if len(texts) > maxHashes {
		return nil, fault.New(fault.TooLarge, "what", "hashes", "limit", strconv.Itoa(maxHashes))
	}
	hashes := make([]hash, 0, len(texts))
	for _, text := range texts {
		h, err := parseHash(text)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, h)
	}
	return hashes, nil
}

// Missing gives those of the hashes whose chunks the user's tenant lacks, each
// once.
func (e *Engine) Missing(ctx context.Context, user web.User, texts []string) ([]string, error) {
	hashes, err := parseHashes(texts)
	if err != nil {
		return nil, err
	}
	missing, seen := []string{}, map[hash]bool{}
	err = e.db.Read(ctx, func(tx database.Tx) error {
		for _, h := range hashes {
			if seen[h] {
				continue
			}
			seen[h] = true
			var n int
			if err := tx.QueryRow(ctx, `SELECT count(*) FROM chunk WHERE tenant = ? AND hash = ?`, user.Tenant, h[:]).Scan(&n); err != nil {
				return err
			}
			if n == 0 {
				missing = append(missing, h.String())
			}
		}
		return nil
	})
	return missing, err
}

// location is a chunk and the pack that holds it.
type location struct {
	placed
	pack string
}

// locate finds chunks that belong to a manifest, in the order asked for.
func locate(ctx context.Context, tx database.Tx, manifest int64, hashes []hash) ([]location, error) {
	found := make([]location, 0, len(hashes))
	for _, h := range hashes {
		l := location{placed: placed{hash: h}}
		err := tx.QueryRow(ctx, `SELECT c.pack, c.start, c.size FROM chunk c JOIN manifest_chunk m ON m.chunk = c.id
			WHERE m.manifest = ? AND c.hash = ? AND c.tenant = (SELECT tenant FROM manifest WHERE id = m.manifest)`, manifest, h[:]).
			Scan(&l.pack, &l.start, &l.size)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, fault.New(fault.NotFound, "what", h.String())
		}
		if err != nil {
			return nil, err
		}
		found = append(found, l)
	}
	return found, nil
}

// chunkReader reads chunks from their packs. It keeps the last pack open,
// because chunks that follow each other mostly lie together.
type chunkReader struct {
	store  objects.Store
	key    string
	pack   io.ReadSeekCloser
	buffer []byte
}

// read gives the content of a chunk, which is valid until the next call. It is
// held to its hash: damage on the disk never reaches an agent.
func (c *chunkReader) read(ctx context.Context, l location) ([]byte, error) {
	if c.key != l.pack || c.pack == nil {
		if err := c.close(); err != nil {
			return nil, err
		}
		pack, err := c.store.Get(ctx, l.pack)
		if err != nil {
			return nil, damagedBecause(l.hash, err)
		}
		c.key, c.pack = l.pack, pack
	}
	if _, err := c.pack.Seek(l.start, io.SeekStart); err != nil {
		return nil, damagedBecause(l.hash, err)
	}
	if cap(c.buffer) < l.size {
		c.buffer = make([]byte, maxChunk)
	}
	content := c.buffer[:l.size]
	if _, err := io.ReadFull(c.pack, content); err != nil {
		return nil, damagedBecause(l.hash, err)
	}
	if hashOf(content) != l.hash {
		return nil, damaged(l.hash)
	}
	return content, nil
}

func (c *chunkReader) close() error {
	if c.pack == nil {
		return nil
	}
	err := c.pack.Close()
	c.pack = nil
	return err
}

func damagedBecause(h hash, err error) error {
	return fault.New(fault.ContentDamaged, "what", h.String()).Because(err)
}
