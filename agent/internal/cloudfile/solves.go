package cloudfile

import "context"

// SolveInput is a published version that the user asked to have solved.
type SolveInput struct {
	Operation string
	Document  string
	Version   int
	Path      string
	Session   string
	Tag       string
	// Account is whose version it is.
	Account string
	// Name and LocalPath are those of the model that was saved.
	Name      string
	LocalPath string
}

// PublishedSolves are the solves that were asked for, whose versions are
// published, and that SolveSubmitted was not called for.
func (e *Engine) PublishedSolves(ctx context.Context) ([]SolveInput, error) {
	rows, err := e.ledger.Solves(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]SolveInput, 0, len(rows))
	for _, r := range rows {
		if r.Result == nil {
			continue
		}
		out = append(out, SolveInput{
			Operation: r.Operation, Document: r.Result.Document, Version: r.Result.Version, Path: r.Result.Path,
			Session: r.Session, Tag: r.Tag, Account: r.Account, Name: r.Name, LocalPath: r.LocalPath,
		})
	}
	return out, nil
}

// SolveSubmitted keeps that the marketplace has the solve; it is not offered
// again.
func (e *Engine) SolveSubmitted(ctx context.Context, operation string) error {
	return e.ledger.Submitted(ctx, operation)
}
