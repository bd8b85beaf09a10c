package licensing

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
)

// The states of a lease. A held lease takes a seat until it was not renewed
// in time; one that ended may be renewed if a seat is free.
const (
	leaseHeld     = "held"
	leaseEnded    = "ended"
	leaseReleased = "released"
	leaseRevoked  = "revoked"
)

// Bounds of what a lease says; the SDK refuses longer tokens.
const (
	maxLeaseText     = 1024
	maxLeaseFeatures = 256
)

// lease is a taken seat.
type lease struct {
	ID, Instance, Product, User    string
	Session, Device, OSUser, Nonce string
	Features                       []string
	State                          string
}

// seatsUsed counts the seats that are taken at a time.
func seatsUsed(ctx context.Context, tx database.Tx, instance string, now time.Time) (int, error) {
	var n int
	err := tx.QueryRow(ctx, `SELECT count(*) FROM lease WHERE instance = ? AND state = 'held' AND held_until > ?`, instance, database.Millis(now)).Scan(&n)
	return n, err
}

// reap gives back the seats whose leases ended without renewal.
func reap(ctx context.Context, tx database.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE lease SET state = 'ended' WHERE state = 'held' AND held_until <= ?`, database.Millis(now))
	return err
}

// Acquire takes a seat for a session and signs its lease. The session that
// has one gets that one again, with its new nonce.
func (s *Service) Acquire(ctx context.Context, user string, a agentapi.LeaseApplication) (agentapi.SignedLease, error) {
	if err := checkLease(a); err != nil {
		return agentapi.SignedLease{}, err
	}
	var signed agentapi.SignedLease
	err := s.write(ctx, func(w *work) error {
		now := s.now()
		list, err := assigned(ctx, w, user, a.Product)
		if err != nil {
			return err
		}
		if err := reap(ctx, w, now); err != nil {
			return err
		}
		l, i, err := s.seat(ctx, w, user, a, list, now)
		if err != nil {
			return err
		}
		l.Nonce, l.Device, l.OSUser = a.Nonce, a.Device, a.OsUser
		if l.Features, err = included(i.Features, a.Features); err != nil {
			return err
		}
		signed, err = s.hold(ctx, w, l, i, now)
		return err
	})
	return signed, err
}

func checkLease(a agentapi.LeaseApplication) error {
	for name, value := range map[string]string{
		"product": a.Product, "session": a.Session, "device": a.Device, "osUser": a.OsUser, "nonce": a.Nonce,
	} {
		if value == "" || len(value) > maxLeaseText {
			return fault.New(fault.InvalidArgument, "argument", name, "reason", "empty or too long")
		}
	}
	if len(a.Features) > maxLeaseFeatures {
		return fault.New(fault.InvalidArgument, "argument", "features", "reason", "too many")
	}
	return nil
}

// included gives the features that a lease includes: all of the licence if none
// is asked for.
func included(licensed, asked []string) ([]string, error) {
	if len(asked) == 0 {
		return licensed, nil
	}
	for _, f := range asked {
		if !slices.Contains(licensed, f) {
			return nil, fault.New(fault.LeaseNoFeature, "feature", f)
		}
	}
	return asked, nil
}

// seat finds the session's lease, or a free seat for a new one.
func (s *Service) seat(ctx context.Context, tx database.Tx, user string, a agentapi.LeaseApplication, list []instance, now time.Time) (lease, instance, error) {
	i, err := choose(a.Product, list, now)
	if err != nil {
		return lease{}, i, err
	}
	held, err := scanLease(tx.QueryRow(ctx, selectLease+`WHERE user_id = ? AND session = ? AND product = ? AND state = 'held'`, user, a.Session, a.Product))
	if err == nil {
		i, err = instanceByID(ctx, tx, held.Instance)
		return held, i, errors.Join(err, i.usable(now))
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return lease{}, i, err
	}
	total := 0
	for _, i := range list {
		if i.usable(now) != nil {
			continue
		}
		used, err := seatsUsed(ctx, tx, i.ID, now)
		if err != nil {
			return lease{}, i, err
		}
		if used < i.Seats {
			return lease{ID: newID("lea-"), Instance: i.ID, Product: a.Product, User: user, Session: a.Session}, i, nil
		}
		total += i.Seats
	}
	return lease{}, i, noSeat(a.Product, total)
}

func noSeat(product string, total int) error {
	return fault.New(fault.LeaseNoSeat, "product", product, "total", strconv.Itoa(total))
}

// RenewLease signs a lease anew. One that ended meanwhile takes its seat again if
// one is free.
func (s *Service) RenewLease(ctx context.Context, user, id string) (agentapi.SignedLease, error) {
	var signed agentapi.SignedLease
	err := s.write(ctx, func(w *work) error {
		now := s.now()
		if err := reap(ctx, w, now); err != nil {
			return err
		}
		l, err := ownLease(ctx, w, user, id)
		if err != nil {
			return err
		}
		i, err := instanceByID(ctx, w, l.Instance)
		if err != nil {
			return err
		}
		if err := s.renewable(ctx, w, l, i, now); err != nil {
			return err
		}
		signed, err = s.hold(ctx, w, l, i, now)
		return err
	})
	return signed, err
}

func (s *Service) renewable(ctx context.Context, tx database.Tx, l lease, i instance, now time.Time) error {
	if err := i.usable(now); err != nil {
		return err
	}
	switch l.State {
	case leaseRevoked:
		return fault.New(fault.LeaseRevoked)
	case leaseReleased:
		return fault.New(fault.LeaseNotHeld)
	case leaseEnded:
		used, err := seatsUsed(ctx, tx, i.ID, now)
		if err == nil && used >= i.Seats {
			err = noSeat(i.Product, i.Seats)
		}
		return err
	}
	return nil
}

// hold writes a lease down as held and signs it.
func (s *Service) hold(ctx context.Context, tx database.Tx, l lease, i instance, now time.Time) (agentapi.SignedLease, error) {
	key, err := leaseKey(ctx, tx, i.Product)
	if err != nil {
		return agentapi.SignedLease{}, err
	}
	expires, grace := terms(now, i.Expires, s.Timing)
	features, err := json.Marshal(l.Features)
	if err != nil {
		return agentapi.SignedLease{}, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO lease (id, instance, product, user_id, session, device, os_user, nonce, features, state, held_until)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'held', ?)
		ON CONFLICT (id) DO UPDATE SET device = excluded.device, os_user = excluded.os_user, nonce = excluded.nonce,
			features = excluded.features, state = 'held', held_until = excluded.held_until`,
		l.ID, l.Instance, l.Product, l.User, l.Session, l.Device, l.OSUser, l.Nonce, string(features), database.Millis(expires.Add(s.Timing.Margin)))
	if err != nil {
		return agentapi.SignedLease{}, err
	}
	token, err := s.token(l, now, expires, grace, key)
	return agentapi.SignedLease{ID: l.ID, Token: token, Expires: expires, Grace: grace}, err
}

