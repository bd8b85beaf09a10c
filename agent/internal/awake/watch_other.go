//go:build !linux

package awake

import "context"

func watch(ctx context.Context, noticed chan<- struct{}) error { return compare(ctx, noticed) }
