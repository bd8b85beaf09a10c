package home

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strconv"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/mend"
)

// several is how many of a kind have rows of their own; more have one together.
const several = 3

// ToldElsewhere are the warnings of the service that have no row, because
// something else on the page says the same with the same button.
func ToldElsewhere() []api.Code {
	return []api.Code{
		api.SignedOut,       // the account
		api.TransfersFailed, // the transfers' own rows
		api.UpgradeWaiting,  // the application's own row
	}
}

// Grave are the warnings that stop work; the others are to be seen to in time.
func Grave() []api.Code {
	return []api.Code{
		api.LicenseFrozen, api.LicenseExpired, api.DiskFull, api.StateDamaged, api.Untrusted, api.PolicyRefused, api.NotConfigured,
		api.DeviceUnknown, api.ProxyFailed,
	}
}

// LicenseAttention tells how a licence in a state of the licences' room comes
// to the first page: by the service's warning, or not at all because there is
// nothing to do about it.
type LicenseAttention struct {
	State   string
	Warning api.Code // empty: it needs nobody's attention
}

// LicenseAttentions is the table of the states of a licence.
func LicenseAttentions() []LicenseAttention {
	return []LicenseAttention{
		{State: "active"},
		{State: "future"},
		{State: "expiring", Warning: api.LicenseExpiring},
		{State: "expired", Warning: api.LicenseExpired},
		{State: "frozen", Warning: api.LicenseFrozen},
		{State: "released"}, // it was taken away on purpose; a message says so
		{State: "requested"},
	}
}

// attention lists what the user has to see to, what applications wait for
// first.
func (p painter) attention() (rows []view.Row) {
	for _, find := range []func() []view.Row{p.picks, p.warnings, p.conflicts, p.failed, p.verdicts, p.upgrades} {
		rows = append(rows, find()...)
	}
	return rows
}

// row makes a row whose one button mends reason.
func (p painter) row(id string, icon view.Icon, tone view.Tone, reason *api.Error, s mend.Subject) view.Row {
	row := view.Row{ID: id, Icon: icon, Tone: tone}
	if reason != nil {
		row.Title = p.words.Error(reason)
	}
	if a, ok := p.hand.Action(reason, s); ok {
		row.Actions = []view.Action{a}
	}
	return row
}

// warnings are the service's.
func (p painter) warnings() (rows []view.Row) {
	for _, w := range p.state.Health {
		if w.Reason == nil {
			w.Reason = api.Fail(api.Code(w.Code))
		}
		if slices.Contains(ToldElsewhere(), w.Reason.Code) || p.brokenBy(w.Reason) {
			continue
		}
		tone := view.Attention
		if slices.Contains(Grave(), w.Reason.Code) {
			tone = view.Trouble
		}
		rows = append(rows, p.row("warning/"+w.Reason.Error(), tone.Icon(), tone, w.Reason, mend.Subject{}))
	}
	return rows
}

// brokenBy tells whether a warning is that of an application, which has a row
// of its own.
func (p painter) brokenBy(reason *api.Error) bool {
	return slices.ContainsFunc(p.state.Apps, func(a api.App) bool {
		return a.State == "broken" && a.Reason != nil && a.Reason.Error() == reason.Error()
	})
}

// picks are applications that wait for a choice.
func (p painter) picks() (rows []view.Row) {
	for _, pick := range p.state.Picks {
		name := view.ProductName(p.state, pick.Product)
		title := p.words.T("home.pick.open", "name", name)
		if pick.Kind == api.PickSaveAs {
			title = p.words.T("home.pick.save_as", "name", name, "document", pick.SuggestedName)
		}
		row := view.Row{ID: "pick/" + pick.ID, Icon: view.IconOpen, Title: title, Tone: view.Attention}
		row.Actions = []view.Action{p.leads("choose", view.Place{Room: view.Picker, Item: pick.ID})}
		row.Actions[0].Primary = true
		rows = append(rows, row)
	}
	return rows
}

