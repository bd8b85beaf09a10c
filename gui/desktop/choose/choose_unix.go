//go:build unix

package choose

import (
	"context"
	"errors"

	"github.com/ncruces/zenity"
)

// ask asks the desktop's portal, which GNOME and KDE bring along and which
// knows Wayland, and where there is none a program of the zenity kind.
func ask(ctx context.Context, q Question) ([]string, error) {
	paths, err := portal(ctx, q)
	if err == nil || errors.Is(err, zenity.ErrCanceled) || ctx.Err() != nil || !zenity.IsAvailable() {
		return paths, err
	}
	if q.Parent == 0 {
		return dialog(ctx, q)
	}
	return dialog(ctx, q, zenity.Attach(int(q.Parent)))
}
