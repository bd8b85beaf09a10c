package health

import (
	"context"
	"database/sql"
	"errors"
)

// QuickCheck examines a SQLite database and gives its first complaint.
func QuickCheck(db *sql.DB) func(context.Context) error {
	return func(ctx context.Context) error {
		var said string
		if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&said); err != nil {
			return err
		}
		if said != "ok" {
			return errors.New(said)
		}
		return nil
	}
}
