package licensing

import (
	"context"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/web"
)

// Freeze stops an instance at once, tells the vendor and the holders, and
// revokes its leases. It succeeds if the instance is frozen already.
func (s *Service) Freeze(ctx context.Context, id string) error {
	return s.lifecycle(ctx, id, func(w *work, i instance) error {
		if i.State == stateFrozen {
			return nil
		}
		return s.turn(ctx, w, i, stateFrozen, job{Kind: jobStatus, Detail: isv.StatusFreeze}, agentapi.LicenseChangeNoticeChangeFrozen)
	})
}

// Unfreeze lets a frozen instance be used again.
func (s *Service) Unfreeze(ctx context.Context, id string) error {
	return s.lifecycle(ctx, id, func(w *work, i instance) error {
		if i.State != stateFrozen {
			return nil
		}
		state := stateActive
		if i.VendorInstance == "" {
			state = stateCreating
		}
		return s.turn(ctx, w, i, state, job{Kind: jobStatus, Detail: isv.StatusUnfreeze}, agentapi.LicenseChangeNoticeChangeUnfrozen)
	})
}

// Release ends an instance for good: its licences are void, its leases are
// revoked.
func (s *Service) Release(ctx context.Context, id string) error {
	return s.lifecycle(ctx, id, func(w *work, i instance) error {
		if err := s.refuseAll(ctx, w, id, fault.New(fault.LicenseReleased, "product", i.Product)); err != nil {
			return err
		}
		if _, err := w.Exec(ctx, `DELETE FROM vendor_job WHERE lane = ? AND kind <> 'new'`, id); err != nil {
			return err
		}
		return s.turn(ctx, w, i, stateReleased, job{Kind: jobRelease}, agentapi.LicenseChangeNoticeChangeReleased)
	})
}

// turn brings an instance into a state, queues the call that tells the
// vendor, and tells the holders. The call comes after those that were queued
// before it, newInstance too; only what the vendor refused to create needs none.
func (s *Service) turn(ctx context.Context, w *work, i instance, state string, call job, change agentapi.LicenseChangeNoticeChange) error {
	if _, err := w.Exec(ctx, `UPDATE instance SET state = ? WHERE id = ?`, state, i.ID); err != nil {
		return err
	}
	if i.State != stateFailed {
		call.ID, call.Lane, call.Instance = newID("job-"), i.ID, i.ID
		if err := s.queue(ctx, w, call); err != nil {
			return err
		}
	}
	if state != stateActive && state != stateCreating {
		if err := s.revokeLeases(ctx, w, i.ID); err != nil {
			return err
		}
	}
	return s.changed(ctx, w, i.ID, change)
}

// Renew extends an instance by whole years, from its end if that is still to
// come, else from now; years 0 makes it endless. The vendor learns it as a
// renewal order and may upload new licences for the events that he knows.
func (s *Service) Renew(ctx context.Context, id string, years int) error {
	if years < 0 || years > 100 {
		return fault.New(fault.InvalidArgument, "argument", "years", "reason", "not between 0 and 100")
	}
	return s.lifecycle(ctx, id, func(w *work, i instance) error {
		now := s.now()
		from := now
		if i.Expires.After(now) {
			from = i.Expires
		}
		expires := end(from, years)
		if _, err := w.Exec(ctx, `UPDATE instance SET expires = ? WHERE id = ?`, database.Millis(expires), id); err != nil {
			return err
		}
		buyer, err := s.buyer(ctx, w, id)
		if err != nil {
			return err
		}
		order, err := s.book(ctx, w, "RENEW", id, buyer, years, expires)
		if err != nil {
			return err
		}
		if i.State != stateFailed && !expires.IsZero() {
			if err := s.queue(ctx, w, job{ID: newID("job-"), Kind: jobRefresh, Lane: id, Instance: id, Detail: order}); err != nil {
				return err
			}
		}
		if err := s.awaitEnd(ctx, w, id); err != nil {
			return err
		}
		return s.changed(ctx, w, id, agentapi.LicenseChangeNoticeChangeRenewed)
	})
}

// Retry asks the vendor again for an instance that he did not create.
func (s *Service) Retry(ctx context.Context, id string) error {
	return s.lifecycle(ctx, id, func(w *work, i instance) error {
		if i.State != stateFailed && i.State != stateCreating {
			return nil
		}
		return s.create(ctx, w, id)
	})
}

// lifecycle changes an instance that is not released.
func (s *Service) lifecycle(ctx context.Context, id string, change func(*work, instance) error) error {
	err := s.write(ctx, func(w *work) error {
		i, err := instanceByID(ctx, w, id)
		if err != nil {
			return err
		}
		if i.State == stateReleased {
			return fault.New(fault.LicenseReleased, "product", i.Product)
		}
		return change(w, i)
	})
	s.nudge()
	return err
}

func (s *Service) buyer(ctx context.Context, tx database.Tx, instance string) (web.User, error) {
	var u web.User
	err := tx.QueryRow(ctx, `SELECT buyer, buyer_name, company FROM license_order WHERE instance = ? ORDER BY created, id LIMIT 1`, instance).
		Scan(&u.ID, &u.UserName, &u.TenantName)
	return u, err
}

// Licenses lists a user's licences.
func (s *Service) Licenses(ctx context.Context, user string) ([]agentapi.LicenseInfo, error) {
	list := []agentapi.LicenseInfo{}
	now := s.now()
	err := s.DB.Read(ctx, func(tx database.Tx) error {
		all, err := assigned(ctx, tx, user, "")
		if err != nil {
			return err
		}
		for _, i := range all {
			info, err := describe(ctx, tx, i, now)
			if err != nil {
				return err
			}
			list = append(list, info)
		}
		return nil
	})
	return list, err
}

func describe(ctx context.Context, tx database.Tx, i instance, now time.Time) (agentapi.LicenseInfo, error) {
	used, err := seatsUsed(ctx, tx, i.ID, now)
	return agentapi.LicenseInfo{
		Product: i.Product, ProductName: i.ProductName, Instance: i.ID, Status: i.status(now),
		EffectiveTime: i.Effective, ExpireTime: i.Expires, Trial: i.Trial, Features: i.Features,
		SeatsTotal: i.Seats, SeatsUsed: used,
	}, err
}
