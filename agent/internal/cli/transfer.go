package cli

import (
	"context"

	"iscdesk.dev/agent/api"
)

func (r remote) Save(ctx context.Context, order SaveOrder) (api.Saved, error) {
	return api.Saved{}, api.Fail(api.Unsupported)
}

func (r remote) Fetch(ctx context.Context, order FetchOrder) (Fetched, error) {
	return Fetched{}, api.Fail(api.Unsupported)
}
