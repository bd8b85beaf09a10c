package solving

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// maxWaiting bounds the jobs of one user that are not done.
const maxWaiting = 100

// maxListed bounds how many jobs a list tells, newest first.
const maxListed = 200

const selectJob = `SELECT id, user_id, operation, document, version, path, state, percent, result, message, reason, reason_params, created FROM solve `

func scanJob(row interface{ Scan(...any) error }) (j agentapi.SolveJob, user string, err error) {
	var result, params string
	var created int64
	err = row.Scan(&j.ID, &user, &j.OperationID, &j.DocumentID, &j.Version, &j.Path, &j.State, &j.Percent, &result, &j.Message,
		&j.Reason.Code, &params, &created)
	j.Created = database.Time(created)
	if err == nil && result != "" {
		err = json.Unmarshal([]byte(result), &j.Result)
	}
	if err == nil && params != "" {
		err = json.Unmarshal([]byte(params), &j.Reason.Params)
	}
	return j, user, err
}

// Submit queues a solve of a version that the user sees. The same operation
// gives the same job.
func (s *Service) Submit(ctx context.Context, user web.User, q agentapi.SolveSubmit) (agentapi.SolveJob, error) {
	if q.OperationID == "" || len(q.OperationID) > 128 {
		return agentapi.SolveJob{}, fault.New(fault.InvalidArgument, "argument", "operationId", "reason", "between 1 and 128 bytes are expected")
	}
	model, err := s.Documents.Open(ctx, user, q.DocumentID, q.Version)
	if err != nil {
		return agentapi.SolveJob{}, err
	}
	var job agentapi.SolveJob
	err = s.DB.Write(ctx, func(tx database.Tx) error {
		var waiting int
		err := tx.QueryRow(ctx, `SELECT count(*) FROM solve WHERE user_id = ? AND state IN ('queued', 'running') AND operation <> ?`, user.ID, q.OperationID).Scan(&waiting)
		if err != nil {
			return err
		}
		if waiting >= maxWaiting {
			return fault.New(fault.Busy)
		}
		_, err = tx.Exec(ctx, `INSERT INTO solve (id, user_id, operation, document, version, path, state, percent, result, message, reason, reason_params, created)
			VALUES (?, ?, ?, ?, ?, ?, 'queued', 0, '', '', '', '', ?) ON CONFLICT (user_id, operation) DO NOTHING`,
			"slv-"+rand.Text(), user.ID, q.OperationID, q.DocumentID, q.Version, model.Document.Path, database.Millis(time.Now()))
		if err != nil {
			return err
		}
		job, _, err = scanJob(tx.QueryRow(ctx, selectJob+`WHERE user_id = ? AND operation = ?`, user.ID, q.OperationID))
		return err
	})
	s.nudge()
	return job, err
}

// Job tells how a job of the user stands.
func (s *Service) Job(ctx context.Context, user, id string) (agentapi.SolveJob, error) {
	var job agentapi.SolveJob
	err := s.DB.Read(ctx, func(tx database.Tx) (err error) {
		job, _, err = scanJob(tx.QueryRow(ctx, selectJob+`WHERE id = ? AND user_id = ?`, id, user))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "what", id)
	}
	return job, err
}

// List tells the jobs of the user, newest first.
func (s *Service) List(ctx context.Context, user string) ([]agentapi.SolveJob, error) {
	list := []agentapi.SolveJob{}
	err := s.DB.Read(ctx, func(tx database.Tx) (err error) {
		rows, err := tx.Query(ctx, selectJob+`WHERE user_id = ? ORDER BY created DESC, id LIMIT ?`, user, maxListed)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			job, _, err := scanJob(rows)
			if err != nil {
				return err
			}
			list = append(list, job)
		}
		return rows.Err()
	})
	return list, err
}

// Cancel ends a job of the user that is not done; one that is stays as it is.
func (s *Service) Cancel(ctx context.Context, user, id string) (agentapi.SolveJob, error) {
	err := s.DB.Write(ctx, func(tx database.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE solve SET state = 'cancelled', reason = ? WHERE id = ? AND user_id = ? AND state IN ('queued', 'running')`,
			string(fault.Cancelled), id, user)
		return err
	})
	if err != nil {
		return agentapi.SolveJob{}, err
	}
	job, err := s.Job(ctx, user, id)
	if err != nil {
		return job, err
	}
	if job.State == agentapi.Cancelled {
		s.interrupt(id)
		s.tell(user, id)
	}
	return job, nil
}

// interrupt stops the solver if it is at this job.
func (s *Service) interrupt(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active == id {
		s.cancel()
	}
}

// next takes the oldest queued job, as running. It gives an empty id when
// there is none.
func (s *Service) next(ctx context.Context) (job agentapi.SolveJob, user string, err error) {
	err = s.DB.Write(ctx, func(tx database.Tx) error {
		job, user, err = scanJob(tx.QueryRow(ctx, selectJob+`WHERE state = 'queued' ORDER BY created, id LIMIT 1`))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE solve SET state = 'running', percent = 0 WHERE id = ?`, job.ID)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return agentapi.SolveJob{}, "", nil
	}
	return job, user, err
}

// requeue puts back what ran when the last process ended.
func (s *Service) requeue(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx database.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE solve SET state = 'queued' WHERE state = 'running'`)
		return err
	})
}

// finish writes the end of a job down, unless it was cancelled meanwhile.
func (s *Service) finish(ctx context.Context, id string, e ending) error {
	result, params := "", ""
	if e.result.ID != "" {
		text, err := json.Marshal(e.result)
		if err != nil {
			return err
		}
		result = string(text)
	}
	code := ""
	if e.reason != nil {
		text, err := json.Marshal(e.reason.Params)
		if err != nil {
			return err
		}
		code, params = string(e.reason.Code), string(text)
	}
	state, percent := agentapi.Failed, `percent`
	if e.reason == nil {
		state, percent = agentapi.Succeeded, `100`
	}
	return s.DB.Write(ctx, func(tx database.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE solve SET state = ?, percent = `+percent+`, result = ?, message = ?, reason = ?, reason_params = ?
			WHERE id = ? AND state = 'running'`, string(state), result, e.message, code, params, id)
		return err
	})
}

// progress writes down how far a job is.
func (s *Service) progress(ctx context.Context, user, id string, percent int) {
	err := s.DB.Write(ctx, func(tx database.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE solve SET percent = ? WHERE id = ? AND state = 'running'`, percent, id)
		return err
	})
	if err != nil {
		s.Log.Warn("progress of a solve is not kept", "job", id, "error", err)
		return
	}
	s.tell(user, id)
}
