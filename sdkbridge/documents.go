package sdkbridge

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session"
)

// documents moves documents between the user's disk and the service.
type documents interface {
	// Save brings the content of path into the service's staging.
	Save(ctx context.Context, conn *session.Client, begin api.SaveBegin, path string) (api.Saved, error)
	// Open brings a document into the workspace and ties it to its path there.
	Open(ctx context.Context, conn *session.Client, p api.Picked) (api.OpenedDocument, error)
}

type noDocuments struct{}

func newDocuments(Options) documents { return noDocuments{} }

func (noDocuments) Save(context.Context, *session.Client, api.SaveBegin, string) (api.Saved, error) {
	return api.Saved{}, api.Fail(api.Unsupported, "what", "documents")
}

func (noDocuments) Open(context.Context, *session.Client, api.Picked) (api.OpenedDocument, error) {
	return api.OpenedDocument{}, api.Fail(api.Unsupported, "what", "documents")
}
