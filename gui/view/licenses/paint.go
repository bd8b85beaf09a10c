package licenses

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/mend"
)

const (
	// soon is how long before its end a licence is told to end, as the
	// service's own warning is.
	soon = 7 * 24 * time.Hour
	// shownRequests bounds the requests that are shown of a product.
	shownRequests = 5
)

// state is where a licence stands: what the marketplace says, and what its
// dates say.
func (p painter) stateOf(l api.License) string {
	end := time.Unix(l.ExpireTime, 0)
	switch {
	case l.Instance == "" && l.Status == "":
		return requested
	case l.Status != "active":
		return l.Status
	case l.EffectiveTime > p.now.Unix():
		return future
	case l.ExpireTime == 0:
		return l.Status
	case !p.now.Before(end):
		return expired
	case end.Sub(p.now) <= soon:
		return expiring
	}
	return l.Status
}

func (p painter) license(l api.License, losses []loss) License {
	w, name := p.words, cmp.Or(l.ProductName, l.Product)
	look, known := lookOfLicense(p.stateOf(l))
	out := License{
		ID: cmp.Or(l.Instance, l.Product), Product: l.Product, Title: name, Fields: p.fields(l), inUse: len(l.Leases) > 0,
		Head: view.Row{ID: "head", Icon: view.IconLicenses, Tone: look.Tone, Status: look.State, Title: p.period(l)},
	}
	if known {
		out.Head.Status = w.T("licenses.status." + look.State)
	}
	if look.Code != "" {
		reason := api.Fail(look.Code, "product", name, "date", w.Date(l.ExpireTime))
		out.Head.Detail = w.Error(reason)
		if a := p.action(reason, mend.Subject{Product: l.Product}); a != nil {
			out.Head.Actions = []view.Action{*a}
		}
	}
	for _, held := range l.Leases {
		out.Uses = append(out.Uses, p.lease(l, held))
	}
	for i, gone := range losses {
		if gone.product == l.Product {
			out.Uses = append(out.Uses, p.lost(gone, strconv.Itoa(i)))
		}
	}
	for _, r := range l.Requests[:min(len(l.Requests), shownRequests)] {
		out.Requests = append(out.Requests, p.request(l, r))
	}
	if len(out.Uses) > 0 {
		out.UsesTitle = w.T("licenses.uses")
	}
	if len(out.Requests) > 0 {
		out.RequestsTitle = w.T("licenses.requests")
	}
	return out
}

// action is the button that mends reason. One that leads here is none: the
// licence stands above.
func (p painter) action(reason *api.Error, s mend.Subject) *view.Action {
	a, ok := p.hand.Action(reason, s)
	if !ok || a.Name == string(mend.License) {
		return nil
	}
	return &a
}

// period is until when a licence is good.
func (p painter) period(l api.License) string {
	w, end := p.words, time.Unix(l.ExpireTime, 0)
	switch {
	case l.Instance == "" && l.Status == "" && p.state.Account.State != api.AccountSignedIn:
		return w.T("licenses.period.unknown")
	case l.Instance == "" && l.Status == "":
		return w.T("licenses.period.none")
	case l.EffectiveTime > p.now.Unix():
		return w.T("licenses.period.future", "date", w.Date(l.EffectiveTime))
	case l.ExpireTime == 0:
		return w.T("licenses.period.no_end")
	case !p.now.Before(end):
		return w.T("licenses.period.ended", "date", w.Date(l.ExpireTime))
	case l.Status != "active":
		return w.T("licenses.period.was", "date", w.Date(l.ExpireTime))
	}
	return w.T("licenses.period.until", "date", w.Date(l.ExpireTime), "left", p.left(end))
}

