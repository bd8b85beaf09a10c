package message

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
)

// The limits of what is kept.
const (
	keepMessages = 500
	keepMarks    = 5000
	keepFor      = 90 * 24 * time.Hour
)

// table keeps the messages and the marks.
type table struct{ db *sql.DB }

func openTable(ctx context.Context, db *sql.DB) (table, error) {
	err := store.Migrate(ctx, db, "message",
		`CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, read INTEGER NOT NULL DEFAULT 0, message TEXT NOT NULL);
		CREATE TABLE message_marks (subject TEXT PRIMARY KEY, mark TEXT NOT NULL, time INTEGER NOT NULL) WITHOUT ROWID;`,
		`ALTER TABLE messages ADD COLUMN account TEXT NOT NULL DEFAULT ''; -- whose it is; empty: everybody's who signs in`)
	return table{db}, err
}

// add keeps a note of an account, unless its subject bears that mark already.
// told says whether there is a new message.
func (t table) add(ctx context.Context, account string, n note) (told bool, err error) {
	text, err := json.Marshal(n.message)
	if err != nil {
		return false, err
	}
	err = store.InTx(ctx, t.db, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `INSERT INTO message_marks (subject, mark, time) VALUES (?, ?, ?)
			ON CONFLICT (subject) DO UPDATE SET mark = excluded.mark, time = excluded.time WHERE mark <> excluded.mark`,
			n.subject, n.mark, n.message.Time)
		if err != nil {
			return err
		}
		news, err := result.RowsAffected()
		if err != nil || news == 0 || n.message.Kind == "" {
			return err
		}
		told = true
		if _, err := tx.ExecContext(ctx, `INSERT INTO messages (time, message, account) VALUES (?, ?, ?)`, n.message.Time, string(text), account); err != nil {
			return err
		}
		return prune(ctx, tx, n.message.Time)
	})
	return told && err == nil, err
}

// prune drops what is too old or too much.
func prune(ctx context.Context, tx *sql.Tx, now int64) error {
	old := now - keepFor.Milliseconds()
	for _, s := range []struct {
		statement string
		argument  int64
	}{
		{`DELETE FROM messages WHERE time < ?`, old},
		{`DELETE FROM messages WHERE id IN (SELECT id FROM messages ORDER BY id DESC LIMIT -1 OFFSET ?)`, keepMessages},
		{`DELETE FROM message_marks WHERE time < ?`, old},
		{`DELETE FROM message_marks WHERE subject IN (SELECT subject FROM message_marks ORDER BY time DESC LIMIT -1 OFFSET ?)`, keepMarks},
	} {
		if _, err := tx.ExecContext(ctx, s.statement, s.argument); err != nil {
			return err
		}
	}
	return nil
}

// list gives the messages of an account since a moment, the latest first.
func (t table) list(ctx context.Context, account string, since int64) ([]api.Message, error) {
	rows, err := t.db.QueryContext(ctx, `SELECT id, read, message FROM messages WHERE time >= ? AND account IN ('', ?) ORDER BY id DESC LIMIT ?`,
		since, account, keepMessages)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []api.Message
	for rows.Next() {
		var id int64
		var read bool
		var text string
		if err := rows.Scan(&id, &read, &text); err != nil {
			return nil, err
		}
		var m api.Message
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			return nil, err
		}
		m.ID, m.Read = strconv.FormatInt(id, 10), read
		all = append(all, m)
	}
	return all, rows.Err()
}

// read marks messages as read; no ids: all of the account. It tells whether one
// was unread.
func (t table) read(ctx context.Context, account string, ids []string) (changed bool, err error) {
	err = store.InTx(ctx, t.db, func(tx *sql.Tx) error {
		if len(ids) == 0 {
			changed, err = affects(tx.ExecContext(ctx, `UPDATE messages SET read = 1 WHERE read = 0 AND account IN ('', ?)`, account))
			return err
		}
		for _, id := range ids {
			number, err := strconv.ParseInt(id, 10, 64)
			if err != nil {
				continue // no message has such an id
			}
			one, err := affects(tx.ExecContext(ctx, `UPDATE messages SET read = 1 WHERE read = 0 AND id = ?`, number))
			if err != nil {
				return err
			}
			changed = changed || one
		}
		return nil
	})
	return changed && err == nil, err
}

func affects(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}
