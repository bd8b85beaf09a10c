package settings

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/settings"
)

// item draws one setting.
type item struct {
	key     string
	kind    settings.Kind
	line    *kit.Setting
	choice  *widget.Select
	options []settings.Option
	check   *widget.Check
	entry   *entry
	value   *widget.Label
	reason  *widget.Label
	actions *kit.Actions
	setting bool // a value is being drawn, not chosen
	all     *fyne.Container
}

func newItem(r *settings.Room, k *kit.Kit, v settings.Item) *item {
	it := &item{key: v.Key, kind: v.Kind, reason: kit.NewText(""), actions: kit.NewActions(k)}
	var control fyne.CanvasObject
	switch v.Kind {
	case settings.Choice:
		it.choice = widget.NewSelect(nil, func(string) { it.chosen(r) })
		it.choice.PlaceHolder = " " // nothing is known yet
		control = it.choice
	case settings.Switch:
		it.check = widget.NewCheck("", func(on bool) {
			if !it.setting {
				r.Switch(it.key, on)
			}
		})
		control = it.check
	case settings.Text, settings.Folder:
		it.entry = newEntry(k, func(text string) { r.Set(it.key, text) })
		control = it.entry.Entry
	default:
		it.value = kit.NewText("")
		it.value.Selectable = true
		control = it.value
	}
	it.line = kit.NewSetting(control)
	it.all = container.NewVBox(it.line, it.reason, it.actions)
	return it
}

// fits tells whether a setting can be drawn by this one.
func (it *item) fits(v settings.Item) bool { return it.key == v.Key && it.kind == v.Kind }

func (it *item) chosen(r *settings.Room) {
	if at := it.choice.SelectedIndex(); !it.setting && at >= 0 && at < len(it.options) {
		r.Set(it.key, it.options[at].Value)
	}
}

func (it *item) set(v settings.Item) {
	it.setting = true
	defer func() { it.setting = false }()
	it.line.Set(v.Title, v.Hint, v.Locked)
	kit.SetToned(it.reason, v.Error, view.Trouble)
	it.actions.Set(v.Actions)
	switch v.Kind {
	case settings.Choice:
		it.setChoice(v)
	case settings.Switch:
		if it.check.Checked != v.On {
			it.check.SetChecked(v.On)
		}
		enable(it.check, v.Locked == "")
	case settings.Text, settings.Folder:
		it.entry.set(v.Value, v.Error)
		it.entry.SetPlaceHolder(v.Empty)
		enable(it.entry.Entry, v.Locked == "")
	default:
		if it.value.Text != v.Value {
			it.value.SetText(v.Value)
		}
	}
}

func (it *item) setChoice(v settings.Item) {
	if !slices.Equal(it.options, v.Choices) {
		labels := make([]string, len(v.Choices))
		for i, o := range v.Choices {
			labels[i] = o.Label
		}
		it.options = v.Choices
		it.choice.SetOptions(labels)
	}
	at := slices.IndexFunc(v.Choices, func(o settings.Option) bool { return o.Value == v.Value })
	if at >= 0 && it.choice.SelectedIndex() != at {
		it.choice.SetSelectedIndex(at)
	}
	enable(it.choice, v.Locked == "")
}

func enable(w fyne.Disableable, on bool) {
	switch {
	case on && w.Disabled():
		w.Enable()
	case !on && !w.Disabled():
		w.Disable()
	}
}

// entry is a text that is taken with Enter, or when the user goes on to
// something else; Escape takes back what was typed.
type entry struct {
	*kit.Entry
	take    func(string)
	known   string // what is in force
	refused string
	focused bool
}

func newEntry(k *kit.Kit, take func(string)) *entry {
	e := &entry{Entry: kit.NewEntry(k), take: take}
	e.OnSubmitted = func(string) { e.done() }
	e.OnFocus = func(has bool) {
		e.focused = has
		if !has {
			e.done()
		}
	}
	e.OnEscape = func() bool {
		typed := e.Text != e.known
		if typed {
			e.SetText(e.known)
		}
		return typed
	}
	return e
}

// set shows what is in force, unless the user is typing; what was refused goes
// back to it at once.
func (e *entry) set(value, refused string) {
	again := refused != "" && refused != e.refused
	if e.Text != value && (!e.focused || e.known != value || again) {
		e.SetText(value)
	}
	e.known, e.refused = value, refused
}

// done takes what was typed. What is in force is taken as well where something
// else was refused: then nothing is wrong any more.
func (e *entry) done() {
	if e.Text != e.known || e.refused != "" {
		e.take(e.Text)
	}
}
