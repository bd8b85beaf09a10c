package home

import (
	"context"
	"slices"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
)

// TransferLook is how the first page tells of a transfer in one state.
type TransferLook struct {
	State string
	// Moving: it counts to what is being sent. Attention: it has a row of its
	// own, with a button. Else the other rows tell of it: what it waits for is
	// a question of an application.
	Moving, Attention bool
}

// TransferLooks is the table of the states of a transfer.
func TransferLooks() []TransferLook {
	return []TransferLook{
		{State: "picking"}, // the pick has the row
		{State: "waiting", Moving: true},
		{State: "uploading", Moving: true},
		{State: "failed", Attention: true},
	}
}

// lookOfTransfer finds the row of a state. A state that is newer than this
// program goes on by itself.
func lookOfTransfer(state string) TransferLook {
	for _, look := range TransferLooks() {
		if look.State == state {
			return look
		}
	}
	return TransferLook{State: state, Moving: true}
}

// sending tells what is on its way.
func (p painter) sending(speed int64) Sending {
	w := p.words
	var count, uploading int
	var sent, total, next int64
	var reason *api.Error
	for _, t := range p.state.Transfers {
		if !lookOfTransfer(t.State).Moving {
			continue
		}
		count++
		sent, total = sent+t.Sent, total+t.Total
		if t.State == "uploading" {
			uploading++
		} else if t.Reason != nil && (reason == nil || t.RetryAt < next) {
			reason, next = t.Reason, t.RetryAt
		}
	}
	out := Sending{Title: w.T("home.sending")}
	paused := p.state.Uploads.Paused
	if count == 0 && !paused {
		return out
	}
	out.Text = w.T("home.sending.text", "count", count, "sent", w.Bytes(sent), "total", w.Bytes(total))
	if count == 1 {
		out.Text = w.T("home.sending.one", "sent", w.Bytes(sent), "total", w.Bytes(total))
	}
	if count == 0 {
		out.Text = w.T("home.sending.nothing")
	}
	if total > 0 {
		out.Progress = float64(sent) / float64(total)
	}
	out.Tone = view.Busy
	switch {
	case paused:
		out.Tone, out.Detail = view.Attention, w.T("home.sending.paused")
	case uploading > 0 && speed > 0:
		out.Running, out.Detail = true, w.T("home.sending.speed", "speed", w.Bytes(speed))
	case uploading > 0:
		out.Running = true
	case reason != nil:
		out.Tone, out.Detail = view.Attention, p.waiting(reason, next)
	}
	if !out.Running {
		out.Title = w.T("home.to_send")
	}
	out.Actions = p.sendingActions(paused, count)
	return out
}

// waiting says why nothing is sent, and when it is tried again.
func (p painter) waiting(reason *api.Error, next int64) string {
	text := p.words.Error(reason)
	if slices.ContainsFunc(p.state.Health, func(w api.Warning) bool { return w.Code == string(reason.Code) }) {
		text = "" // it stands under what needs attention
	}
	if at := time.Unix(next, 0); next > 0 && at.After(p.now) {
		return strings.TrimSpace(p.words.T("home.sending.next", "reason", text, "time", p.words.Time(next)))
	}
	return text
}

func (p painter) sendingActions(paused bool, count int) []view.Action {
	name := "pause"
	if paused {
		name = "resume"
	}
	list := []view.Action{p.call(name, func(ctx context.Context, s desk.Service) error { return s.PauseUploads(ctx, !paused) })}
	list[0].Primary = paused
	if count > 0 {
		list = append(list, p.leads("show_pending", view.Place{Room: view.Documents, Part: "pending"}))
	}
	return list
}

// licenses tells which licences are in use and until when; where none is, how
// many there are.
func (p painter) licenses() (rows []view.Row) {
	w := p.words
	good := 0
	for _, l := range p.state.Licenses {
		if l.Status == "active" {
			good++
		}
		for _, held := range l.Leases {
			rows = append(rows, p.inUse(l, held))
		}
	}
	if len(rows) > 0 || good == 0 && p.state.Account.State != api.AccountSignedIn {
		return rows // what nobody is signed in for is not known
	}
	row := view.Row{ID: "none", Icon: view.IconLicenses, Title: w.T("home.licenses.idle", "count", good)}
	switch good {
	case 0:
		row.Title = w.T("home.licenses.none")
	case 1:
		row.Title = w.T("home.licenses.idle.one")
	}
	return []view.Row{row}
}

// LeaseTones is the table of the states of a lease, as the first page shows
// them; the words are those of the licences' room.
func LeaseTones() map[string]view.Tone {
	return map[string]view.Tone{"active": view.Good, "renewing": view.Busy, "grace": view.Attention, "expired": view.Trouble}
}

func (p painter) inUse(l api.License, held api.LeaseInfo) view.Row {
	w := p.words
	row := view.Row{
		ID: "lease/" + held.ID, Icon: view.IconLicenses, Title: view.ProductName(p.state, l.Product), Tone: LeaseTones()[held.State],
		Status:  w.T("licenses.lease."+held.State, "grace", w.Time(held.Grace), "expires", w.Time(held.Expires)),
		Actions: []view.Action{p.leads("show_license", view.Place{Room: view.Licenses, Item: l.Product})},
	}
	until := w.T("home.licenses.no_end")
	if l.ExpireTime > 0 {
		until = w.T("home.licenses.until", "date", w.Date(l.ExpireTime))
	}
	row.Detail = until
	if s, ok := view.SessionOf(p.state, held.Session); ok {
		row.Detail = w.T("home.licenses.by", "until", until, "version", s.Version, "pid", s.PID)
	}
	return row
}