// conflicts are saves that met a newer version.
func (p painter) conflicts() (rows []view.Row) {
	w := p.words
	to := view.Place{Room: view.Documents, Part: "conflicts"}
	if n := len(p.state.Conflicts); n > several {
		return []view.Row{{
			ID: "conflicts", Icon: view.IconConflict, Tone: view.Attention, Title: w.T("home.conflicts", "count", n),
			Actions: []view.Action{p.leads("compare", to)},
		}}
	}
	for _, c := range p.state.Conflicts {
		to.Item = c.ID
		rows = append(rows, view.Row{
			ID: "conflict/" + c.ID, Icon: view.IconConflict, Tone: view.Attention,
			Title:   w.T("home.conflict", "name", path.Base(c.Path)),
			Detail:  w.T("home.conflict.text", "author", cmp.Or(c.TheirAuthor, w.T("home.somebody")), "version", c.Theirs, "copy", path.Base(c.Copy)),
			Actions: []view.Action{p.leads("compare", to)},
		})
	}
	return rows
}

// failed are saves that could not be published.
func (p painter) failed() (rows []view.Row) {
	var list []api.Transfer
	for _, t := range p.state.Transfers {
		if lookOfTransfer(t.State).Attention {
			list = append(list, t)
		}
	}
	if n := len(list); n > several {
		reason := api.Fail(api.TransfersFailed, "count", strconv.Itoa(n))
		return []view.Row{p.row("failed", view.IconUpload, view.Trouble, reason, mend.Subject{})}
	}
	for _, t := range list {
		again := p.call("retry", func(ctx context.Context, s desk.Service) error { return s.Retry(ctx, t.Operation) })
		row := p.row("failed/"+t.Operation, view.IconUpload, view.Trouble, t.Reason,
			mend.Subject{Operation: t.Operation, Path: t.Path, Retry: again.Do})
		row.Title, row.Detail = p.words.T("home.failed", "name", path.Base(t.Path)), cmp.Or(row.Title, p.words.T("home.failed.text"))
		if len(row.Actions) == 0 {
			row.Actions = []view.Action{again}
		}
		rows = append(rows, row)
	}
	return rows
}

// verdicts are licences that were refused to this machine: the last request
// of each product counts.
func (p painter) verdicts() (rows []view.Row) {
	for _, l := range p.state.Licenses {
		if len(l.Requests) == 0 || l.Status == "frozen" || l.Status == "expired" {
			continue
		}
		last := l.Requests[0]
		reason := last.Reason
		switch {
		case last.Verdict == "rejected":
			reason = api.Fail(api.LicenseRejectedByApp, "message", cmp.Or(last.VerdictMessage, p.words.T("licenses.no_words")))
		case last.State != api.LicenseRefused:
			continue
		case reason == nil:
			reason = api.Fail(api.LicenseNotEntitled, "product", cmp.Or(l.ProductName, l.Product))
		}
		row := p.row("license/"+l.Product, view.IconLicenses, view.Trouble, reason, mend.Subject{Product: l.Product, Event: last.EventID})
		row.Title, row.Detail = p.words.T("home.refused", "name", view.ProductName(p.state, l.Product)), row.Title
		if len(row.Actions) == 0 {
			row.Actions = []view.Action{p.leads("show_license", view.Place{Room: view.Licenses, Item: l.Product})}
		}
		rows = append(rows, row)
	}
	return rows
}

// upgrades are questions that wait, upgrades that wait for their application
// to be closed though they are forced, and what could not be installed.
func (p painter) upgrades() (rows []view.Row) {
	w := p.words
	for _, a := range p.state.Apps {
		name := cmp.Or(a.Name, a.Product)
		show := p.leads("show_app", view.Place{Room: view.Applications, Item: a.Product})
		row := view.Row{ID: "app/" + a.Product, Icon: view.IconApplications, Tone: view.Attention, Actions: []view.Action{show}}
		switch {
		case a.State == "broken" && a.Reason != nil:
			row.Tone = view.Trouble
			row.Title, row.Detail = w.T("home.app.broken", "name", name), w.Error(a.Reason)
			if mends, ok := p.hand.Action(a.Reason, mend.Subject{Product: a.Product}); ok {
				row.Actions = []view.Action{mends}
			}
		case a.Offered != "":
			row.Title, row.Detail = w.T("home.app.offered", "name", name, "version", a.Offered), w.T("home.app.offered.text")
			row.Actions = []view.Action{p.call("upgrade", func(ctx context.Context, s desk.Service) error {
				return s.AnswerUpgrade(ctx, api.UserUpgradeAnswer{Product: a.Product, Accept: true})
			})}
		case a.State == "waiting_for_exit" && a.Forced && a.Installed != "":
			row.Title, row.Detail = w.T("home.app.forced", "name", name, "version", a.Latest), w.T("home.app.forced.text")
		default:
			continue
		}
		rows = append(rows, row)
	}
	return rows
}
