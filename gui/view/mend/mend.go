// Package mend knows the one button that mends something: a table from every
// code of the error table to a step, and what each step does.
//
// To add a code: add its row to Table. To add a step: add it to the constants,
// its label to assets/locale/gui/mend.*.json and what it does to bind.
package mend

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/signin"
)

// Subject is what the trouble is about, as far as it is known. Steps that
// have to know more than that are no buttons.
type Subject struct {
	Operation string // of a transfer
	Path      string
	Product   string
	Event     string // the marketplace's number of a licence request
	Solve     string
	// Retry tries again what failed; nil: that cannot be done from here.
	Retry func()
}

// Hand does what a step says. Its zero value has no buttons.
type Hand struct {
	Env    view.Env
	SignIn *signin.Flow
}

// Action is the button that mends reason; ok tells whether there is one. Where
// the step for the code needs something that is not known, trying again is
// next best, where that is possible.
func (h Hand) Action(reason *api.Error, s Subject) (a view.Action, ok bool) {
	if reason == nil {
		return view.Action{}, false
	}
	s = s.with(reason)
	step := For(reason.Code)
	do := h.bind(step, reason, s)
	if do == nil && s.Retry != nil {
		step, do = Retry, s.Retry
	}
	if do == nil {
		return view.Action{}, false
	}
	return view.Action{Name: string(step), Label: h.Env.Words().T("mend." + string(step)), Do: do}, true
}

// with fills in what the reason itself names.
func (s Subject) with(reason *api.Error) Subject {
	for field, name := range map[*string]string{
		&s.Operation: "operation", &s.Path: "path", &s.Event: "event",
	} {
		if *field == "" {
			*field = reason.Params[name]
		}
	}
	return s
}

// bind gives what a step does about s; nil: it cannot be done.
func (h Hand) bind(step Step, reason *api.Error, s Subject) func() {
	switch step {
	case SignIn:
		return h.signIn()
	case Renew, Marketplace:
		return h.browse()
	case Check:
		return h.do(func(ctx context.Context, s desk.Service) error {
			_, err := s.Doctor(ctx) // what it finds comes as health
			return err
		})
	case Resume:
		return h.do(func(ctx context.Context, s desk.Service) error { return s.PauseUploads(ctx, false) })
	case Retry:
		return s.Retry
	case CopyEvent:
		return h.copies(s.Event)
	case CopyDetails:
		return h.copies(h.Env.Words().Error(reason))
	}
	return h.leads(step, s)
}

// leads gives the step that shows a place.
func (h Hand) leads(step Step, s Subject) func() {
	to := func(p view.Place) func() { return func() { h.Env.Go(p) } }
	item := func(room view.Room, part, item string) func() {
		if item == "" {
			return nil
		}
		return to(view.Place{Room: room, Part: part, Item: item})
	}
	switch step {
	case Pending:
		return to(view.Place{Room: view.Documents, Part: "pending", Item: s.Operation})
	case Transfer:
		return item(view.Documents, "pending", s.Operation)
	case Conflicts:
		return to(view.Place{Room: view.Documents, Part: "conflicts"})
	case Document:
		return item(view.Documents, "", s.Path)
	case Application:
		return item(view.Applications, "", s.Product)
	case License:
		return item(view.Licenses, "", s.Product)
	case Solves:
		return to(view.Place{Room: view.Solves, Item: s.Solve})
	case Administrator:
		return to(view.Place{Room: view.Settings, Part: "administrator"})
	case Checks:
		return to(view.Place{Room: view.About, Part: "checks"})
	case Bundle:
		return to(view.Place{Room: view.About, Part: "bundle"})
	}
	return nil
}

func (h Hand) signIn() func() {
	if h.SignIn == nil {
		return nil
	}
	return h.SignIn.Begin
}

// browse leads to the marketplace, where one is known.
func (h Hand) browse() func() {
	address := h.Env.Desk.Snapshot().State.Account.Marketplace
	if address == "" {
		return nil
	}
	return func() { h.Env.Local.Browse(address) }
}

func (h Hand) copies(text string) func() {
	if text == "" {
		return nil
	}
	return func() { h.Env.Local.Copy(text) }
}

// do gives a call of the service whose failure is told.
func (h Hand) do(call func(context.Context, desk.Service) error) func() {
	return func() {
		h.Env.Desk.Do(call, func(err error) {
			if err != nil {
				h.Env.Tell(err)
			}
		})
	}
}