func (p painter) fields(l api.License) (list []view.Field) {
	w := p.words
	add := func(key, value string) {
		if value != "" {
			list = append(list, view.Field{Label: w.T("licenses.field." + key), Value: value})
		}
	}
	add("product", l.Product)
	if l.Trial {
		add("kind", w.T("licenses.trial"))
	}
	add("features", strings.Join(l.Features, w.T("licenses.comma")))
	if l.SeatsTotal > 0 {
		add("seats", w.T("licenses.seats", "used", l.SeatsUsed, "total", l.SeatsTotal))
	}
	if l.EffectiveTime > 0 {
		add("since", w.Date(l.EffectiveTime))
	}
	add("instance", l.Instance)
	for _, held := range l.Leases {
		if held.Device != "" {
			add("device", w.T("licenses.device", "device", held.Device))
			break
		}
	}
	return list
}

// user names the application that holds something.
func (p painter) user(session string) string {
	s, ok := view.SessionOf(p.state, session)
	if !ok {
		return p.words.T("licenses.user.gone")
	}
	return p.words.T("licenses.user", "name", view.ProductName(p.state, s.Product), "version", s.Version, "pid", s.PID)
}

// lease shows a lease that is held. One that would be good is in doubt while
// the machine's clock is wrong.
func (p painter) lease(l api.License, held api.LeaseInfo) view.Row {
	w, state := p.words, held.State
	if p.clockWrong() && (state == "active" || state == "renewing") {
		state = suspectClock
	}
	look, known := lookOfLease(state)
	row := view.Row{ID: "lease/" + held.ID, Title: p.user(held.Session), Status: state, Tone: look.Tone, Icon: view.IconComputer}
	if known {
		times := []any{"expires", w.Time(held.Expires), "grace", w.Time(held.Grace)}
		row.Status = w.T("licenses.lease."+state, times...)
		row.Detail = w.T("licenses.lease."+state+".text", times...)
	}
	if len(held.Features) > 0 {
		row.Detail = strings.TrimSpace(w.T("licenses.lease.features", "text", row.Detail, "features", strings.Join(held.Features, w.T("licenses.comma"))))
	}
	if look.Code != "" {
		if a := p.action(api.Fail(look.Code), mend.Subject{Product: l.Product}); a != nil {
			row.Actions = []view.Action{*a}
		}
	}
	return row
}

func (p painter) clockWrong() bool {
	for _, warning := range p.state.Health {
		if warning.Code == string(api.ClockWrong) {
			return true
		}
	}
	return false
}

// lost shows a lease that an application does not hold any more.
func (p painter) lost(gone loss, number string) view.Row {
	look, _ := lookOfLease(lost)
	row := view.Row{
		ID: "lost/" + gone.session + "/" + number, Title: p.user(gone.session), Status: p.words.T("licenses.lease." + lost),
		Detail: p.words.Error(gone.reason), Tone: look.Tone, Icon: view.IconComputer,
	}
	if a := p.action(gone.reason, mend.Subject{Product: gone.product}); a != nil {
		row.Actions = []view.Action{*a}
	}
	return row
}

// request shows what came of a request.
func (p painter) request(l api.License, r api.LicenseRecord) view.Row {
	w := p.words
	look, known := lookOfRequest(r)
	row := view.Row{
		ID: "request/" + r.Request, Status: look.Name, Tone: look.Tone, Icon: view.IconText,
		Title: w.T("licenses.request."+kindKey(r.Kind), "time", w.Time(r.Updated)),
	}
	if known {
		row.Status = w.T("licenses.request." + look.Name)
	}
	reason := r.Reason
	if look.Name == "rejected" {
		reason = api.Fail(api.LicenseRejectedByApp, "message", cmp.Or(r.VerdictMessage, w.T("licenses.no_words")))
	}
	if reason == nil {
		row.Detail = w.T("licenses.event", "event", r.EventID)
		if r.EventID == "" {
			row.Detail = ""
		}
		return row
	}
	row.Detail = w.Error(reason)
	if a := p.action(reason, mend.Subject{Product: l.Product, Event: r.EventID}); a != nil {
		row.Actions = []view.Action{*a}
	}
	return row
}

func kindKey(kind api.LicenseKind) string {
	if kind == api.LicenseFile {
		return "file"
	}
	return "string"
}
