// Package signin draws a login that is under way, for every screen from which
// one can be begun.
package signin

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/signin"
)

// Panel shows what to do now in a login, and why the last one failed. It is
// hidden while there is nothing to say.
type Panel struct {
	text, code, address *widget.Label
	until, failed       *widget.Label
	actions             *kit.Actions
	all                 *fyne.Container
}

// New makes a hidden panel.
func New(k *kit.Kit) *Panel {
	p := &Panel{
		text: kit.NewText(""), code: kit.NewText(""), address: kit.NewText(""), until: kit.NewCaption(""),
		failed: kit.NewText(""), actions: kit.NewActions(k),
	}
	p.code.SizeName, p.code.TextStyle.Monospace, p.code.Selectable = theme.SizeNameHeadingText, true, true
	p.address.Selectable = true
	p.all = container.NewVBox(p.failed, p.text, p.address, p.code, p.until, p.actions)
	p.Set(signin.View{})
	return p
}

// Object is what is shown.
func (p *Panel) Object() fyne.CanvasObject { return p.all }

// Set shows where a login stands.
func (p *Panel) Set(v signin.View) {
	kit.SetToned(p.failed, v.Error, view.Trouble)
	kit.SetToned(p.text, v.Text, view.Quiet)
	kit.SetToned(p.address, v.Address, view.Quiet)
	kit.SetToned(p.code, v.Code, view.Quiet)
	kit.SetCaption(p.until, v.Until)
	p.actions.Set(v.Actions)
	if v.Text == "" && v.Error == "" {
		p.all.Hide()
		return
	}
	p.all.Show()
}
