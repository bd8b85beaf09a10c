package message

import (
	"encoding/json"
	"strconv"

	"iscdesk.dev/agent/api"
)

// note is what follows from an event.
type note struct {
	// subject is what it is about, and mark where that stands now. The same
	// mark again is no news.
	subject, mark string
	// message is empty of Kind where there is a mark to keep and nothing to say.
	message api.Message
}

// derive gives what follows from an event; false: nothing. named gives the
// name of a product for people.
func derive(e api.Event, named func(product string) string) (note, bool) {
	switch e.Name {
	case api.EventDocumentPublished:
		return of(e, published)
	case api.EventLicenseVerify:
		return of(e, func(a api.LicenseAnswer) (note, bool) { return answered(a, e.Product, named) })
	case api.EventLicenseChanged:
		return of(e, func(c api.LicenseChange) (note, bool) { return licenseChanged(c, named) })
	case api.EventLeaseLost:
		return of(e, func(l api.LeaseLoss) (note, bool) { return leaseLost(l, e.Product, named) })
	case api.EventTrialExpired:
		return of(e, func(t api.TrialOver) (note, bool) {
			return about(t.Product, api.MessageTrialOver, "license "+t.Product, "trial over", named), true
		})
	case api.EventUpgradeNotice:
		return of(e, func(n api.UpgradeNotice) (note, bool) { return upgrade(n, e.Product, named) })
	case api.EventUpgrade:
		return of(e, func(o api.UpgradeOrder) (note, bool) {
			return upgrade(api.UpgradeNotice{Available: o.Forced, Version: o.Version, Forced: o.Forced}, e.Product, named)
		})
	case api.EventInstallProgress:
		return of(e, func(p api.InstallProgress) (note, bool) { return installed(p, named) })
	case api.EventSolve:
		return of(e, solved)
	}
	return note{}, false
}

// of decodes the data of an event. What cannot be read says nothing.
func of[T any](e api.Event, f func(T) (note, bool)) (note, bool) {
	var data T
	if json.Unmarshal(e.Data, &data) != nil {
		return note{}, false
	}
	return f(data)
}

// published tells how a save ended. One that the user discarded is no news.
func published(p api.Published) (note, bool) {
	n := note{subject: "save " + p.Operation, message: api.Message{Path: p.Path, Reason: p.Reason, Params: map[string]string{"path": p.Path}}}
	switch {
	case p.Reason != nil && p.Reason.Code == api.Cancelled:
		return note{}, false
	case p.ConflictOf != "": // the version that was kept is published; its reason says the same
		n.mark, n.message.Kind = "conflict", api.MessageConflict
		n.message.Params = map[string]string{"path": p.ConflictOf, "copy": p.Path}
		n.message.Reason = nil
	case p.Reason != nil:
		n.mark, n.message.Kind = "not published", api.MessageNotPublished
		if p.Path == "" {
			n.message.Params["path"] = p.LocalPath
		}
	default:
		n.mark, n.message.Kind = "published", api.MessagePublished
		n.message.Params["version"] = strconv.Itoa(p.Version)
	}
	return n, true
}

// about is a note about a product.
func about(product string, kind api.MessageKind, subject, mark string, named func(string) string) note {
	return note{subject: subject, mark: mark, message: api.Message{
		Kind: kind, Product: product, Params: map[string]string{"product": named(product)},
	}}
}

// answered tells how a request for a licence was decided. What was kept from
// an earlier request is no news, and neither is that one has to wait.
func answered(a api.LicenseAnswer, product string, named func(string) string) (note, bool) {
	subject := "license " + product
	switch {
	case a.Cached:
		return note{}, false
	case a.State == api.LicenseGranted:
		return about(product, api.MessageLicenseGranted, subject, "granted", named), true
	case a.State == api.LicenseRefused:
		code := ""
		if a.Reason != nil {
			code = string(a.Reason.Code)
		}
		n := about(product, api.MessageLicenseRefused, subject, "refused "+code, named)
		n.message.Reason = a.Reason
		return n, true
	}
	return note{}, false
}

func licenseChanged(c api.LicenseChange, named func(string) string) (note, bool) {
	var kind api.MessageKind
	mark := c.Change
	switch c.Change {
	case "frozen":
		kind = api.MessageLicenseFrozen
	case "unfrozen":
		kind = api.MessageLicenseUnfrozen
	case "released":
		kind = api.MessageLicenseReleased
	case "expired":
		kind = api.MessageLicenseExpired
	case "renewed":
		kind, mark = api.MessageLicenseRenewed, "renewed "+strconv.FormatInt(c.ExpireTime, 10)
	default:
		return note{}, false
	}
	n := about(c.Product, kind, "instance "+c.Product+" "+c.Instance, mark, named)
	n.message.Reason = c.Reason
	return n, true
}

func leaseLost(l api.LeaseLoss, product string, named func(string) string) (note, bool) {
	if product == "" {
		return note{}, false
	}
	n := about(product, api.MessageLeaseLost, "lease "+l.ID, "lost", named)
	n.message.Reason = l.Reason
	return n, true
}

func upgrade(u api.UpgradeNotice, product string, named func(string) string) (note, bool) {
	if !u.Available || product == "" {
		return note{}, false
	}
	kind, mark := api.MessageUpgrade, "offered "+u.Version
	if u.Forced {
		kind, mark = api.MessageUpgradeForced, "forced "+u.Version
	}
	n := about(product, kind, "upgrade "+product, mark, named)
	n.message.Params["version"] = u.Version
	return n, true
}

// installed tells how an installation or a removal ended.
func installed(p api.InstallProgress, named func(string) string) (note, bool) {
	var kind api.MessageKind
	mark := p.State
	switch p.State {
	case "installed":
		kind, mark = api.MessageInstalled, "installed "+p.Version
	case "broken":
		if p.Reason != nil && passing(p.Reason.Code) {
			return note{}, false
		}
		kind = api.MessageNotInstalled
	case "absent":
		kind = api.MessageUninstalled
	default:
		return note{}, false
	}
	n := about(p.Product, kind, "application "+p.Product, mark, named)
	n.message.Params["version"] = p.Version
	n.message.Reason = p.Reason
	return n, true
}

// passing tells a failure after which the service goes on by itself as soon as
// the marketplace is there again.
func passing(code api.Code) bool {
	switch code {
	case api.Offline, api.Timeout, api.MarketplaceFailed, api.SignedOut, api.Busy, api.ShuttingDown, api.Cancelled:
		return true
	}
	return false
}

// solved tells how a solve ended. One that was cancelled is no news.
func solved(s api.Solve) (note, bool) {
	n := note{subject: "solve " + s.ID, mark: s.State, message: api.Message{
		Path: s.Path, Solve: s.ID, Reason: s.Reason, Params: map[string]string{"path": s.Path, "result": s.Result},
	}}
	switch {
	case s.State == "succeeded" && s.Result != "":
		n.message.Kind = api.MessageSolveSucceeded
	case s.State == "failed":
		n.message.Kind = api.MessageSolveFailed
	default:
		return note{}, false
	}
	return n, true
}

// signed tells that the marketplace has signed the user out. That somebody is
// signed in is kept, so that the next time is news again.
func signed(a api.Account) (note, bool) {
	switch a.State {
	case api.AccountSignedIn, api.AccountSignedOut:
		return note{subject: "account", mark: string(a.State)}, true
	case api.AccountExpired:
		return note{subject: "account", mark: string(a.State), message: api.Message{Kind: api.MessageSignedOut}}, true
	case api.AccountSigningIn:
	}
	return note{}, false
}
