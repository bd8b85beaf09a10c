package screen

import (
	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
	aboutscreen "iscdesk.dev/gui/screen/about"
	applicationsscreen "iscdesk.dev/gui/screen/applications"
	dialogsscreen "iscdesk.dev/gui/screen/dialogs"
	documentsscreen "iscdesk.dev/gui/screen/documents"
	homescreen "iscdesk.dev/gui/screen/home"
	"iscdesk.dev/gui/screen/kit"
	licensesscreen "iscdesk.dev/gui/screen/licenses"
	messagesscreen "iscdesk.dev/gui/screen/messages"
	pickerscreen "iscdesk.dev/gui/screen/picker"
	settingsscreen "iscdesk.dev/gui/screen/settings"
	solvesscreen "iscdesk.dev/gui/screen/solves"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/about"
	"iscdesk.dev/gui/view/applications"
	"iscdesk.dev/gui/view/dialogs"
	"iscdesk.dev/gui/view/documents"
	"iscdesk.dev/gui/view/home"
	"iscdesk.dev/gui/view/licenses"
	"iscdesk.dev/gui/view/mend"
	"iscdesk.dev/gui/view/messages"
	"iscdesk.dev/gui/view/picker"
	"iscdesk.dev/gui/view/pictures"
	"iscdesk.dev/gui/view/settings"
	"iscdesk.dev/gui/view/solves"
)

// Dialogs names the window of the SDK's questions.
const Dialogs view.Room = "dialogs"

// Rooms is every room of the window. A new one is a line here; the README of
// gui has the whole recipe.
func Rooms(p Parts) []Entry {
	return []Entry{
		{view.Home, func(e view.Env) func(*kit.Kit) Room {
			r := home.New(e, p.Hand)
			return func(k *kit.Kit) Room { return homescreen.New(r, k) }
		}},
		{view.Documents, func(e view.Env) func(*kit.Kit) Room {
			r := documents.New(documents.Config{
				Env: e, Content: p.Content, Pictures: pictures.New(e),
				SignIn: p.SignIn.Begin, Mend: p.mend, Pick: func() { e.Go(view.Place{Room: view.Picker}) },
			})
			return func(k *kit.Kit) Room { return documentsscreen.New(r, k) }
		}},
		{view.Licenses, func(e view.Env) func(*kit.Kit) Room {
			r := licenses.New(e, p.Hand)
			return func(k *kit.Kit) Room { return licensesscreen.New(r, k) }
		}},
		{view.Messages, func(e view.Env) func(*kit.Kit) Room {
			r := messages.New(e)
			return func(k *kit.Kit) Room { return messagesscreen.New(r, k) }
		}},
		{view.Applications, func(e view.Env) func(*kit.Kit) Room {
			r := applications.New(e, p.Hand)
			return func(k *kit.Kit) Room { return applicationsscreen.New(r, k) }
		}},
		{view.Solves, func(e view.Env) func(*kit.Kit) Room {
			r := solves.New(e, p.Hand, pictureFonts())
			return func(k *kit.Kit) Room { return solvesscreen.New(r, k) }
		}},
		{view.Settings, func(e view.Env) func(*kit.Kit) Room {
			r := settings.New(e, p.Hand, settings.Config{Usual: workspace.Root})
			return func(k *kit.Kit) Room { return settingsscreen.New(r, k) }
		}},
		{view.About, func(e view.Env) func(*kit.Kit) Room {
			r := about.New(e, p.Hand, ofProgram(p.About))
			return func(k *kit.Kit) Room { return aboutscreen.New(r, k) }
		}},
	}
}

// mend gives the button that mends a failure of which nothing more is known;
// nil: there is none.
func (p Parts) mend(err error) *view.Action {
	if a, ok := p.Hand.Action(api.AsError(err), mend.Subject{}); ok {
		return &a
	}
	return nil
}

// Floats is every window that comes to the front by itself.
func Floats(p Parts) []FloatEntry {
	return []FloatEntry{
		{view.Picker, func(e view.Env) func(*kit.Kit) Floating {
			r := picker.New(picker.Config{Env: e, Pictures: pictures.New(e), Mend: p.mend})
			return func(k *kit.Kit) Floating { return pickerscreen.New(r, k) }
		}},
		{Dialogs, func(e view.Env) func(*kit.Kit) Floating {
			r := dialogs.New(e, p.Hand)
			return func(k *kit.Kit) Floating { return dialogsscreen.New(r, k) }
		}},
	}
}
