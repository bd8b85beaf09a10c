package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
)

// State is where a save stands.
type State string

// The states of a save. Queued is everything between staged and published;
// what it waits for follows from the other members of its row.
const (
	Picking   State = "picking"   // staged; the user still chooses where it goes
	Queued    State = "queued"    // staged; to be uploaded
	Published State = "published" // the marketplace has it; the event is not out yet
	Done      State = "done"      // published and told
	Withdrawn State = "withdrawn" // the user cancelled the pick
	Damaged   State = "damaged"   // the staged content is gone or spoilt
)

// Row is one save.
type Row struct {
	Seq       int64
	Operation string
	Announced string // digest of what was announced with the operation
	Account   string
	Session   string
	Product   string
	LocalPath string
	Kind      api.DocumentKind
	Name      string
	Comment   string
	Tag       string
	Solve     bool

	Path      string
	Document  string // id, empty for a new document
	Base      int
	Overwrite bool
	Parent    string // the operation whose version this one builds on, while that is not published

	Blob      string
	Size      int64
	Hash      string
	LocalHash string // of the local content, where it is staged in another form

	State    State
	Attempts int
	RetryAt  time.Time
	Refused  bool // only Retry tries again
	Reason   *api.Error
	Result   *api.Published
	Created  time.Time
}

// Queue is the key of the document that the save belongs to: saves with the
// same key are published in the order of Seq.
func (r Row) Queue() string { return r.Account + "\x00" + r.Path }

const columns = `seq, operation, announced, account, session, product, local_path, kind, name, comment, tag, solve,
	path, document, base, overwrite, parent, blob, size, hash, local_hash, state, attempts, retry_at, refused, reason, result, created`

func scan(s interface{ Scan(...any) error }) (Row, error) {
	var r Row
	var retryAt, created int64
	var reason, result string
	err := s.Scan(&r.Seq, &r.Operation, &r.Announced, &r.Account, &r.Session, &r.Product, &r.LocalPath, &r.Kind, &r.Name,
		&r.Comment, &r.Tag, &r.Solve, &r.Path, &r.Document, &r.Base, &r.Overwrite, &r.Parent, &r.Blob, &r.Size, &r.Hash,
		&r.LocalHash, &r.State, &r.Attempts, &retryAt, &r.Refused, &reason, &result, &created)
	if err != nil {
		return Row{}, err
	}
	r.RetryAt, r.Created = fromMillis(retryAt), fromMillis(created)
	return r, errors.Join(decode(reason, &r.Reason), decode(result, &r.Result))
}

func insert(ctx context.Context, tx *sql.Tx, r Row) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO files_outbox (operation, announced, account, session, product, local_path,
		kind, name, comment, tag, solve, path, document, base, overwrite, parent, blob, size, hash, local_hash, state, created)
		VALUES (?`+strings.Repeat(", ?", 21)+`)`,
		r.Operation, r.Announced, r.Account, r.Session, r.Product, r.LocalPath, r.Kind, r.Name, r.Comment, r.Tag, r.Solve,
		r.Path, r.Document, r.Base, r.Overwrite, r.Parent, r.Blob, r.Size, r.Hash, r.LocalHash, r.State, millis(r.Created))
	return err
}

func (l *Ledger) rows(ctx context.Context, where string, args ...any) ([]Row, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT `+columns+` FROM files_outbox WHERE `+where, args...)
	if err != nil {
		return nil, fault(err)
	}
	defer func() { _ = rows.Close() }()
	var out []Row
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, fault(err)
		}
		out = append(out, r)
	}
	return out, fault(rows.Err())
}

// Find gives the save of an operation; false where there was none.
func (l *Ledger) Find(ctx context.Context, operation string) (Row, bool, error) {
	rows, err := l.rows(ctx, `operation = ?`, operation)
	if err != nil || len(rows) == 0 {
		return Row{}, false, err
	}
	return rows[0], true, nil
}

// Unended saves are all that have not ended, in order.
func (l *Ledger) Unended(ctx context.Context) ([]Row, error) {
	return l.rows(ctx, `state IN ('picking', 'queued', 'published', 'damaged') ORDER BY seq`)
}

// Newest is the newest save of a document that is staged here; false where
// there is none.
func (l *Ledger) Newest(ctx context.Context, account, path string) (Row, bool, error) {
	rows, err := l.rows(ctx, `state = 'queued' AND account = ? AND path = ? ORDER BY seq DESC LIMIT 1`, account, path)
	if err != nil || len(rows) == 0 {
		return Row{}, false, err
	}
	return rows[0], true, nil
}

// Content is the newest save of a document with this content, published or
// not; false where there is none that is still remembered.
func (l *Ledger) Content(ctx context.Context, account, path, hash string) (Row, bool, error) {
	rows, err := l.rows(ctx, `state IN ('queued', 'published', 'done') AND account = ? AND path = ? AND ? IN (hash, local_hash) ORDER BY seq DESC LIMIT 1`, account, path, hash)
	if err != nil || len(rows) == 0 {
		return Row{}, false, err
	}
	return rows[0], true, nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil || string(b) == "null" {
		return ""
	}
	return string(b)
}

func decode[T any](text string, into **T) error {
	if text == "" {
		return nil
	}
	*into = new(T)
	return json.Unmarshal([]byte(text), *into)
}

// fault turns an error of the database into a code; a full disk keeps its own.
func fault(err error) error {
	if err == nil {
		return nil
	}
	if _, coded := errors.AsType[*api.Error](err); coded {
		return err
	}
	if strings.Contains(err.Error(), "SQLITE_FULL") || strings.Contains(err.Error(), "database or disk is full") {
		return api.Fail(api.DiskFull).Because(err)
	}
	return api.Fail(api.Internal).Because(err)
}
