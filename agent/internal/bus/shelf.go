package bus

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
)

// shelf is the events on the disk.
type shelf struct {
	db   *sql.DB
	keep int
}

func (s *shelf) open(ctx context.Context) error {
	return store.Migrate(ctx, s.db, "bus", `
		CREATE TABLE events (
			seq INTEGER PRIMARY KEY, session TEXT NOT NULL, product TEXT NOT NULL,
			time INTEGER NOT NULL, event BLOB NOT NULL);
		CREATE INDEX events_for ON events (session, product, seq);
		CREATE INDEX events_time ON events (time);
		CREATE TABLE event_sessions (session TEXT PRIMARY KEY, first INTEGER NOT NULL, seen INTEGER NOT NULL);
		CREATE TABLE event_numbers (one INTEGER PRIMARY KEY CHECK (one = 1), reserved INTEGER NOT NULL);
		INSERT INTO event_numbers VALUES (1, 0);`)
}

func (s *shelf) reserved(ctx context.Context) (uint64, error) {
	var n uint64
	err := s.db.QueryRowContext(ctx, `SELECT reserved FROM event_numbers`).Scan(&n)
	return n, err
}

func (s *shelf) reserve(ctx context.Context, upTo uint64) error {
	_, err := s.db.ExecContext(ctx, `UPDATE event_numbers SET reserved = ?`, upTo)
	return err
}

// put keeps an event, and as many of the earlier ones for the same receiver
// as are allowed.
func (s *shelf) put(ctx context.Context, e api.Event) error {
	product := e.Product
	if e.Session != "" {
		product = "" // a receiver is a session or a product, never both
	}
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return store.InTx(ctx, s.db, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO events (seq, session, product, time, event) VALUES (?, ?, ?, ?, ?)`,
			e.Seq, e.Session, product, e.Time, body); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM events WHERE session = ?1 AND product = ?2 AND seq <=
			(SELECT seq FROM events WHERE session = ?1 AND product = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3)`,
			e.Session, product, s.keep)
		return err
	})
}

// meet notes that a session is there and gives the number of the last event
// before it came: what was said to its product earlier is not for it.
func (s *shelf) meet(ctx context.Context, session string, last uint64, now time.Time) (first uint64, err error) {
	err = store.InTx(ctx, s.db, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO event_sessions (session, first, seen) VALUES (?, ?, ?)
			ON CONFLICT (session) DO UPDATE SET seen = excluded.seen`, session, last, now.UnixMilli()); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM event_sessions WHERE session IN
			(SELECT session FROM event_sessions ORDER BY seen DESC LIMIT -1 OFFSET ?)`, keptSessions); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT first FROM event_sessions WHERE session = ?`, session).Scan(&first)
	})
	return first, err
}

// forget drops the events that a session has had.
func (s *shelf) forget(ctx context.Context, session string, upTo uint64) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM events WHERE session = ? AND product = '' AND seq <= ?`, session, upTo)
	return err
}

// page gives the next events for a session or its product, in order.
func (s *shelf) page(ctx context.Context, session, product string, after, first uint64, limit int) ([]api.Event, error) {
	const columns = `seq, event FROM events INDEXED BY events_for WHERE `
	rows, err := s.db.QueryContext(ctx, `SELECT event FROM (
		SELECT `+columns+`session = ?1 AND product = '' AND seq > ?3
		UNION ALL
		SELECT `+columns+`session = '' AND product = ?2 AND ?2 <> '' AND seq > ?4)
		ORDER BY seq LIMIT ?5`, session, product, after, max(after, first), limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []api.Event
	for rows.Next() {
		var body []byte
		var e api.Event
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &e); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// clear drops what is older than before.
func (s *shelf) clear(ctx context.Context, before time.Time) error {
	return store.InTx(ctx, s.db, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM events WHERE time < ?`, before.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM event_sessions WHERE seen < ?`, before.UnixMilli())
		return err
	})
}
