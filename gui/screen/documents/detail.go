package documents

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/documents"
)

// said is a paragraph in the colour of its tone with buttons below.
type said struct {
	text    *widget.Label
	actions *kit.Actions
	all     *fyne.Container
}

func newSaid(k *kit.Kit) *said {
	s := &said{text: kit.NewToned("", view.Quiet), actions: kit.NewActions(k)}
	s.all = container.NewVBox(s.text, s.actions)
	return s
}

func (s *said) set(text string, tone view.Tone, actions ...view.Action) {
	kit.SetToned(s.text, text, tone)
	s.actions.Set(actions)
	kit.Show(s.all, text != "")
}

// detail draws what is known of a document.
type detail struct {
	picture  *picture
	kind     *widget.Label
	state    *said
	busy     *widget.Label
	progress *kit.Bar
	question *said
	note     *said
	actions  *kit.Actions
	facts    *kit.Fields
	all      *container.Scroll
}

func newDetail(k *kit.Kit) *detail {
	d := &detail{
		picture: newPicture(),
		kind:    kit.NewCaption(""), state: newSaid(k), busy: kit.NewToned("", view.Busy), progress: kit.NewBar(),
		question: newSaid(k), note: newSaid(k), actions: kit.NewActions(k), facts: kit.NewFields(),
	}
	d.all = container.NewVScroll(container.New(layout.NewCustomPaddedVBoxLayout(kit.Space/2),
		d.picture.all, d.kind, d.state.all, d.busy, d.progress, d.question.all, d.note.all, d.actions, d.facts))
	return d
}

func (d *detail) set(v documents.Detail) {
	kit.Show(d.picture.all, v.Title != "")
	d.picture.set(v.Picture)
	kit.SetCaption(d.kind, v.Kind)
	if v.Lead.Label != "" {
		d.state.set(v.State, v.Tone, v.Lead)
	} else {
		d.state.set(v.State, v.Tone)
	}
	kit.SetToned(d.busy, v.Busy, view.Busy)
	kit.Show(d.progress, v.Busy != "" && v.Progress >= 0)
	d.progress.Set(max(v.Progress, 0), view.Busy)
	if v.Question != nil {
		d.question.set(v.Question.Text, view.Attention, v.Question.Actions...)
	} else {
		d.question.set("", view.Quiet)
	}
	if v.Note != nil {
		d.note.set(v.Note.Text, v.Note.Tone, v.Note.Actions...)
	} else {
		d.note.set("", view.Quiet)
	}
	d.actions.Set(v.Actions)
	d.facts.Set(v.Facts)
	d.all.Refresh()
}

// pictureSize is what a picture of a document wants at least.
const pictureSize = 120

// picture shows what a document looks like, and where that is not known why.
type picture struct {
	image   *kit.Picture
	caption *widget.Label
	all     *fyne.Container
}

func newPicture() *picture {
	p := &picture{image: kit.NewPicture(fyne.NewSquareSize(pictureSize)), caption: kit.NewCaption("")}
	p.caption.Alignment = fyne.TextAlignCenter
	p.all = container.NewVBox(p.image, p.caption)
	return p
}

func (p *picture) set(v documents.Picture) {
	p.image.Set(v.Image, v.Icon)
	kit.SetCaption(p.caption, v.Text)
}

// history draws the versions of a document, with what can be done with the one
// that is selected.
type history struct {
	room    *documents.Room
	path    string
	list    *kit.List
	rows    []documents.VersionRow
	state   *said
	note    *widget.Label
	comment *widget.Label
	actions *kit.Actions
	all     *fyne.Container
	close   *kit.Button
}

func newHistory(r *documents.Room, k *kit.Kit) *history {
	h := &history{
		room: r, list: kit.NewList(k, kit.WithDetail()), state: newSaid(k), note: kit.NewText(""), comment: kit.NewText(""),
		actions: kit.NewActions(k), close: kit.NewButton(k, view.Action{}),
	}
	h.list.OnSelect = func(int, view.Row) { h.selected() }
	h.list.OnOpen = func(i int, _ view.Row) { k.Do(h.rows[i].Open) }
	head := container.NewVBox(container.NewHBox(h.close), h.state.all, h.note)
	h.all = container.NewBorder(head, container.NewVBox(h.comment, h.actions), nil, nil, h.list)
	return h
}

func (h *history) set(v documents.History) {
	h.rows = v.Rows
	h.close.Set(v.Close)
	switch {
	case v.Error != "":
		h.state.set(v.Error, view.Trouble, v.Retry)
	case v.Loading != "":
		h.state.set(v.Loading, view.Busy)
	default:
		h.state.set(v.Empty, view.Quiet)
	}
	kit.SetToned(h.note, v.Note, v.NoteTone)
	if v.Path != h.path {
		h.path = v.Path
		h.list.Select(-1)
	}
	h.list.Set(len(v.Rows), h.row)
	if h.list.Selected() < 0 && len(v.Rows) > 0 {
		h.list.Select(0)
	}
	h.selected()
	h.all.Refresh()
}

func (h *history) row(i int) view.Row {
	v := h.rows[i]
	r := view.Row{ID: v.Title, Icon: view.IconHistory, Title: v.Title, Detail: v.Details, Status: v.Newest, Tone: view.Good, Menu: []view.Action{v.Open}}
	if v.Restore.Label != "" {
		r.Menu = append(r.Menu, v.Restore)
	}
	return r
}

func (h *history) selected() {
	i := h.list.Selected()
	if i < 0 || i >= len(h.rows) {
		kit.SetToned(h.comment, "", view.Quiet)
		h.actions.Set(nil)
		return
	}
	v := h.rows[i]
	kit.SetToned(h.comment, v.Comment, view.Quiet)
	actions := []view.Action{v.Open}
	if v.Restore.Label != "" {
		actions = append(actions, v.Restore)
	}
	h.actions.Set(actions)
}
