package solving

import (
	"context"
	"os"
	"path"
	"strings"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/documents"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// ending is how a solve ended.
type ending struct {
	result  agentapi.Document
	message string
	reason  *fault.Error // nil: it succeeded
}

// Serve solves the queued jobs, one after the other, until ctx ends.
func (s *Service) Serve(ctx context.Context) error {
	if err := s.requeue(ctx); err != nil {
		return err
	}
	for {
		job, user, err := s.next(ctx)
		if err != nil {
			return err
		}
		if job.ID != "" {
			if err := s.run(ctx, user, job); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.wake:
		}
	}
}

// run does one job to its end. When ctx ends the job stays running in the
// table, and the next process queues it again.
func (s *Service) run(ctx context.Context, userID string, job agentapi.SolveJob) error {
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mu.Lock()
	s.active, s.cancel = job.ID, cancel
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.active, s.cancel = "", nil
		s.mu.Unlock()
	}()
	if j, err := s.Job(ctx, userID, job.ID); err != nil || j.State != agentapi.Running {
		return err // cancelled between taking and announcing it
	}
	s.tell(userID, job.ID)
	e := s.solve(work, userID, job)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := s.finish(ctx, job.ID, e); err != nil {
		return err
	}
	s.Log.Info("solve ended", "job", job.ID, "path", job.Path, "reason", e.reason)
	s.tell(userID, job.ID)
	return nil
}

// solve makes the model's folder, runs the solver in it and publishes what
// came of it.
func (s *Service) solve(ctx context.Context, userID string, job agentapi.SolveJob) ending {
	user, err := s.Users.UserByID(ctx, userID)
	if err != nil {
		return failed(err)
	}
	model, err := s.Documents.Open(ctx, user, job.DocumentID, job.Version)
	if err != nil {
		return failed(err)
	}
	dir, err := os.MkdirTemp(s.Scratch, "solve-")
	if err != nil {
		return failed(err)
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			s.Log.Warn("scratch folder stays", "folder", dir, "error", err)
		}
	}()
	input, err := materialise(ctx, dir, model, s.Limits.Input)
	if err != nil {
		return failed(err)
	}
	tail, err := s.compute(ctx, dir, input, func(percent int) { s.progress(ctx, userID, job.ID, percent) })
	if ctx.Err() != nil {
		return failed(ctx.Err())
	}
	e := ending{message: tail}
	if err != nil {
		e.reason = fault.As(err)
	}
	result, err := s.publish(ctx, user, model, job, dir, input)
	if err != nil {
		s.Log.Warn("the results of a solve are not published", "job", job.ID, "error", err)
		if e.reason == nil {
			e.reason = fault.As(err)
		}
	}
	e.result = result
	return e
}

func failed(err error) ending { return ending{reason: fault.As(err)} }

// publish makes the solver's files a document beside the model. Its name ends
// in .results, and every file in it begins with that name, so that the folder
// holds a file of its own name, as assemblies do.
func (s *Service) publish(ctx context.Context, user web.User, model *documents.Content, job agentapi.SolveJob, dir, input string) (agentapi.Document, error) {
	name := stem(model.Document.Name) + ".results"
	results, err := collect(dir, strings.TrimSuffix(input, path.Ext(input)), name)
	if err != nil {
		return agentapi.Document{}, err
	}
	published, err := s.Documents.PublishFiles(ctx, user, agentapi.Publish{
		OperationID: "results of " + job.ID, Path: path.Join(path.Dir(model.Document.Path), name),
		Kind: agentapi.PublishKindAssembly, Overwrite: true, Comment: "solved from version " + itoa(job.Version),
	}, results)
	return published.Document, err
}

// stem is a document's name without what tells its sort.
func stem(name string) string {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".inp", ".zip":
		return name[:len(name)-len(ext)]
	}
	return name
}
