package documents

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/documents"
)

// pending draws what is saved and not published yet.
type pending struct {
	room *documents.Room
	kit  *kit.Kit
	rows documents.PendingRows

	summary *widget.Label
	pause   *buttons
	banner  *kit.Banner
	list    *kit.List
	empty   *kit.Empty
	sheet   *kit.Sheet
	one     *oneSave
	chooser *chooser
	above   *fyne.Container
	all     *fyne.Container
	ticking bool
	after   func(f func()) // runs f on the UI thread in a second
}

func newPending(r *documents.Room, k *kit.Kit) *pending {
	p := &pending{
		room: r, kit: k, summary: kit.NewText(""), pause: newButtons(k), banner: kit.NewBanner(k),
		list: kit.NewList(k, kit.WithDetail()), empty: kit.NewEmpty(k), one: newOneSave(k), chooser: newChooser(r, k),
	}
	p.after = func(f func()) { time.AfterFunc(time.Second, func() { fyne.Do(f) }) }
	p.list.OnSelect = func(int, view.Row) { p.selected() }
	p.list.OnOpen = func(i int, _ view.Row) { k.Do(p.rows.At(i).Step) }
	p.above = container.NewVBox(p.banner, container.NewBorder(nil, nil, nil, p.pause.all, p.summary))
	p.sheet = kit.NewSheet(k, container.NewStack(p.list, p.empty))
	p.sheet.OnClose = func() {
		r.CloseChooser()
		p.list.Select(-1)
	}
	p.all = container.NewBorder(container.New(layout.NewCustomPaddedLayout(0, 0, kit.Space, kit.Space), p.above), nil, nil, nil, p.sheet)
	p.all.Hide()
	return p
}

func (p *pending) set(v documents.Pending) {
	p.rows = v.Rows
	if p.summary.Text != v.Summary {
		p.summary.SetText(v.Summary)
	}
	high := p.above.MinSize().Height
	if v.Pause.Label != "" {
		p.pause.set([]view.Action{v.Pause})
	} else {
		p.pause.set(nil)
	}
	p.banner.Set(v.Banner)
	p.list.Set(v.Rows.Len(), v.Rows.Row)
	kit.Show(p.list, v.Empty == nil)
	p.empty.Set(v.Empty)
	p.beside(v.Chooser)
	if p.above.MinSize().Height != high {
		p.all.Refresh()
	}
	p.tick()
}

// beside shows the chooser, the save that is selected, or nothing.
func (p *pending) beside(c *documents.Chooser) {
	i := p.list.Selected()
	switch {
	case c != nil:
		p.chooser.set(c)
		p.sheet.Open(c.Title, p.chooser.all)
	case i >= 0 && i < p.rows.Len():
		p.selected()
	default:
		p.sheet.Close()
	}
}

func (p *pending) selected() {
	i := p.list.Selected()
	if i < 0 || i >= p.rows.Len() {
		return
	}
	row := p.rows.At(i)
	p.one.set(row, p.room.Countdown(row.RetryAt))
	p.sheet.Open(row.Name, p.one.all)
}

// lead selects the save of an operation.
func (p *pending) lead(operation string) {
	if i := p.rows.Find(operation); i >= 0 {
		p.list.Select(i)
		p.kit.Focus(p.list.Focusable())
	}
}

// tick counts the time until the next attempts down, once a second, for as
// long as it is in sight. It draws the list and the save beside it, nothing
// else.
func (p *pending) tick() {
	if p.ticking || !p.counts() {
		return
	}
	p.ticking = true
	p.after(func() {
		p.ticking = false
		if !p.all.Visible() || !p.counts() {
			return
		}
		p.list.Set(p.rows.Len(), p.rows.Row)
		if i := p.list.Selected(); i >= 0 && i < p.rows.Len() {
			kit.SetToned(p.one.next, p.room.Countdown(p.rows.At(i).RetryAt), view.Quiet)
		}
		p.tick()
	})
}

// counts tells whether anything is to be counted down.
func (p *pending) counts() bool { return p.rows.Counts() }

