package picker

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/picker"
)

// pictureSize is what a preview wants at least.
const pictureSize = 130

// about shows the selected document: its picture, what is known of it, and its
// versions.
type about struct {
	room     *picker.Room
	picture  *kit.Picture
	caption  *widget.Label
	name     *widget.Label
	line     *widget.Label
	state    *widget.Label
	note     *kit.Banner
	title    *widget.Label
	versions *kit.List
	content  *fyne.Container
	all      *fyne.Container
}

func newAbout(r *picker.Room, k *kit.Kit) *about {
	a := &about{
		room: r, picture: kit.NewPicture(fyne.NewSquareSize(pictureSize)), caption: kit.NewCaption(""), name: kit.NewText(""),
		line: kit.NewCaption(""), state: kit.NewToned("", view.Quiet), note: kit.NewBanner(k), title: kit.NewCaption(""), versions: kit.NewList(k, kit.WithDetail()),
	}
	a.name.TextStyle.Bold = true
	a.caption.Alignment = fyne.TextAlignCenter
	pick := func(_ int, row view.Row) {
		if n, err := strconv.Atoi(row.ID); err == nil {
			a.room.Version(n)
		}
	}
	a.versions.OnSelect, a.versions.OnOpen = pick, func(i int, row view.Row) {
		pick(i, row)
		a.room.Answer()
	}
	top := container.NewVBox(a.picture, a.caption, a.name, a.line, a.state, a.note, a.title)
	a.content = container.NewBorder(top, nil, nil, nil, a.versions)
	a.content.Hide()
	a.all = container.NewStack(a.content)
	return a
}

func (a *about) set(v *picker.About) {
	if v == nil {
		a.content.Hide()
		return
	}
	a.picture.Set(v.Image, v.Icon)
	kit.SetCaption(a.caption, v.Picture)
	a.name.SetText(v.Name)
	kit.SetCaption(a.line, v.Line)
	kit.SetToned(a.state, v.State.Value, v.State.Tone)
	a.note.Set(v.Note)
	kit.SetCaption(a.title, v.Title)
	a.versions.Follow(len(v.Versions), func(i int) view.Row { return v.Versions[i] }, v.Chosen)
	a.content.Show()
	a.content.Refresh()
}

// save is the line of the name to save under, with what is wrong with it, and
// the question whether a document gets another version.
type save struct {
	widget.BaseWidget
	label *widget.Label
	name  *kit.Entry
	fault *widget.Label
	hint  *widget.Label
	text  *widget.Label
	there *widget.Label
	keep  *kit.Button
	ask   *kit.Surface
	all   *fyne.Container
}

func newSave(r *picker.Room, k *kit.Kit) *save {
	s := &save{
		label: kit.NewCaption(""), name: kit.NewEntry(k), fault: kit.NewToned("", view.Trouble), hint: kit.NewCaption(""),
		text: kit.NewText(""), there: kit.NewCaption(""), keep: kit.NewButton(k, view.Action{}),
	}
	s.name.OnChanged = r.Name
	s.name.OnSubmitted = func(string) { r.Answer() }
	s.label.Wrapping = fyne.TextWrapOff
	s.ask = kit.NewSurface(kit.ColorChosen, 6, container.NewBorder(nil, nil, nil, container.NewCenter(s.keep), container.NewVBox(s.text, s.there)))
	line := container.NewBorder(nil, nil, s.label, nil, s.name)
	s.all = container.NewVBox(s.ask, line, s.fault, s.hint)
	s.ExtendBaseWidget(s)
	s.Hide()
	return s
}

func (s *save) set(v *picker.Save) {
	if v == nil {
		s.Hide()
		return
	}
	kit.SetCaption(s.label, v.Label)
	s.name.Put(v.Name)
	kit.SetToned(s.fault, v.Fault, view.Trouble)
	kit.SetCaption(s.hint, v.Hint)
	if o := v.Overwrite; o != nil {
		s.text.SetText(o.Text)
		kit.SetCaption(s.there, o.Line)
		s.keep.Set(o.Keep)
		s.ask.Show()
	} else {
		s.ask.Hide()
	}
	s.Show()
	s.all.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (s *save) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.all) }

// answers are the buttons at the right, the first answer last. why is the
// reason of what cannot be done; it may be long, and has a line of its own.
type answers struct {
	kit     *kit.Kit
	buttons []*kit.Button
	line    *fyne.Container
	why     *widget.Label
}

func newAnswers(k *kit.Kit) *answers {
	a := &answers{kit: k, line: container.NewHBox(), why: kit.NewCaption("")}
	a.why.Alignment = fyne.TextAlignTrailing
	return a
}

// set shows the answers. A reason that stands elsewhere already is not said
// again.
func (a *answers) set(actions []view.Action, said string) {
	for len(a.buttons) < len(actions) {
		b := kit.NewButton(a.kit, view.Action{})
		a.buttons = append(a.buttons, b)
		a.line.Add(b)
	}
	why := ""
	for i, b := range a.buttons {
		if i >= len(actions) {
			b.Hide()
			continue
		}
		b.Set(actions[i])
		b.Show()
		if actions[i].Do == nil {
			why = actions[i].Why // of the last, which is meant first
		}
	}
	if why == said {
		why = ""
	}
	kit.SetCaption(a.why, why)
	a.line.Refresh()
}
