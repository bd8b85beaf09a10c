package license

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
	"iscdesk.dev/marketplace/agentapi"
)

const (
	// maxInbox bounds the pushed messages that wait for the loop; beyond it
	// everything is fetched anew instead.
	maxInbox = 256
	// maxDecided bounds what is remembered of decisions that overtook us.
	maxDecided = 256
)

// Pushed takes a message of the marketplace. It only puts it down; a hello
// means that the connection is new and that anything may have been missed.
func (e *Engine) Pushed(message agentapi.PushMessage) {
	e.mu.Lock()
	switch message.Type {
	case agentapi.Hello:
		e.resync = true
	case agentapi.LicenseDecided, agentapi.LicenseChanged, agentapi.LeaseRevoked:
		if len(e.inbox) < maxInbox {
			e.inbox = append(e.inbox, message)
		} else {
			e.resync = true
		}
	}
	e.mu.Unlock()
	e.look()
}

// takeInbox empties the inbox.
func (e *Engine) takeInbox() (messages []agentapi.PushMessage, resync bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	messages, resync = e.inbox, e.resync
	e.inbox, e.resync = nil, false
	return messages, resync
}

// wasDecided tells whether the decision on an application was pushed while the
// marketplace was being asked about it.
func (e *Engine) wasDecided(event string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	was := e.decided[event]
	delete(e.decided, event)
	return was
}

