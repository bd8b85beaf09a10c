package guitest

import (
	"context"
	"strconv"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// CloseWindow asks the window manager to close a window, as the button of its
// frame does.
func (d *Desktop) CloseWindow(ctx context.Context, title string) error {
	id, err := d.window(ctx, titled(title))
	if err != nil {
		return err
	}
	window, err := strconv.ParseUint(id, 10, 32)
	if err != nil {
		return err
	}
	x, err := xgb.NewConnDisplay(d.display)
	if err != nil {
		return err
	}
	defer x.Close()
	const name = "_NET_CLOSE_WINDOW"
	atom, err := xproto.InternAtom(x, false, uint16(len(name)), name).Reply()
	if err != nil {
		return err
	}
	event := xproto.ClientMessageEvent{
		Format: 32, Window: xproto.Window(window), Type: atom.Atom, Data: xproto.ClientMessageDataUnionData32New([]uint32{0, 2, 0, 0, 0}),
	}
	const mask = xproto.EventMaskSubstructureNotify | xproto.EventMaskSubstructureRedirect
	return xproto.SendEventChecked(x, false, xproto.Setup(x).DefaultScreen(x).Root, mask, string(event.Bytes())).Check()
}
