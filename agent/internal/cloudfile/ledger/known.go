package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"iscdesk.dev/agent/api"
)

// maxListings bounds how many folders are remembered for each account.
const maxListings = 2000

// KeepListing remembers a folder for when the marketplace cannot be reached.
func (l *Ledger) KeepListing(ctx context.Context, account string, listing api.Listing, now time.Time) error {
	return l.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO files_listings (account, path, content, updated) VALUES (?, ?, ?, ?)`,
			account, listing.Path, encode(listing), millis(now))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM files_listings WHERE account = ?1 AND path NOT IN
			(SELECT path FROM files_listings WHERE account = ?1 ORDER BY updated DESC LIMIT ?2)`, account, maxListings)
		return err
	})
}

// Listing is a folder as it was known last.
func (l *Ledger) Listing(ctx context.Context, account, path string) (api.Listing, bool, error) {
	var content string
	err := l.db.QueryRowContext(ctx, `SELECT content FROM files_listings WHERE account = ? AND path = ?`, account, path).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return api.Listing{}, false, nil
	}
	var listing api.Listing
	if err == nil {
		err = json.Unmarshal([]byte(content), &listing)
	}
	return listing, err == nil, fault(err)
}

// SetPersonal remembers the name of an account's own space.
func (l *Ledger) SetPersonal(ctx context.Context, account, space string) error {
	_, err := l.db.ExecContext(ctx, `INSERT OR REPLACE INTO files_accounts (account, personal) VALUES (?, ?)`, account, space)
	return fault(err)
}

// Personal is the name of an account's own space; empty where it was never
// heard.
func (l *Ledger) Personal(ctx context.Context, account string) (string, error) {
	var space string
	err := l.db.QueryRowContext(ctx, `SELECT personal FROM files_accounts WHERE account = ?`, account).Scan(&space)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return space, fault(err)
}

// Move gives a save whose target was not known in full its path.
func (l *Ledger) Move(ctx context.Context, r Row, path string) error {
	return l.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE files_outbox SET path = ? WHERE account = ? AND path = ? AND state = 'queued'`, path, r.Account, r.Path); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE files_bindings SET path = ? WHERE account = ? AND path = ?`, path, r.Account, r.Path)
		return err
	})
}

// Listings gives every folder that is remembered for an account to f.
func (l *Ledger) Listings(ctx context.Context, account string, f func(api.Listing)) error {
	return l.each(ctx, func(rows *sql.Rows) error {
		var content []byte
		if err := rows.Scan(&content); err != nil {
			return err
		}
		var listing api.Listing
		if err := json.Unmarshal(content, &listing); err != nil {
			return err
		}
		f(listing)
		return nil
	}, `SELECT content FROM files_listings WHERE account = ?`, account)
}