func (s *Service) token(l lease, now, expires, grace time.Time, key ed25519.PrivateKey) (string, error) {
	return sign(claims{
		Issuer: s.Issuer, Product: l.Product, Subject: l.User, ID: l.ID, OSUser: l.OSUser, Device: l.Device,
		Session: l.Session, Nonce: l.Nonce, Features: l.Features,
		IssuedAt: now.Unix(), NotBefore: now.Add(-clockSkew).Unix(), Expires: expires.Unix(), Grace: grace.Unix(),
	}, key)
}

// terms is how long a lease lasts: never beyond the end of what was bought.
func terms(now, bought time.Time, t Timing) (expires, grace time.Time) {
	expires = now.Add(t.Lease).Truncate(time.Second)
	grace = expires.Add(t.Grace)
	if !bought.IsZero() {
		bought = bought.Truncate(time.Second)
		if bought.Before(expires) {
			expires = bought
		}
		if bought.Before(grace) {
			grace = bought
		}
	}
	if least := now.Truncate(time.Second); expires.Before(least) { // the last second of the licence
		expires, grace = least, least
	}
	return expires, grace
}

// ReleaseLease gives a seat back; it succeeds if it is back already.
func (s *Service) ReleaseLease(ctx context.Context, user, id string) error {
	return s.write(ctx, func(w *work) error {
		l, err := ownLease(ctx, w, user, id)
		if errors.Is(err, fault.LeaseNotHeld) {
			return nil
		}
		if err != nil || l.State != leaseHeld && l.State != leaseEnded {
			return err
		}
		_, err = w.Exec(ctx, `UPDATE lease SET state = 'released' WHERE id = ?`, id)
		return err
	})
}

// revokeLeases takes back the seats of an instance and tells their holders.
func (s *Service) revokeLeases(ctx context.Context, w *work, instance string) error {
	ids, err := texts(ctx, w, `SELECT id FROM lease WHERE instance = ? AND state IN ('held', 'ended')`, instance)
	if err != nil {
		return err
	}
	for _, id := range ids {
		l, err := scanLease(w.QueryRow(ctx, selectLease+`WHERE id = ?`, id))
		if err != nil {
			return err
		}
		if _, err := w.Exec(ctx, `UPDATE lease SET state = 'revoked' WHERE id = ?`, id); err != nil {
			return err
		}
		w.tell(agentapi.PushMessage{Type: agentapi.LeaseRevoked, ID: id}, l.User)
	}
	return nil
}

const selectLease = `SELECT id, instance, product, user_id, session, device, os_user, nonce, features, state FROM lease `

func scanLease(row interface{ Scan(...any) error }) (lease, error) {
	var l lease
	var features string
	err := row.Scan(&l.ID, &l.Instance, &l.Product, &l.User, &l.Session, &l.Device, &l.OSUser, &l.Nonce, &features, &l.State)
	if err != nil {
		return lease{}, err
	}
	return l, json.Unmarshal([]byte(features), &l.Features)
}

// ownLease finds a lease of the user; another's does not exist for him.
func ownLease(ctx context.Context, tx database.Tx, user, id string) (lease, error) {
	l, err := scanLease(tx.QueryRow(ctx, selectLease+`WHERE id = ? AND user_id = ?`, id, user))
	if errors.Is(err, sql.ErrNoRows) {
		return lease{}, fault.New(fault.LeaseNotHeld)
	}
	return l, err
}