// oneSave draws all that is known of one save.
type oneSave struct {
	where  *widget.Label
	state  *widget.Label
	reason *widget.Label
	next   *widget.Label
	bar    *kit.Bar
	err    *widget.Label
	step   *kit.Actions
	more   *kit.Actions
	all    *container.Scroll
}

func newOneSave(k *kit.Kit) *oneSave {
	o := &oneSave{
		where: kit.NewCaption(""), state: kit.NewText(""), reason: kit.NewText(""), next: kit.NewText(""), bar: kit.NewBar(),
		err: kit.NewText(""), step: kit.NewActions(k), more: kit.NewActions(k),
	}
	o.all = container.NewVScroll(container.New(layout.NewCustomPaddedVBoxLayout(kit.Space/2),
		o.where, o.state, o.bar, o.reason, o.next, o.err, o.step, o.more))
	return o
}

func (o *oneSave) set(v documents.PendingRow, next string) {
	kit.SetCaption(o.where, v.Where)
	kit.SetToned(o.state, v.State, v.Tone)
	kit.Show(o.bar, v.Progress >= 0)
	o.bar.Set(max(v.Progress, 0), v.Tone)
	kit.SetToned(o.reason, v.Reason, view.Quiet)
	kit.SetToned(o.next, next, view.Quiet)
	kit.SetToned(o.err, v.Error, view.Trouble)
	if v.Step.Label != "" {
		o.step.Set([]view.Action{v.Step})
	} else {
		o.step.Set(nil)
	}
	o.more.Set(v.More)
	o.all.Refresh()
}

// chooser draws the choice of another place.
type chooser struct {
	view   *documents.Chooser
	folder *widget.Label
	up     *kit.Button
	list   *kit.List
	state  *widget.Label
	label  *widget.Label
	name   *kit.Entry
	fault  *widget.Label
	note   *widget.Label
	err    *widget.Label
	answer *kit.Actions
	all    *fyne.Container
}

func newChooser(r *documents.Room, k *kit.Kit) *chooser {
	c := &chooser{
		folder: kit.NewText(""), up: kit.NewButton(k, view.Action{}), list: kit.NewList(k), state: kit.NewCaption(""),
		label: kit.NewCaption(""), name: kit.NewEntry(k), fault: kit.NewText(""), note: kit.NewText(""),
		err: kit.NewText(""), answer: kit.NewActions(k),
	}
	c.name.OnEscape = func() bool {
		r.CloseChooser()
		return true
	}
	c.name.OnChanged = r.ChooserName
	c.name.OnSubmitted = func(string) { k.Do(c.view.OK) }
	c.list.OnOpen = func(i int, _ view.Row) { k.Do(c.view.Folders[i]) }
	head := container.NewVBox(container.NewBorder(nil, nil, c.up, nil, c.folder), c.state)
	foot := container.NewVBox(c.label, c.name, c.fault, c.note, c.err, c.answer)
	c.all = container.NewBorder(head, foot, nil, nil, c.list)
	return c
}

func (c *chooser) set(v *documents.Chooser) {
	c.view = v
	if c.folder.Text != v.Folder {
		c.folder.SetText(v.Folder)
		c.list.Select(-1)
	}
	c.up.Set(v.Up)
	state := v.Loading
	if state == "" {
		state = v.Empty
	}
	kit.SetCaption(c.state, state)
	c.list.Set(len(v.Folders), func(i int) view.Row {
		return view.Row{ID: v.Folders[i].Name, Icon: view.IconFolder, Title: v.Folders[i].Label}
	})
	kit.SetCaption(c.label, v.NameLabel)
	c.name.Put(v.Name)
	kit.SetToned(c.fault, v.Fault, view.Trouble)
	kit.SetToned(c.note, v.Note, view.Attention)
	kit.SetToned(c.err, v.Error, view.Trouble)
	ok := v.OK
	ok.Why = ""
	c.answer.Set([]view.Action{v.Cancel, ok})
	c.all.Refresh()
}

// wide tells whether two things have room beside each other.
func wide(width float32) bool { return width >= 44*theme.TextSize() }
