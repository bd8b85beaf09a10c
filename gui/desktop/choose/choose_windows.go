package choose

import (
	"context"
	"runtime"

	"github.com/ncruces/zenity"
	"golang.org/x/sys/windows"
)

// ask shows the common dialog of Windows on a thread of its own, which the
// shell's dialogs want to be a single-threaded apartment.
func ask(ctx context.Context, q Question) ([]string, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := windows.CoInitializeEx(0, windows.COINIT_APARTMENTTHREADED|windows.COINIT_DISABLE_OLE1DDE); err == nil {
		defer windows.CoUninitialize()
	}
	return dialog(ctx, q, zenity.Attach(q.Parent))
}
