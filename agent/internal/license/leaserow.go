package license

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// leaseRow is a row of lease.
type leaseRow struct {
	session, account, product, device string
	features                          []string
	nonce                             string
	id, token                         string
	expires, grace                    time.Time // grace as it counts here, see shorten
	signedGrace                       time.Time // as the vendor signed it
	renewed                           time.Time // when the token came
	state                             leaseState
	attempts, hints                   int
	due, updated                      time.Time
}

func (e *Engine) leases(ctx context.Context) ([]leaseRow, error) {
	rows, err := e.config.DB.QueryContext(ctx, `SELECT session, account, product, device, features, nonce, id, token, expires, grace, state, attempts, hints, due, updated, renewed
		FROM lease ORDER BY updated`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells
	var list []leaseRow
	for rows.Next() {
		var l leaseRow
		var features string
		var expires, grace, due, updated, renewed int64
		if err := rows.Scan(&l.session, &l.account, &l.product, &l.device, &features, &l.nonce, &l.id, &l.token,
			&expires, &grace, &l.state, &l.attempts, &l.hints, &due, &updated, &renewed); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(features), &l.features); err != nil {
			return nil, err
		}
		l.expires, l.signedGrace, l.due, l.updated = time.Unix(expires, 0), time.Unix(grace, 0), time.UnixMilli(due), time.UnixMilli(updated)
		if l.renewed = l.updated; renewed != 0 { // 0: from before this was kept
			l.renewed = time.UnixMilli(renewed)
		}
		list = append(list, l.shorten(e.offline()))
	}
	return list, rows.Err()
}

// leaseOf gives the lease of a session; ok tells whether there is one.
func (e *Engine) leaseOf(ctx context.Context, session string) (l leaseRow, ok bool, err error) {
	list, err := e.leases(ctx)
	if err != nil {
		return leaseRow{}, false, err
	}
	i := slices.IndexFunc(list, func(l leaseRow) bool { return l.session == session })
	if i < 0 {
		return leaseRow{}, false, nil
	}
	return list[i], true, nil
}

// putLease writes a lease. If something made it due while it was in hand
// (hints has moved on), it stays due.
func (e *Engine) putLease(ctx context.Context, l leaseRow) error {
	_, err := e.config.DB.ExecContext(ctx, `INSERT INTO lease (session, account, product, device, features, nonce, id, token, expires, grace, state, attempts, hints, due, updated, renewed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (session) DO UPDATE SET account = excluded.account, product = excluded.product, device = excluded.device,
			features = excluded.features, nonce = excluded.nonce, id = excluded.id, token = excluded.token, expires = excluded.expires,
			grace = excluded.grace, state = excluded.state, attempts = excluded.attempts,
			due = CASE WHEN lease.hints <= excluded.hints THEN excluded.due ELSE 0 END, updated = excluded.updated, renewed = excluded.renewed`,
		l.session, l.account, l.product, l.device, string(encode(l.features)), l.nonce, l.id, l.token, l.expires.Unix(), l.signedGrace.Unix(),
		l.state, l.attempts, l.hints, l.due.UnixMilli(), e.now().UnixMilli(), l.renewed.UnixMilli())
	e.deadlines.forget()
	if err == nil {
		e.changed()
	}
	return err
}

func (e *Engine) dropLease(ctx context.Context, session string) error {
	_, err := e.config.DB.ExecContext(ctx, `DELETE FROM lease WHERE session = ?`, session)
	e.deadlines.forget()
	if err == nil {
		e.changed()
	}
	return err
}

// signed gives l as it stands with a token that came just now.
func (l leaseRow) signed(s agentapi.SignedLease, now time.Time, jitter float64) leaseRow {
	l.id, l.token, l.expires, l.grace, l.state, l.attempts = s.ID, s.Token, s.Expires, s.Grace, leaseHeld, 0
	l.signedGrace, l.renewed = s.Grace, now
	l.due = now.Add(renewAfter(now, s.Expires, jitter))
	return l
}

// shorten gives l as it counts where the administrator lets a lease be used
// without the marketplace for a time only (0: as long as it was signed for): it
// is renewed early enough, and ends sooner. It never ends later than signed.
func (l leaseRow) shorten(offline time.Duration) leaseRow {
	l.grace = l.signedGrace
	if offline <= 0 {
		return l
	}
	l.grace = earlier(l.grace, l.renewed.Add(offline))
	if l.attempts == 0 {
		l.due = earlier(l.due, l.renewed.Add(offline/2))
	}
	return l
}

func (l leaseRow) grant() api.LeaseGrant { return api.LeaseGrant{ID: l.id, Token: l.token} }

// info shows a lease.
func (l leaseRow) info(now time.Time) api.LeaseInfo {
	state := "active"
	switch {
	case !now.Before(l.grace):
		state = "expired"
	case !now.Before(l.expires):
		state = "grace"
	case l.attempts > 0 || !now.Before(l.due):
		state = "renewing"
	}
	return api.LeaseInfo{
		ID: l.id, Session: l.session, Device: l.device[:min(shownDevice, len(l.device))], State: state, Features: l.features,
		Expires: l.expires.Unix(), Grace: l.grace.Unix(),
	}
}

// shownDevice is how much of a machine's identity is shown.
const shownDevice = 8
