//go:build !linux

package dragout

import (
	"context"
	"errors"
)

func can() bool { return false }

func follow(context.Context, *copying) (Outcome, error) {
	return Nothing, errors.ErrUnsupported
}
