package documentstest

import (
	"context"
	"fmt"
	"path"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view/browse/cloudtest"
)

// Cloud is a service with the calls of the Documents room beside those that
// browse. What fails stands in Errors, by the call as it is written down.
type Cloud struct {
	*cloudtest.Cloud
	Errors map[string]error
	stage  *Stage
}

func (c *Cloud) called(format string, args ...any) error {
	call := fmt.Sprintf(format, args...)
	c.stage.Note("%s", call)
	return c.Errors[call]
}

// PauseUploads is called.
func (c *Cloud) PauseUploads(_ context.Context, paused bool) error {
	return c.called("pause %v", paused)
}

// Retry is called.
func (c *Cloud) Retry(_ context.Context, operation string) error {
	return c.called("retry %s", operation)
}

// Redirect is called.
func (c *Cloud) Redirect(_ context.Context, operation string, to api.Redirect) error {
	return c.called("redirect %s to %s overwrite %v", operation, to.Path, to.Overwrite)
}

// Discard is called.
func (c *Cloud) Discard(_ context.Context, operation string) error {
	return c.called("discard %s", operation)
}

// EndConflict is called.
func (c *Cloud) EndConflict(_ context.Context, id string, a api.ConflictAnswer) error {
	return c.called("end %s keep %s theirs %d mine %d", id, a.Keep, a.Theirs, a.Mine)
}

// Restore makes a version.
func (c *Cloud) Restore(_ context.Context, in api.RestoreRequest) (api.Version, error) {
	return api.Version{Number: 9}, c.called("restore %s %d", in.Path, in.Version)
}

// CheckOut reserves a document.
func (c *Cloud) CheckOut(ctx context.Context, p string) (api.Entry, error) {
	return c.move(ctx, p, "check out", "Li Na")
}

// CheckIn gives it back.
func (c *Cloud) CheckIn(ctx context.Context, p string) (api.Entry, error) {
	return c.move(ctx, p, "check in", "")
}

func (c *Cloud) move(ctx context.Context, p, call, by string) (api.Entry, error) {
	if err := c.called("%s %s", call, p); err != nil {
		return api.Entry{}, err
	}
	listing, err := c.List(ctx, path.Dir(p))
	for _, e := range listing.Entries {
		if e.Path == p {
			e.CheckedOutBy, e.Mine = by, by != ""
			c.Put(e)
			return e, err
		}
	}
	return api.Entry{}, api.Fail(api.NotFound, "what", p)
}
