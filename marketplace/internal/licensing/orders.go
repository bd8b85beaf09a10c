package licensing

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// Order is a purchase: an instance of a product with seats, for a period, and
// the users that it is assigned to.
type Order struct {
	Product  string
	Buyer    web.User
	Users    []string // ids
	Seats    int
	Features []string
	Years    int // 0: no end
	Trial    bool
}

// maxSeats bounds what an order can buy.
const maxSeats = 100_000

// PlaceOrder creates the instance and has the vendor called for it. It gives
// the instance's id.
func (s *Service) PlaceOrder(ctx context.Context, o Order) (string, error) {
	if o.Seats < 1 || o.Seats > maxSeats || o.Years < 0 || o.Years > 100 {
		return "", fault.New(fault.InvalidArgument, "argument", "order", "reason", "seats or period out of range")
	}
	if o.Features == nil {
		o.Features = []string{}
	}
	features, err := json.Marshal(o.Features)
	if err != nil {
		return "", err
	}
	id, now := newID("ins-"), s.now()
	expires := end(now, o.Years)
	err = s.DB.Write(ctx, func(tx database.Tx) error {
		if _, err := leaseKey(ctx, tx, o.Product); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO instance (id, product, tenant, vendor_instance, state, fail_code, fail_message, effective, expires, seats, features, trial, created)
			VALUES (?, ?, ?, '', 'creating', '', '', ?, ?, ?, ?, ?, ?)`, id, o.Product, o.Buyer.Tenant,
			database.Millis(now), database.Millis(expires), o.Seats, string(features), o.Trial, database.Millis(now))
		if err != nil {
			return err
		}
		for _, user := range o.Users {
			if _, err := tx.Exec(ctx, `INSERT INTO assignment (instance, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, id, user); err != nil {
				return err
			}
		}
		kind := "NEW"
		if o.Trial {
			kind = "TRIAL"
		}
		if _, err := s.book(ctx, tx, kind, id, o.Buyer, o.Years, expires); err != nil {
			return err
		}
		return s.create(ctx, tx, id)
	})
	s.nudge()
	return id, err
}

func end(from time.Time, years int) time.Time {
	if years == 0 {
		return time.Time{}
	}
	return from.AddDate(years, 0, 0)
}

// book writes an order and gives its id.
func (s *Service) book(ctx context.Context, tx database.Tx, kind, instance string, buyer web.User, years int, expires time.Time) (string, error) {
	now := s.now()
	id := "CS" + now.Format("060102150405") + strings.ToUpper(newID(""))[:8]
	mode, period := "PERIOD", "year"
	if years == 0 {
		mode, period = "ONE_TIME", ""
	}
	_, err := tx.Exec(ctx, `INSERT INTO license_order (id, line, instance, type, charging_mode, period_type, period_number, created, expires, buyer, buyer_name, company)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, id, id+"-000001", instance, kind, mode, period, years,
		database.Millis(now), database.Millis(expires), buyer.ID, buyer.UserName, buyer.TenantName)
	return id, err
}

// create puts an instance back to its beginning and queues newInstance.
func (s *Service) create(ctx context.Context, tx database.Tx, id string) error {
	_, err := tx.Exec(ctx, `UPDATE instance SET state = 'creating', fail_code = '', fail_message = '' WHERE id = ?`, id)
	if err != nil {
		return err
	}
	if err := s.queue(ctx, tx, job{ID: "new:" + id, Kind: jobNew, Lane: id, Instance: id}); err != nil {
		return err
	}
	return s.awaitEnd(ctx, tx, id)
}

// awaitEnd queues the news of an instance's end.
func (s *Service) awaitEnd(ctx context.Context, tx database.Tx, id string) error {
	var expires int64
	if err := tx.QueryRow(ctx, `SELECT expires FROM instance WHERE id = ?`, id).Scan(&expires); err != nil || expires == 0 {
		return err
	}
	return s.queue(ctx, tx, job{ID: "expire:" + id, Kind: jobExpire, Lane: "expire:" + id, Instance: id, Due: database.Time(expires)})
}

// Sold tells whether a product was ever ordered.
func (s *Service) Sold(ctx context.Context, product string) (bool, error) {
	var n int
	err := s.DB.Read(ctx, func(tx database.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM instance WHERE product = ?`, product).Scan(&n)
	})
	return n > 0, err
}
