package licensing

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/isv"
)

// The kinds of job. All but expire call the vendor.
const (
	jobNew     = "new"
	jobGet     = "get"
	jobStatus  = "status"
	jobRefresh = "refresh"
	jobRelease = "release"
	jobExpire  = "expire"
)

// job is something that the vendor has to be told until he has heard it. The
// jobs of a lane are done in the order in which they were queued.
type job struct {
	Seq                 int64
	ID, Kind, Lane      string
	Instance, Event     string
	Detail              string // FREEZE, UNFREEZE, or the id of an order
	Attempts            int
	Due, Deadline       time.Time
	vendor              string
	endpoint            isv.Endpoint
	instance            instance
	event               event
	orderLine, orderEnd string
}

// queue adds a job, due now if it does not say when. One of the same id begins
// anew.
func (s *Service) queue(ctx context.Context, tx database.Tx, j job) error {
	if j.Due.IsZero() {
		j.Due = s.now()
	}
	_, err := tx.Exec(ctx, `INSERT INTO vendor_job (id, kind, lane, instance, event, detail, attempts, due, deadline, trouble)
		VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, '')
		ON CONFLICT (id) DO UPDATE SET detail = excluded.detail, attempts = 0, due = excluded.due, deadline = excluded.deadline, trouble = ''`,
		j.ID, j.Kind, j.Lane, j.Instance, j.Event, j.Detail, database.Millis(j.Due), database.Millis(j.Deadline))
	return err
}

// nudge has Serve look at the table again.
func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// maxScan bounds how many due jobs are looked at in one round.
const maxScan = 500

// due lists what may be done now, and when the next job is due: zero if none
// waits.
func (s *Service) due(ctx context.Context) (jobs []job, next time.Time, err error) {
	now := database.Millis(s.now())
	err = s.DB.Read(ctx, func(tx database.Tx) error {
		rows, err := tx.Query(ctx, `SELECT j.seq, j.id, j.kind, p.vendor FROM vendor_job j
			JOIN instance i ON i.id = j.instance JOIN product p ON p.id = i.product
			WHERE j.due <= ? AND NOT EXISTS (SELECT 1 FROM vendor_job e WHERE e.lane = j.lane AND e.seq < j.seq)
			ORDER BY j.due, j.seq LIMIT ?`, now, maxScan)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var j job
			if err := rows.Scan(&j.Seq, &j.ID, &j.Kind, &j.vendor); err != nil {
				return err
			}
			jobs = append(jobs, j)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		at := int64(math.MaxInt64)
		err = tx.QueryRow(ctx, `SELECT COALESCE(MIN(due), ?) FROM vendor_job WHERE due > ?`, at, now).Scan(&at)
		if at != math.MaxInt64 {
			next = database.Time(at)
		}
		return err
	})
	return jobs, next, err
}

// load reads a job with all that its call needs. It gives sql.ErrNoRows when
// the job is gone.
func (s *Service) load(ctx context.Context, tx database.Tx, seq int64) (job, error) {
	var j job
	var due, deadline int64
	err := tx.QueryRow(ctx, `SELECT seq, id, kind, lane, instance, event, detail, attempts, due, deadline FROM vendor_job WHERE seq = ?`, seq).
		Scan(&j.Seq, &j.ID, &j.Kind, &j.Lane, &j.Instance, &j.Event, &j.Detail, &j.Attempts, &due, &deadline)
	if err != nil {
		return job{}, err
	}
	j.Due, j.Deadline = database.Time(due), database.Time(deadline)
	if j.instance, err = instanceByID(ctx, tx, j.Instance); err != nil {
		return job{}, err
	}
	j.vendor = j.instance.Vendor
	if err := tx.QueryRow(ctx, `SELECT production_url, access_key FROM vendor WHERE id = ?`, j.vendor).
		Scan(&j.endpoint.URL, &j.endpoint.AccessKey); err != nil {
		return job{}, err
	}
	if j.Event != "" {
		if j.event, err = eventByID(ctx, tx, j.Event); err != nil {
			return job{}, err
		}
	}
	return j, s.loadOrder(ctx, tx, &j)
}

// loadOrder finds the order that a call names: that of the detail, else the
// instance's first.
func (s *Service) loadOrder(ctx context.Context, tx database.Tx, j *job) error {
	if j.Kind != jobNew && j.Kind != jobRefresh {
		return nil
	}
	query, arg := `SELECT id, line, expires FROM license_order WHERE instance = ? ORDER BY created, id LIMIT 1`, j.Instance
	if j.Detail != "" {
		query, arg = `SELECT id, line, expires FROM license_order WHERE id = ?`, j.Detail
	}
	var expires int64
	err := tx.QueryRow(ctx, query, arg).Scan(&j.Detail, &j.orderLine, &expires)
	j.orderEnd = isv.OrderTime(database.Time(expires))
	return err
}

func (s *Service) drop(ctx context.Context, tx database.Tx, seq int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM vendor_job WHERE seq = ?`, seq)
	return err
}

func isGone(err error) bool { return errors.Is(err, sql.ErrNoRows) }
