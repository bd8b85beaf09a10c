package licensing

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
)

// The states of an instance. That it has expired follows from its end.
const (
	stateCreating = "creating"
	stateActive   = "active"
	stateFrozen   = "frozen"
	stateReleased = "released"
	stateFailed   = "failed"
)

// instance is what an order bought.
type instance struct {
	ID, Product, ProductName, Vendor, Tenant string
	VendorInstance, State                    string
	FailCode, FailMessage                    string
	Effective, Expires                       time.Time
	Seats                                    int
	Features                                 []string
	Trial                                    bool
	Created                                  time.Time
}

// status is how people see an instance at a time.
func (i instance) status(now time.Time) agentapi.LicenseInfoStatus {
	switch {
	case i.State == stateReleased || i.State == stateFailed:
		return agentapi.LicenseInfoStatusReleased
	case i.State == stateFrozen:
		return agentapi.LicenseInfoStatusFrozen
	case !i.Expires.IsZero() && !now.Before(i.Expires):
		return agentapi.LicenseInfoStatusExpired
	default:
		return agentapi.LicenseInfoStatusActive
	}
}

// usable tells why an instance may not be used at a time; nil: it may.
func (i instance) usable(now time.Time) error {
	switch {
	case i.State == stateFailed && i.FailCode == "":
		return fault.New(fault.LicenseVendorUnreachable)
	case i.State == stateFailed:
		return fault.New(fault.LicenseVendorRefused, "vendorCode", i.FailCode, "vendorMessage", i.FailMessage, "event", i.ID)
	case i.State == stateReleased:
		return fault.New(fault.LicenseReleased, "product", i.Product)
	case i.State == stateFrozen:
		return fault.New(fault.LicenseFrozen, "product", i.Product)
	case !i.Expires.IsZero() && !now.Before(i.Expires):
		return fault.New(fault.LicenseExpired, "product", i.Product, "date", i.Expires.Format(time.DateOnly))
	case now.Before(i.Effective):
		return fault.New(fault.LicenseOutsidePeriod)
	}
	return nil
}

// choose picks the instance that serves a user: a usable one before any
// other, a bought one before a trial, then the oldest. Where none is usable
// the reason is that of the one that people would name first.
func choose(product string, instances []instance, now time.Time) (instance, error) {
	var best *instance
	for n := range instances {
		if best == nil || better(instances[n], *best, now) {
			best = &instances[n]
		}
	}
	if best == nil {
		return instance{}, fault.New(fault.LicenseNotEntitled, "product", product)
	}
	return *best, best.usable(now)
}

func better(a, b instance, now time.Time) bool {
	if ra, rb := rank(a, now), rank(b, now); ra != rb {
		return ra < rb
	}
	if a.Trial != b.Trial {
		return b.Trial
	}
	if !a.Created.Equal(b.Created) {
		return a.Created.Before(b.Created)
	}
	return a.ID < b.ID
}

// rank orders the reasons: usable, frozen, expired, not yet, gone.
func rank(i instance, now time.Time) int {
	switch err := i.usable(now); {
	case err == nil:
		return 0
	case errors.Is(err, fault.LicenseFrozen):
		return 1
	case errors.Is(err, fault.LicenseExpired):
		return 2
	case errors.Is(err, fault.LicenseOutsidePeriod):
		return 3
	default:
		return 4
	}
}

const selectInstance = `SELECT i.id, i.product, p.name, p.vendor, i.tenant, i.vendor_instance, i.state, i.fail_code, i.fail_message,
	i.effective, i.expires, i.seats, i.features, i.trial, i.created FROM instance i JOIN product p ON p.id = i.product `

func scanInstance(row interface{ Scan(...any) error }) (instance, error) {
	var i instance
	var effective, expires, created int64
	var features string
	err := row.Scan(&i.ID, &i.Product, &i.ProductName, &i.Vendor, &i.Tenant, &i.VendorInstance, &i.State, &i.FailCode, &i.FailMessage,
		&effective, &expires, &i.Seats, &features, &i.Trial, &created)
	if err != nil {
		return instance{}, err
	}
	i.Effective, i.Expires, i.Created = database.Time(effective), database.Time(expires), database.Time(created)
	return i, json.Unmarshal([]byte(features), &i.Features)
}

func instanceByID(ctx context.Context, tx database.Tx, id string) (instance, error) {
	i, err := scanInstance(tx.QueryRow(ctx, selectInstance+`WHERE i.id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return instance{}, fault.New(fault.NotFound, "what", id)
	}
	return i, err
}

func instances(ctx context.Context, tx database.Tx, where string, args ...any) (list []instance, err error) {
	rows, err := tx.Query(ctx, selectInstance+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		i, err := scanInstance(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, i)
	}
	return list, rows.Err()
}

// assigned lists a user's instances; product "" means of all products.
func assigned(ctx context.Context, tx database.Tx, user, product string) ([]instance, error) {
	where, args := `JOIN assignment a ON a.instance = i.id WHERE a.user_id = ?`, []any{user}
	if product != "" {
		where, args = where+` AND i.product = ?`, append(args, product)
	}
	return instances(ctx, tx, where+` ORDER BY i.created, i.id`, args...)
}

// holders lists who an instance is assigned to.
func holders(ctx context.Context, tx database.Tx, instance string) ([]string, error) {
	return texts(ctx, tx, `SELECT user_id FROM assignment WHERE instance = ? ORDER BY user_id`, instance)
}
