package licensing

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"errors"
	"regexp"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
)

// Product is an application that is sold.
type Product struct {
	ID     string // letters, digits, '.', '_' and '-'; at most 64
	Name   string // for people
	Vendor string
}

func validProduct(id string) bool {
	return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`).MatchString(id)
}

// AddProduct makes a product and the key that signs its leases; Exists if
// there is one of that id.
func (s *Service) AddProduct(ctx context.Context, p Product) error {
	if !validProduct(p.ID) || p.Name == "" {
		return fault.New(fault.InvalidArgument, "argument", "product", "reason", "an id of letters, digits, '.', '_' and '-' and a name are needed")
	}
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed) // never fails
	return s.DB.Write(ctx, func(tx database.Tx) error {
		var known int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM vendor WHERE id = ?`, p.Vendor).Scan(&known); err != nil {
			return err
		}
		if known == 0 {
			return fault.New(fault.NotFound, "what", "vendor "+p.Vendor)
		}
		return insert(ctx, tx, p.ID, `INSERT INTO product (id, name, vendor, lease_key) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			p.ID, p.Name, p.Vendor, seed)
	})
}

// ProductKey is the public key that verifies a product's leases.
func (s *Service) ProductKey(ctx context.Context, product string) (ed25519.PublicKey, error) {
	return ProductKey(ctx, s.DB, product)
}

// ProductKey reads the public key of a product's leases from a database that
// licensing has prepared.
func ProductKey(ctx context.Context, db database.Database, product string) (ed25519.PublicKey, error) {
	var key ed25519.PrivateKey
	err := db.Read(ctx, func(tx database.Tx) (err error) {
		key, err = leaseKey(ctx, tx, product)
		return err
	})
	if err != nil {
		return nil, err
	}
	return key.Public().(ed25519.PublicKey), nil
}

func leaseKey(ctx context.Context, tx database.Tx, product string) (ed25519.PrivateKey, error) {
	var seed []byte
	err := tx.QueryRow(ctx, `SELECT lease_key FROM product WHERE id = ?`, product).Scan(&seed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "what", product)
	}
	if err != nil {
		return nil, err
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fault.New(fault.Internal).Because(errors.New("lease key of " + product + " is damaged"))
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
