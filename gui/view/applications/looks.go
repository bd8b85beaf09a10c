package applications

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/mend"
)

// look is what a state of api.App looks like. Its words stand under
// applications.state.<state>.
type look struct {
	state string
	tone  view.Tone
	// moves: something goes on, and no other order can be given.
	moves bool
	rank  int
}

// looks is the table of all states.
func looks() []look {
	return []look{
		{state: "broken", tone: view.Trouble, rank: 0},
		{state: "waiting_for_exit", tone: view.Attention, moves: true, rank: 0},
		{state: "offered", tone: view.Attention, rank: 1},
		{state: "downloading", tone: view.Busy, moves: true, rank: 0},
		{state: "installing", tone: view.Busy, moves: true, rank: 0},
		{state: "uninstalling", tone: view.Busy, moves: true, rank: 0},
		{state: "installed", tone: view.Good, rank: 2},
		{state: "absent", tone: view.Quiet, rank: 3},
	}
}

// lookOf finds a state; one that is newer than this program is told as it is.
func lookOf(state string) look {
	for _, l := range looks() {
		if l.state == state {
			return l
		}
	}
	return look{state: state, tone: view.Quiet, rank: 2}
}

func moving(state string) bool { return lookOf(state).moves }

// app words one application. The caller holds the lock.
func (r *Room) app(a api.App, s api.State, w *i18n.Words) App {
	l := lookOf(a.State)
	out := App{
		ID: a.Product, Title: cmp.Or(a.Name, a.Product), Summary: i18n.Prose(a.Summary), Tone: l.tone, Running: l.moves && a.State != "waiting_for_exit",
		Status: stateText(a, w), Version: version(a, w), Notes: notes(a), Progress: -1, rank: l.rank,
	}
	if a.Forced && a.Installed != a.Latest {
		out.Forced = w.T("applications.forced")
	}
	if a.State == "downloading" && a.Total > 0 {
		out.Progress = min(1, float64(a.Done)/float64(a.Total))
		out.Amount = w.T("applications.amount", "done", w.Bytes(a.Done), "total", w.Bytes(a.Total))
	}
	if a.State == "waiting_for_exit" {
		out.Waiting = waiting(a, s, w)
	}
	if reason := cmp.Or(r.refused[a.Product], a.Reason); reason != nil && a.State != "waiting_for_exit" {
		out.Reason = w.Error(reason)
		if r.refused[a.Product] != nil {
			out.Tone = max(out.Tone, view.Attention)
		}
	}
	out.Actions, out.Menu = r.actions(a, l, w)
	return out
}

func stateText(a api.App, w *i18n.Words) string {
	key := "applications.state." + a.State
	if !w.Has(key) {
		return a.State
	}
	return w.T(key, "version", cmp.Or(a.Offered, a.Latest))
}

func version(a api.App, w *i18n.Words) string {
	switch {
	case a.Installed == "" && a.Latest == "":
		return ""
	case a.Installed == "":
		return w.T("applications.version.latest", "latest", a.Latest)
	case a.Latest == "" || a.Installed == a.Latest:
		return w.T("applications.version.newest", "installed", a.Installed)
	}
	return w.T("applications.version.both", "installed", a.Installed, "latest", a.Latest)
}

func notes(a api.App) string {
	if a.Installed == a.Latest {
		return ""
	}
	return strings.TrimSpace(i18n.Prose(a.Notes))
}

// waiting names what has to be closed.
func waiting(a api.App, s api.State, w *i18n.Words) string {
	var list []string
	for _, session := range s.Sessions {
		if session.Product == a.Product {
			list = append(list, w.T("applications.process", "name", cmp.Or(a.Name, a.Product), "version", session.Version, "pid", strconv.Itoa(session.PID)))
		}
	}
	if len(list) == 0 {
		return w.T("applications.waiting.unseen", "name", cmp.Or(a.Name, a.Product))
	}
	return w.T("applications.waiting", "list", strings.Join(list, w.T("applications.and")))
}

// actions are what can be done about an application, the likeliest first, and
// in the menu what is rarely wanted.
func (r *Room) actions(a api.App, l look, w *i18n.Words) (list, menu []view.Action) {
	add := func(name string, do func(), change func(*view.Action)) {
		action := view.Action{Name: name, Label: w.T("applications." + name), Do: do}
		if change != nil {
			change(&action)
		}
		if r.asked[a.Product] && do != nil && name != "launch" && name != "log" {
			action.Do, action.Why = nil, w.T("applications.asked")
		}
		list = append(list, action)
	}
	// installing is an action that the administrator may have forbidden.
	installing := func(name string, do func(), primary bool) {
		add(name, do, func(x *view.Action) {
			x.Primary = primary
			if r.forbids() {
				x.Do, x.Why = nil, w.T("applications.forbidden")
			}
		})
	}
	install := r.order(a.Product, func(ctx context.Context, s desk.Service) error { return s.Install(ctx, a.Product) })
	answer := func(yes bool) func() {
		return r.order(a.Product, func(ctx context.Context, s desk.Service) error {
			return s.AnswerUpgrade(ctx, api.UserUpgradeAnswer{Product: a.Product, Accept: yes})
		})
	}
	switch {
	case l.moves:
	case a.Offered != "":
		installing("upgrade", answer(true), true)
		add("later", answer(false), nil)
	case a.State == "broken":
		installing("again", install, true)
	case a.Installed == "" && a.Latest != "":
		installing("install", install, !a.Trial || a.TrialURL == "")
	case a.Installed != "" && a.Latest != "" && a.Installed != a.Latest:
		installing("upgrade", install, a.Forced)
	}
	if path := program(a); path != "" && a.Installed != "" && !l.moves {
		add("launch", func() { r.env.Local.Launch(path) }, func(x *view.Action) { x.Primary = a.Offered == "" && a.State == "installed" })
	}
	if a.TrialURL != "" && a.Trial {
		add("trial", func() { r.env.Local.Browse(a.TrialURL) }, nil)
	}
	if next, ok := r.hand.Action(cmp.Or(r.refused[a.Product], a.Reason), mend.Subject{}); ok && !l.moves {
		list = append(list, next)
	}
	if a.Log != "" || a.LogPath != "" {
		add("log", func() { r.ShowLog(a.Product) }, nil)
	}
	if a.Installed != "" && !l.moves {
		remove := r.order(a.Product, func(ctx context.Context, s desk.Service) error { return s.Uninstall(ctx, a.Product) })
		add("uninstall", remove, func(x *view.Action) {
			x.Danger, x.Confirm = true, w.T("applications.uninstall.confirm", "name", cmp.Or(a.Name, a.Product))
		})
	}
	at := slices.IndexFunc(list, func(x view.Action) bool { return x.Name == "log" && a.State != "broken" || x.Name == "uninstall" })
	if at >= 0 {
		list, menu = list[:at:at], list[at:]
	}
	return list, menu
}
