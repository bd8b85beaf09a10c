package cloudfile

import (
	"context"
	"fmt"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
)

// CheckStaging tells whether everything that was saved and is not published is
// still here, whole in name and size; what it is made of is checked when it is
// sent. The error is api.StateDamaged and says how many saves are not.
func (e *Engine) CheckStaging(ctx context.Context) error {
	rows, err := e.ledger.Unended(ctx)
	if err != nil {
		return err
	}
	waiting, damaged := 0, 0
	for _, r := range rows {
		if r.State == ledger.Published {
			continue
		}
		whole, err := e.whole(ctx, r)
		if err != nil {
			return err
		}
		waiting++
		if !whole {
			damaged++
		}
	}
	if damaged == 0 {
		return nil
	}
	return api.Fail(api.StateDamaged, "detail", fmt.Sprintf("the content of %d of %d saves is missing or damaged", damaged, waiting))
}

// whole tells whether a save can still be sent, or need not be.
func (e *Engine) whole(ctx context.Context, r ledger.Row) (bool, error) {
	switch {
	case r.State == ledger.Damaged:
		return false, nil
	case e.dir.Holds(r.Blob, r.Size):
		return true, nil
	}
	// It may have been published, and its content deleted, in this very moment.
	now, known, err := e.ledger.Find(ctx, r.Operation)
	return known && now.State != ledger.Queued && now.State != ledger.Picking && now.State != ledger.Damaged, err
}
