package licensing

import (
	"context"
	"database/sql"
	"errors"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/isv"
)

// Vendor is a company that sells its software here.
type Vendor struct {
	ID   string
	Name string
	// AccessKey signs the callbacks that the vendor receives.
	AccessKey string
	// Credentials sign the open API calls that the vendor makes.
	isv.Credentials
	// ProductionURL is where callbacks go; empty: not registered yet.
	ProductionURL string
}

// AddVendor makes a vendor; Exists if there is one of that id or AK.
func (s *Service) AddVendor(ctx context.Context, v Vendor) error {
	return s.DB.Write(ctx, func(tx database.Tx) error {
		return insert(ctx, tx, v.ID, `INSERT INTO vendor (id, name, access_key, ak, sk, production_url) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			v.ID, v.Name, v.AccessKey, v.AK, v.SK, v.ProductionURL)
	})
}

// insert runs an INSERT … ON CONFLICT DO NOTHING and fails with Exists.
func insert(ctx context.Context, tx database.Tx, what, query string, args ...any) error {
	result, err := tx.Exec(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(fault.New(fault.Exists, "what", what), err)
	}
	return nil
}

// SetProductionURL registers where a vendor is called, and calls him at once
// about everything that waits for him, orders included that he missed.
func (s *Service) SetProductionURL(ctx context.Context, vendor, raw string) error {
	if _, err := isv.ProductionURL(raw); err != nil {
		return fault.New(fault.InvalidArgument, "argument", "url", "reason", err.Error())
	}
	now := s.now()
	err := s.DB.Write(ctx, func(tx database.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE vendor SET production_url = ? WHERE id = ?`, raw, vendor); err != nil {
			return err
		}
		const mine = `instance IN (SELECT i.id FROM instance i JOIN product p ON p.id = i.product WHERE p.vendor = ?)`
		if _, err := tx.Exec(ctx, `UPDATE vendor_job SET due = ? WHERE kind <> 'expire' AND due > ? AND `+mine,
			database.Millis(now), database.Millis(now), vendor); err != nil {
			return err
		}
		return s.revive(ctx, tx, vendor)
	})
	s.nudge()
	return err
}

// revive asks again for the instances that the vendor never answered about.
func (s *Service) revive(ctx context.Context, tx database.Tx, vendor string) error {
	ids, err := texts(ctx, tx, `SELECT i.id FROM instance i JOIN product p ON p.id = i.product
		WHERE p.vendor = ? AND i.state = 'failed' AND i.fail_code = ''`, vendor)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.create(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

func vendorByAK(ctx context.Context, tx database.Tx, ak string) (Vendor, error) {
	var v Vendor
	err := tx.QueryRow(ctx, `SELECT id, name, access_key, ak, sk, production_url FROM vendor WHERE ak = ?`, ak).
		Scan(&v.ID, &v.Name, &v.AccessKey, &v.AK, &v.SK, &v.ProductionURL)
	if errors.Is(err, sql.ErrNoRows) {
		return Vendor{}, fault.New(fault.NotFound, "what", "access key")
	}
	return v, err
}

// texts collects a query's single column.
func texts(ctx context.Context, tx database.Tx, query string, args ...any) (list []string, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, rows.Err()
}

// VendorByID finds a vendor; NotFound without one.
func (s *Service) VendorByID(ctx context.Context, id string) (Vendor, error) {
	var v Vendor
	err := s.DB.Read(ctx, func(tx database.Tx) error {
		return tx.QueryRow(ctx, `SELECT id, name, access_key, ak, sk, production_url FROM vendor WHERE id = ?`, id).
			Scan(&v.ID, &v.Name, &v.AccessKey, &v.AK, &v.SK, &v.ProductionURL)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Vendor{}, fault.New(fault.NotFound, "what", "vendor "+id)
	}
	return v, err
}
