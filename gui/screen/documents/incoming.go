package documents

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/documents"
)

// rowsShown is how many files that are being added are in sight at once.
const rowsShown = 4

// incoming draws what is being added, below the browser.
type incoming struct {
	view    *documents.Incoming
	title   *widget.Label
	summary *widget.Label
	bar     *kit.Bar
	answers *kit.Actions
	close   *kit.Button
	list    *kit.List
	room    *tall
	all     *kit.Surface
}

// tall is a layout that gives a list room for a few rows.
type tall struct{ rows int }

func (t *tall) MinSize(o []fyne.CanvasObject) fyne.Size {
	line := func(size float32) float32 { return fyne.MeasureText("X", size, fyne.TextStyle{}).Height }
	row := line(theme.TextSize()) + line(theme.CaptionTextSize()) + 2*theme.InnerPadding() + theme.Padding()
	return fyne.NewSize(o[0].MinSize().Width, row*float32(min(max(t.rows, 1), rowsShown)))
}

func (t *tall) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }

func newIncoming(_ *documents.Room, k *kit.Kit) *incoming {
	i := &incoming{
		title: kit.NewSubtitle(""), summary: kit.NewCaption(""), bar: kit.NewBar(), answers: kit.NewActions(k),
		close: kit.NewButton(k, view.Action{}), list: kit.NewList(k, kit.WithDetail()), room: &tall{},
	}
	i.list.OnOpen = func(n int, _ view.Row) {
		if actions := i.view.Items[n].Actions; len(actions) > 0 {
			k.Do(actions[0])
		}
	}
	head := container.NewBorder(nil, nil, nil, container.NewVBox(i.close), container.NewVBox(i.title, i.summary))
	body := container.NewBorder(container.NewVBox(head, i.answers, i.bar), nil, nil, nil, container.New(i.room, i.list))
	i.all = kit.NewSurface(kit.ColorSurface, 0, kit.Inset(body))
	i.all.Hide()
	return i
}

// set tells whether the room that it needs is another.
func (i *incoming) set(v *documents.Incoming) bool {
	was, rows, high := i.all.Visible(), i.room.rows, i.all.MinSize().Height
	i.view = v
	kit.Show(i.all, v != nil)
	if v == nil {
		return was
	}
	if i.title.Text != v.Title {
		i.title.SetText(v.Title)
	}
	kit.SetCaption(i.summary, v.Summary)
	i.bar.Set(v.Progress, v.Tone)
	i.answers.Set(v.All)
	i.close.Set(v.Close)
	i.room.rows = len(v.Items)
	i.list.Set(len(v.Items), i.row)
	return !was || rows != i.room.rows || high != i.all.MinSize().Height
}

func (i *incoming) row(n int) view.Row {
	v := i.view.Items[n]
	return view.Row{
		ID: v.Where + v.Name, Icon: v.Tone.Icon(), Title: v.Name, Detail: v.State, Tone: v.Tone,
		Running: v.Progress >= 0, Progress: max(v.Progress, 0), Actions: v.Actions,
	}
}
