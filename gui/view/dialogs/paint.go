package dialogs

import (
	"cmp"
	"context"
	"path"
	"slices"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/signin"
)

// painter words one state.
type painter struct {
	room  *Room
	words *i18n.Words
	state api.State
}

func (p painter) action(name string, do func()) view.Action {
	return view.Action{Name: name, Label: p.words.T("dialogs." + name), Do: do}
}

// closing puts a dialog away under a name that fits it.
func (p painter) closing(name, id string) view.Action {
	return p.action(name, func() { p.room.close(id) })
}

// signIn is there while an application that runs waits for somebody to sign
// in: for its licence, or for a document that is to be picked.
func (p painter) signIn(trials []api.TrialOver) []Dialog {
	account := p.state.Account
	if account.State == api.AccountSignedIn || account.Marketplace == "" {
		return nil
	}
	for _, s := range p.state.Sessions {
		var text string
		switch {
		case slices.ContainsFunc(p.state.Picks, func(pick api.Pick) bool { return pick.Session == s.ID }):
			text = "sign_in.document"
		case slices.ContainsFunc(trials, func(t api.TrialOver) bool { return t.Product == s.Product }):
			continue // its window offers to sign in
		case p.waitsForLicense(s.Product):
			text = "sign_in.license"
		default:
			continue
		}
		d := Dialog{ID: "sign_in/" + s.ID, Kind: SignIn, Icon: view.IconSignIn, Tone: view.Attention}
		d.Title = p.words.T("dialogs.sign_in.title")
		d.Text = p.words.T("dialogs."+text, "name", view.ProductName(p.state, s.Product))
		d.Close = p.closing("not_now", d.ID)
		d.Actions = []view.Action{d.Close}
		p.offerLogin(&d, "sign_in", true)
		return []Dialog{d}
	}
	return nil
}

func (p painter) waitsForLicense(product string) bool {
	for _, l := range p.state.Licenses {
		if l.Product == product && len(l.Requests) > 0 {
			last := l.Requests[0]
			return last.State == api.LicensePendingState && last.Reason != nil && last.Reason.Code == api.SignedOut
		}
	}
	return false
}

// offerLogin adds the button that signs in, or what there is to see of a
// login that is under way, with its buttons.
func (p painter) offerLogin(d *Dialog, name string, primary bool) {
	flow := p.room.hand.SignIn
	if flow == nil {
		return
	}
	d.Login = flow.View()
	if d.Login.Stage != signin.Idle {
		d.Actions = []view.Action{d.Close}
		return
	}
	login := p.action(name, flow.Begin)
	login.Primary = primary
	d.Actions = append(d.Actions, login)
}

func trialID(product string) string { return "trial/" + product }

// trials are over, and their applications ask for a licence.
func (p painter) trials(trials []api.TrialOver) (list []Dialog) {
	for _, t := range trials {
		name := view.ProductName(p.state, t.Product)
		d := Dialog{ID: trialID(t.Product), Kind: Trial, Icon: view.IconLicenses, Tone: view.Attention}
		d.Title = p.words.T("dialogs.trial.title", "name", name)
		d.Text = p.words.T("dialogs.trial.text", "name", name)
		d.Close = p.closing("close", d.ID)
		d.Actions = []view.Action{d.Close}
		signedIn := p.state.Account.State == api.AccountSignedIn
		login := "other_account"
		if !signedIn {
			login = "sign_in"
		}
		p.offerLogin(&d, login, !signedIn)
		if d.Login.Stage == signin.Idle && signedIn {
			d.Actions = append(d.Actions, p.apply(t)...)
		}
		if r, ok := requestOf(p.state, t); ok && r.Reason != nil {
			d.Detail = p.words.Error(r.Reason)
			if r.State == api.LicenseRefused {
				d.Tone = view.Trouble
			}
		}
		list = append(list, d)
	}
	return list
}

// apply leads to where a licence is applied for or bought.
func (p painter) apply(t api.TrialOver) []view.Action {
	address := p.state.Account.Marketplace
	for _, a := range p.state.Apps {
		if a.Product == t.Product {
			address = cmp.Or(a.TrialURL, address)
		}
	}
	if address == "" {
		return nil
	}
	apply := p.action("apply", func() { p.room.env.Local.Browse(address) })
	apply.Primary = true
	return []view.Action{apply}
}

// forced are upgrades that begin as soon as their application is closed.
func (p painter) forced() (list []Dialog) {
	for _, a := range p.state.Apps {
		if !a.Forced || a.Offered != "" || a.State != "waiting_for_exit" || a.Installed == a.Latest {
			continue
		}
		d := Dialog{ID: "forced/" + a.Product + "/" + a.Latest, Kind: Forced, Icon: view.IconApplications, Tone: view.Attention}
		d.Title = p.words.T("dialogs.forced.title", "name", cmp.Or(a.Name, a.Product), "version", a.Latest)
		d.Text = p.words.T("dialogs.forced.text", "name", cmp.Or(a.Name, a.Product))
		d.Close = p.closing("understood", d.ID)
		d.Close.Primary = true
		d.Actions = []view.Action{d.Close}
		p.notes(&d, a)
		list = append(list, d)
	}
	return list
}

func (p painter) notes(d *Dialog, a api.App) {
	if a.Notes != "" {
		d.NotesTitle, d.Notes = p.words.T("dialogs.notes"), i18n.Prose(a.Notes)
	}
}

// upgrades are questions.
func (p painter) upgrades() (list []Dialog) {
	for _, a := range p.state.Apps {
		if a.Offered == "" {
			continue
		}
		d := Dialog{ID: "upgrade/" + a.Product + "/" + a.Offered, Kind: Upgrade, Icon: view.IconApplications}
		d.Title = p.words.T("dialogs.upgrade.title", "name", cmp.Or(a.Name, a.Product), "version", a.Offered)
		d.Text = p.words.T("dialogs.upgrade.text", "version", a.Installed)
		if a.Installed == "" {
			d.Text = p.words.T("dialogs.upgrade.text.new")
		}
		answer := func(name string, yes bool) view.Action {
			return p.action(name, func() {
				p.room.answer(d.ID, func(ctx context.Context, s desk.Service) error {
					return s.AnswerUpgrade(ctx, api.UserUpgradeAnswer{Product: a.Product, Accept: yes})
				})
			})
		}
		d.Actions = []view.Action{answer("later", false), answer("upgrade_now", true)}
		d.Actions[1].Primary = true
		d.Close = p.closing("close", d.ID)
		p.notes(&d, a)
		list = append(list, d)
	}
	return list
}

// conflicts are saves that met another one. What is to become of them is
// chosen in the room of the documents.
func (p painter) conflicts() (list []Dialog) {
	var all []string
	for _, c := range p.state.Conflicts {
		all = append(all, "conflict/"+c.ID)
	}
	for i, c := range p.state.Conflicts {
		d := Dialog{ID: all[i], Kind: Conflict, Icon: view.IconConflict, Tone: view.Attention}
		d.Title = p.words.T("dialogs.conflict.title", "name", path.Base(c.Path))
		d.Text = p.words.T("dialogs.conflict.text", "author", cmp.Or(c.TheirAuthor, p.words.T("dialogs.somebody")), "copy", path.Base(c.Copy))
		d.Close = p.closing("later", d.ID)
		compare := p.action("compare", func() {
			p.room.close(all...) // what they lead to shows them all
			p.room.env.Go(view.Place{Room: view.Documents, Part: "conflicts", Item: c.ID})
		})
		compare.Primary = true
		d.Actions = []view.Action{d.Close, compare}
		list = append(list, d)
	}
	return list
}
