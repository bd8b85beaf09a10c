package documents

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/objects"
	"iscdesk.dev/marketplace/internal/web"
)

// Upload keeps the chunks of a pack for the user's tenant. All that stand
// before the first wrong one, or before where the pack was torn, are on the
// disk when it returns, also when it returns an error: an upload goes on where
// it broke off.
func (e *Engine) Upload(ctx context.Context, user web.User, pack io.Reader) error {
	lasting := context.WithoutCancel(ctx)
	in := &intake{records: packReader{source: pack}, known: func(h hash) (bool, error) { return e.has(lasting, user.Tenant, h) }}
	in.advance()
	if len(in.fresh) == 0 {
		return in.failure
	}
	key := tenantKey("packs", user.Tenant, newID())
	if err := e.put(lasting, key, in); err != nil {
		return err
	}
	err := e.db.Write(lasting, func(tx database.Tx) error {
		for _, c := range in.fresh {
			if _, err := tx.Exec(lasting, `INSERT INTO chunk (tenant, hash, pack, start, size) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
				user.Tenant, c.hash[:], key, c.start, c.size); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return in.failure
}

// put keeps an object; DiskFull if there is no room for it.
func (e *Engine) put(ctx context.Context, key string, content io.Reader) error {
	err := e.store.Put(ctx, key, content)
	if errors.Is(err, objects.ErrFull) {
		return fault.New(fault.DiskFull).Because(err)
	}
	return err
}

func (e *Engine) has(ctx context.Context, tenant string, h hash) (bool, error) {
	var n int
	err := e.db.Read(ctx, func(tx database.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM chunk WHERE tenant = ? AND hash = ?`, tenant, h[:]).Scan(&n)
	})
	return n > 0, err
}

// placed is a chunk and where it lies in its pack.
type placed struct {
	hash  hash
	start int64
	size  int
}

// intake is the content of those chunks of a pack that are right and new, one
// after the other: what goes into the store. It ends before the first wrong
// one and remembers why.
type intake struct {
	records packReader
	known   func(hash) (bool, error)
	fresh   []placed
	seen    map[hash]bool
	pending []byte
	end     int64
	over    bool
	failure error
}

// Read implements io.Reader.
func (in *intake) Read(p []byte) (int, error) {
	if len(in.pending) == 0 {
		in.advance()
	}
	if in.over && len(in.pending) == 0 {
		return 0, io.EOF
	}
	n := copy(p, in.pending)
	in.pending = in.pending[n:]
	return n, nil
}

// advance goes to the next chunk that is new.
func (in *intake) advance() {
	for !in.over && len(in.pending) == 0 {
		h, content, err := in.records.next()
		if err != nil {
			in.stop(err)
			return
		}
		if in.seen[h] {
			continue
		}
		known, err := in.known(h)
		if err != nil {
			in.stop(err)
			return
		}
		if in.seen == nil {
			in.seen = map[hash]bool{}
		}
		in.seen[h] = true
		if !known {
			in.fresh = append(in.fresh, placed{h, in.end, len(content)})
			in.end += int64(len(content))
			in.pending = content
		}
	}
}

func (in *intake) stop(err error) {
	in.over = true
	if errors.Is(err, io.EOF) {
		return
	}
	in.failure = err
	if tooMuch, ok := errors.AsType[*http.MaxBytesError](err); ok {
		in.failure = fault.New(fault.TooLarge, "what", "pack", "limit", strconv.FormatInt(tooMuch.Limit, 10))
	}
}