// receive carries out what was pushed.
func (e *Engine) receive(ctx context.Context, account string) error {
	messages, resync := e.takeInbox()
	for _, m := range messages {
		var err error
		switch m.Type {
		case agentapi.LicenseDecided:
			err = e.hint(ctx, m.ID)
		case agentapi.LicenseChanged:
			err = e.pushedChange(ctx, account, m.License)
		case agentapi.LeaseRevoked:
			err = e.revoked(ctx, m.ID)
		}
		if err != nil {
			return err
		}
	}
	if !resync {
		return nil
	}
	e.mu.Lock()
	e.listed = time.Time{}
	e.mu.Unlock()
	// The way is free again: everything that waited is due now.
	return store.InTx(ctx, e.config.DB, func(tx *sql.Tx) error {
		for _, statement := range []string{
			`UPDATE license_request SET due = 0, hints = hints + 1, attempts = min(attempts, 1) WHERE state = 'pending'`,
			`UPDATE license_request SET verdict_due = 1, verdict_attempts = 0 WHERE verdict_due != 0`,
			`UPDATE lease SET due = 0, hints = hints + 1, attempts = 0 WHERE attempts > 0`,
			`UPDATE license_kept SET due = 0, attempts = 0 WHERE stale > 0`,
		} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

// hint makes the request of an application due, and remembers that it is
// decided: an answer that was given earlier may still be on its way.
func (e *Engine) hint(ctx context.Context, event string) error {
	e.mu.Lock()
	if len(e.decided) >= maxDecided {
		clear(e.decided)
	}
	e.decided[event] = true
	e.mu.Unlock()
	_, err := e.config.DB.ExecContext(ctx, `UPDATE license_request SET due = 0, hints = hints + 1 WHERE application = ? AND state = 'pending'`, event)
	return err
}

// pushedChange applies a change that was pushed, unless the list brought it
// already, and writes it into the kept list, so that the next list does not
// bring it again.
func (e *Engine) pushedChange(ctx context.Context, account string, n agentapi.LicenseChangeNotice) error {
	var content string
	err := e.config.DB.QueryRowContext(ctx, `SELECT info FROM license_list WHERE account = ? AND instance = ?`, account, n.Instance).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return e.apply(ctx, account, n)
	}
	if err != nil {
		return err
	}
	var info agentapi.LicenseInfo
	if err := json.Unmarshal([]byte(content), &info); err != nil {
		return e.apply(ctx, account, n)
	}
	if string(info.Status) == string(n.Status) && (n.ExpireTime.IsZero() || info.ExpireTime.Equal(n.ExpireTime)) {
		return nil
	}
	info.Status = agentapi.LicenseInfoStatus(n.Status)
	if !n.ExpireTime.IsZero() {
		info.ExpireTime = n.ExpireTime
	}
	_, err = e.config.DB.ExecContext(ctx, `UPDATE license_list SET info = ? WHERE account = ? AND instance = ?`,
		string(encode(info)), account, n.Instance)
	if err != nil {
		return err
	}
	return e.apply(ctx, account, n)
}

// apply brings what is kept in line with a change of a licence, and tells the
// product's applications.
func (e *Engine) apply(ctx context.Context, account string, n agentapi.LicenseChangeNotice) error {
	renewed := n.Change == agentapi.LicenseChangeNoticeChangeRenewed
	_, err := e.config.DB.ExecContext(ctx, `UPDATE license_kept SET status = ?, expires = CASE WHEN ? != 0 THEN ? ELSE expires END,
		stale = CASE WHEN ? THEN stale + 1 ELSE stale END, due = CASE WHEN ? THEN 0 ELSE due END
		WHERE account = ? AND (instance = ? OR instance = '' AND product = ?)`,
		string(n.Status), seconds(n.ExpireTime), seconds(n.ExpireTime), renewed, renewed, account, n.Instance, n.Product)
	if err != nil {
		return err
	}
	// Leases of the product are renewed now: the marketplace decides on them.
	// A request that waits may have become possible.
	for _, statement := range []string{
		`UPDATE lease SET due = 0, hints = hints + 1 WHERE account = ? AND product = ? AND state IN ('held', 'wanted')`,
		`UPDATE license_request SET due = 0, hints = hints + 1 WHERE account = ? AND product = ? AND state = 'pending'`,
	} {
		if _, err := e.config.DB.ExecContext(ctx, statement, account, n.Product); err != nil {
			return err
		}
	}
	e.mu.Lock()
	e.listed = time.Time{}
	e.mu.Unlock()
	e.changed()
	if n.Change == agentapi.LicenseChangeNoticeChangeAssigned {
		return nil // nothing that a running application has to know
	}
	change := api.LicenseChange{
		Product: n.Product, Instance: n.Instance, Status: string(n.Status), Change: string(n.Change), ExpireTime: seconds(n.ExpireTime),
	}
	change.Reason = blockedBy(change.Status, n.Product, day(change.ExpireTime))
	e.publish(ctx, api.EventLicenseChanged, "", n.Product, change)
	return nil
}

// refresh fetches a kept answer anew whose licence was renewed. The old one
// serves until then.
func (e *Engine) refresh(ctx context.Context, k kept) {
	r := request{account: k.account, product: k.product, version: k.version, kind: k.kind, device: k.device}
	decision, err := e.consult(ctx, r)
	var g granted
	if err == nil && decision.State == agentapi.Granted {
		g, err = e.complete(ctx, r, decision)
	}
	if ctx.Err() != nil {
		return
	}
	now := e.now()
	if err == nil && decision.State == agentapi.Granted {
		e.logOn(e.replaceKept(ctx, k, g), "a renewed licence could not be kept")
		return
	}
	pause := growing(pollFirst, pollMost, k.attempts)
	stale := err != nil && !final(trouble(err)) || err == nil && decision.State == agentapi.Pending
	if err != nil && !errors.Is(err, context.Canceled) {
		e.log.Info("a renewed licence could not be fetched yet", "product", k.product, "error", trouble(err))
	}
	_, err = e.config.DB.ExecContext(ctx, `UPDATE license_kept SET stale = CASE WHEN ? THEN stale ELSE 0 END, attempts = attempts + 1, due = ?
		WHERE account = ? AND product = ? AND kind = ? AND device = ? AND stale = ?`,
		stale, now.Add(jittered(pause)).UnixMilli(), k.account, k.product, k.kind, k.device, k.stale)
	e.logOn(err, "the state of a kept licence could not be recorded")
}

// replaceKept writes a grant over the kept answer that it renews, if that is
// still kept: its user may have signed out.
func (e *Engine) replaceKept(ctx context.Context, k kept, g granted) error {
	return store.InTx(ctx, e.config.DB, func(tx *sql.Tx) error {
		const same = ` WHERE account = ? AND product = ? AND kind = ? AND device = ?`
		var stale int
		err := tx.QueryRowContext(ctx, `SELECT stale FROM license_kept`+same, k.account, k.product, k.kind, k.device).Scan(&stale)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = putKept(tx, k, g, e.now().UnixMilli())
		}
		if err == nil && stale != k.stale { // renewed once more meanwhile
			_, err = tx.ExecContext(ctx, `UPDATE license_kept SET stale = ?`+same, stale, k.account, k.product, k.kind, k.device)
		}
		return err
	})
}
