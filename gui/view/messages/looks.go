package messages

import (
	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
)

// Look is how a kind of message is shown, and where a click on it leads.
type Look struct {
	Kind api.MessageKind
	Icon view.Icon
	Tone view.Tone
	Room view.Room
	// Part is the part of the room that is shown; then no item is meant.
	Part string
}

// Looks is the table of all kinds.
func Looks() []Look {
	return []Look{
		{api.MessagePublished, view.IconCloud, view.Good, view.Documents, ""},
		{api.MessageNotPublished, view.IconUpload, view.Trouble, view.Documents, "pending"},
		{api.MessageConflict, view.IconConflict, view.Attention, view.Documents, "conflicts"},
		{api.MessageLicenseGranted, view.IconLicenses, view.Good, view.Licenses, ""},
		{api.MessageLicenseRefused, view.IconLicenses, view.Trouble, view.Licenses, ""},
		{api.MessageLicenseFrozen, view.IconLicenses, view.Trouble, view.Licenses, ""},
		{api.MessageLicenseUnfrozen, view.IconLicenses, view.Good, view.Licenses, ""},
		{api.MessageLicenseReleased, view.IconLicenses, view.Attention, view.Licenses, ""},
		{api.MessageLicenseRenewed, view.IconLicenses, view.Good, view.Licenses, ""},
		{api.MessageLicenseExpired, view.IconLicenses, view.Trouble, view.Licenses, ""},
		{api.MessageLeaseLost, view.IconLicenses, view.Trouble, view.Licenses, ""},
		{api.MessageTrialOver, view.IconLicenses, view.Trouble, view.Licenses, ""},
		{api.MessageUpgrade, view.IconApplications, view.Quiet, view.Applications, ""},
		{api.MessageUpgradeForced, view.IconApplications, view.Attention, view.Applications, ""},
		{api.MessageInstalled, view.IconApplications, view.Good, view.Applications, ""},
		{api.MessageNotInstalled, view.IconApplications, view.Trouble, view.Applications, ""},
		{api.MessageUninstalled, view.IconApplications, view.Quiet, view.Applications, ""},
		{api.MessageSolveSucceeded, view.IconSolves, view.Good, view.Solves, ""},
		{api.MessageSolveFailed, view.IconSolves, view.Trouble, view.Solves, ""},
		{api.MessageSignedOut, view.IconSignOut, view.Attention, view.Home, ""},
	}
}

// lookOf finds the row of a message's kind. A kind that is newer than this
// program looks as its level says.
func lookOf(m api.Message) Look {
	for _, look := range Looks() {
		if look.Kind == m.Kind {
			return look
		}
	}
	look := Look{Kind: m.Kind, Icon: view.IconMessages}
	switch m.Level {
	case api.MessageWarning:
		look.Tone = view.Attention
	case api.MessageProblem:
		look.Tone = view.Trouble
	}
	return look
}

// place is where a click on a message leads.
func (l Look) place(m api.Message) (p view.Place, ok bool) {
	p = view.Place{Room: l.Room, Part: l.Part}
	switch {
	case l.Part != "":
	case l.Room == view.Documents:
		p.Item = m.Path
	case l.Room == view.Licenses, l.Room == view.Applications:
		p.Item = m.Product
	case l.Room == view.Solves:
		p.Item = m.Solve
	}
	return p, l.Room != "" && (p.Item != "" || l.Room != view.Documents || l.Part != "")
}

// label is the key of what the button that leads there says.
func (l Look) label() string {
	if l.Part != "" {
		return "messages.show." + l.Part
	}
	return "messages.show." + string(l.Room)
}
