package sdkbridge

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session"
	"iscdesk.dev/agent/workspace"
)

// documents moves documents between the user's disk and the service. root is
// the folder that the application or its environment wants them opened into,
// usual the one where neither of them nor the user wants any.
type documents struct{ root, usual string }

// Save brings the content of the file or folder that begin names into the
// service's staging.
func (documents) Save(ctx context.Context, conn *session.Client, begin api.SaveBegin) (api.Saved, error) {
	source, err := workspace.Describe(begin.LocalPath, begin.Kind == api.Assembly)
	if err != nil {
		return api.Saved{}, err
	}
	return workspace.Save(ctx, conn, begin, source)
}

// Open brings a document into the workspace and ties it to its path there.
func (d documents) Open(ctx context.Context, conn *session.Client, p api.Picked) (workspace.Opened, error) {
	return workspace.OpenTo(ctx, conn, workspace.Order{Picked: p, Root: d.root, Usual: d.usual})
}
