// Package about draws the About room: versions, checks, the support bundle,
// the licences of the libraries. What it shows and what a click does is said
// by gui/view/about.
package about

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/about"
)

// Screen draws the room.
type Screen struct {
	room     *about.Room
	title    *widget.Label
	text     *widget.Label
	versions *kit.Fields
	links    *kit.Actions
	checks   *checks
	bundle   *bundle
	licences *licences
	page     *container.Scroll
	chosen   string
}

// New draws a room.
func New(r *about.Room, k *kit.Kit) *Screen {
	s := &Screen{
		room: r, title: kit.NewTitle(""), text: kit.NewText(""), versions: kit.NewFields(), links: kit.NewActions(k),
		checks: newChecks(k), bundle: newBundle(k), licences: newLicences(k),
	}
	s.page = kit.NewPage(s.title, s.text, kit.NewCard("", s.versions, s.links), s.checks.card, s.bundle.card, s.licences.card)
	s.Refresh()
	return s
}

// Object implements screen.Room.
func (s *Screen) Object() fyne.CanvasObject { return s.page }

// Show implements screen.Shower.
func (s *Screen) Show(p view.Place) { s.room.Show(p.Part) }

// Reload implements screen.Reloader.
func (s *Screen) Reload() { s.room.Examine() }

// Refresh implements screen.Room.
func (s *Screen) Refresh() {
	v := s.room.View()
	s.title.SetText(v.Name)
	s.text.SetText(v.Text)
	s.versions.Set(v.Versions)
	s.links.Set(v.Links)
	s.checks.set(v.Checks)
	s.bundle.set(v.Bundle)
	s.licences.set(v.Licenses)
	s.lead(v.Chosen)
}

// lead brings the part that the user was led to into sight, once.
func (s *Screen) lead(chosen string) {
	if chosen == s.chosen {
		return
	}
	s.chosen = chosen
	parts := map[string]fyne.CanvasObject{about.PartChecks: s.checks.card, about.PartBundle: s.bundle.card, about.PartLicenses: s.licences.card}
	if part := parts[chosen]; part != nil {
		s.page.Offset = fyne.NewPos(0, max(0, part.Position().Y-kit.Space))
		s.page.Refresh()
	}
}

// checks draws what was examined.
type checks struct {
	text, summary *widget.Label
	rows          *kit.Stories
	busy          *widget.ProgressBarInfinite
	actions       *kit.Actions
	card          *kit.Card
}

func newChecks(k *kit.Kit) *checks {
	c := &checks{text: kit.NewCaption(""), summary: kit.NewText(""), rows: kit.NewStories(k), busy: widget.NewProgressBarInfinite(), actions: kit.NewActions(k)}
	c.busy.Stop()
	c.card = kit.NewCard("", c.text, c.summary, c.rows, c.busy, c.actions)
	return c
}

func (c *checks) set(v about.Checks) {
	c.card.SetTitle(v.Title)
	kit.SetCaption(c.text, v.Text)
	kit.SetToned(c.summary, v.Summary, v.Tone)
	c.rows.Set(v.Rows)
	run(c.busy, v.Running)
	c.actions.Set(v.Actions)
}

// bundle draws the file for support.
type bundle struct {
	text, status *widget.Label
	holds        *fyne.Container
	busy         *widget.ProgressBarInfinite
	actions      *kit.Actions
	card         *kit.Card
}

func newBundle(k *kit.Kit) *bundle {
	b := &bundle{text: kit.NewText(""), status: kit.NewText(""), holds: container.NewVBox(), busy: widget.NewProgressBarInfinite(), actions: kit.NewActions(k)}
	b.busy.Stop()
	b.status.Selectable = true
	b.card = kit.NewCard("", b.text, b.holds, b.busy, b.status, b.actions)
	return b
}

func (b *bundle) set(v about.Bundle) {
	b.card.SetTitle(v.Title)
	b.text.SetText(v.Text)
	if len(b.holds.Objects) != len(v.Holds) {
		b.holds.RemoveAll()
		for _, line := range v.Holds {
			b.holds.Add(container.NewBorder(nil, nil, widget.NewIcon(kit.Colored(view.IconFile, kit.ToneColor(view.Quiet))), nil, kit.NewCaption(line)))
		}
	}
	run(b.busy, v.Running)
	kit.SetToned(b.status, v.Status, v.Tone)
	b.actions.Set(v.Actions)
}

// licences draws the libraries.
type licences struct {
	text    *widget.Label
	rows    *kit.Rows
	actions *kit.Actions
	card    *kit.Card
}

func newLicences(k *kit.Kit) *licences {
	l := &licences{text: kit.NewCaption(""), rows: kit.NewRows(k), actions: kit.NewActions(k)}
	l.card = kit.NewCard("", l.text, l.actions, l.rows)
	return l
}

func (l *licences) set(v about.Licenses) {
	l.card.SetTitle(v.Title)
	kit.SetCaption(l.text, v.Text)
	l.rows.Set(v.Rows)
	l.actions.Set(v.Actions)
}

// run starts or ends a bar of unknown length.
func run(b *widget.ProgressBarInfinite, on bool) {
	switch {
	case on && !b.Running():
		b.Show()
		b.Start()
	case !on:
		b.Stop()
		b.Hide()
	}
}
