package license

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
)

// owner is the account that licences are kept for: that of the user who is
// signed in or whose login has expired, else the one who was here last. The
// login may be lost through no act of the user (a torn credential file, a
// locked Secret Service); what is licensed to him still starts. His own logout
// forgets the account (Forget). Empty: nobody.
func (e *Engine) owner(ctx context.Context) (account string, signedIn bool, err error) {
	now := e.config.Account()
	if now.UserID == "" {
		account, err = e.meta(ctx, metaAccount)
		return account, false, err
	}
	account = ownerKey(now)
	if e.isLeaving(account) {
		return "", false, nil
	}
	last, err := e.meta(ctx, metaAccount)
	if err == nil && last != account {
		err = e.setMeta(ctx, metaAccount, account)
	}
	return account, now.State == api.AccountSignedIn, err
}

func (e *Engine) isLeaving(account string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.leaving == account && e.now().Before(e.leavingUntil)
}

// leaveTime is the longest that giving an account up takes.
const leaveTime = 15 * time.Second

// ownerKey names an account among all marketplaces.
func ownerKey(a api.Account) string { return a.UserID + "@" + a.Marketplace }

// Forget lets go of an account that its user gave up: seats go back as far as
// the network allows, running applications hear that their lease is gone, and
// what was kept is deleted. Requests that are under way wait for the next
// user. It is called while the account's tokens still work.
func (e *Engine) Forget(ctx context.Context, account api.Account) {
	key := ownerKey(account)
	e.mu.Lock()
	e.leaving, e.leavingUntil = key, e.now().Add(leaveTime)
	e.mu.Unlock()
	rows, err := e.leases(ctx)
	if err != nil {
		e.log.Warn("leases could not be given back", "error", err)
	}
	for _, l := range rows {
		if l.account != key {
			continue
		}
		if l.state == leaseHeld {
			e.lost(ctx, l, api.Fail(api.SignedOut))
		}
		if l.state == leaseHeld || l.state == leaseReleasing {
			if err := e.config.Market.ReleaseLease(ctx, l.id); err != nil {
				e.log.Info("a seat could not be given back; it ends at the marketplace by itself", "lease", l.id, "error", err)
			}
		}
	}
	err = store.InTx(context.WithoutCancel(ctx), e.config.DB, func(tx *sql.Tx) error {
		for _, statement := range []string{
			`DELETE FROM lease WHERE account = ?`,
			`DELETE FROM license_kept WHERE account = ?`,
			`DELETE FROM license_list WHERE account = ?`,
			`UPDATE license_request SET account = '', application = '', attempts = 0, due = 0 WHERE account = ? AND state = 'pending'`,
			`DELETE FROM license_request WHERE account = ?`,
			`DELETE FROM license_meta WHERE name = 'account' AND value = ?`,
		} {
			if _, err := tx.Exec(statement, key); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`DELETE FROM license_file`)
		return err
	})
	e.deadlines.forget()
	if err != nil {
		e.log.Error("kept licences could not be deleted", "error", err)
	}
	e.look()
	e.changed()
}

// The names of what license_meta holds.
const (
	metaAccount = "account"
	metaClock   = "clock"
)

func (e *Engine) meta(ctx context.Context, name string) (string, error) {
	var value string
	err := e.config.DB.QueryRowContext(ctx, `SELECT value FROM license_meta WHERE name = ?`, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

func (e *Engine) setMeta(ctx context.Context, name, value string) error {
	_, err := e.config.DB.ExecContext(ctx, `INSERT INTO license_meta (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}
