package cloudfile

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/transfer"
	"iscdesk.dev/marketplace/agentapi"
)

// Market is what the engine asks of the marketplace. Errors are *api.Error.
type Market interface {
	transfer.Store
	transfer.Source
	Catalog
	Documents
	Aside
}

// Catalog is the tree of spaces, folders and documents.
type Catalog interface {
	Spaces(ctx context.Context) ([]agentapi.Space, error)
	Entries(ctx context.Context, path string) (agentapi.EntryList, error)
	CreateFolder(ctx context.Context, path string) error
	FindDocument(ctx context.Context, path string) (agentapi.Document, error)
	Search(ctx context.Context, q, path string) (agentapi.EntryList, error)
}

// Aside is what was set aside, and the conflicts that set it aside.
type Aside interface {
	Trash(ctx context.Context, path string) (agentapi.TrashList, error)
	SetAside(ctx context.Context, id string, version int) (agentapi.TrashedDocument, error)
	TakeBack(ctx context.Context, id, path string) (agentapi.Document, error)
	Resolve(ctx context.Context, id string, in agentapi.Resolve) (agentapi.PublishResult, error)
	// Operation is the answer of a Resolve that was done, api.NotFound where it
	// was not.
	Operation(ctx context.Context, id string) (agentapi.PublishResult, error)
}

// Documents is what can be asked of one document.
type Documents interface {
	Document(ctx context.Context, id string) (agentapi.Document, error)
	Versions(ctx context.Context, id string) ([]agentapi.Version, error)
	Manifest(ctx context.Context, id string, number int) (agentapi.Manifest, error)
	CheckOut(ctx context.Context, id string) (agentapi.Document, error)
	CheckIn(ctx context.Context, id string) (agentapi.Document, error)
	RestoreVersion(ctx context.Context, id string, in agentapi.Restore) (agentapi.PublishResult, error)
}

// Notifier hears what happened. Publish must have kept the event, where it is
// meant for a session, when it returns.
type Notifier interface {
	Publish(context.Context, api.Event)
	Changed(section string)
}
