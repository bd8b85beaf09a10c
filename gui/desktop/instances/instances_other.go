//go:build !linux && !windows

package instances

import (
	"context"
	"errors"
)

// Asked gives a channel that is closed when the context ends.
func Asked(ctx context.Context) (<-chan struct{}, error) { return ctx.Done(), nil }

func running(string) ([]process, error) { return nil, errors.ErrUnsupported }
