package screen

import (
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"

	"iscdesk.dev/assets/icons"
	"iscdesk.dev/gui/view/tray"
)

// How often the icon and its menu change at most: a menu that is open closes
// when it changes.
const (
	iconPace = 500 * time.Millisecond
	menuPace = 2 * time.Second
)

const pngSuffix = ".png"

// Host is what shows a tray icon with a menu; Fyne's desktop app is one.
type Host interface {
	SetSystemTrayMenu(menu *fyne.Menu)
	SetSystemTrayIcon(icon fyne.Resource)
}

// Tray shows what view/tray says.
type Tray struct {
	host  Host
	icon  string
	shown []string
}

// NewTray makes the icon and its menu.
func NewTray(host Host, v tray.View) *Tray {
	t := &Tray{host: host}
	t.SetMenu(v)
	t.SetIcon(v)
	return t
}

// SetIcon shows another state.
func (t *Tray) SetIcon(v tray.View) {
	name := string(v.State)
	if v.State == tray.Working {
		name += strconv.Itoa(v.Step)
	}
	if name != t.icon {
		t.icon = name
		t.host.SetSystemTrayIcon(fyne.NewStaticResource(name+pngSuffix, icons.Tray(name)))
	}
}

// SetMenu shows other entries. A menu that says the same stays, so that an
// open one is not closed.
func (t *Tray) SetMenu(v tray.View) {
	if now := spell(nil, v.Items, ""); !slices.Equal(now, t.shown) {
		t.shown = now
		t.host.SetSystemTrayMenu(fyne.NewMenu("", entries(v.Items)...))
	}
}

// spell lists what a menu says and does, by names and labels.
func spell(out []string, items []tray.Item, above string) []string {
	for _, i := range items {
		out = append(out, above+i.Name+"\x00"+i.Label)
		out = spell(out, i.Items, above+i.Name+"\x00")
	}
	return out
}

func entries(items []tray.Item) []*fyne.MenuItem {
	out := make([]*fyne.MenuItem, len(items))
	for i, item := range items {
		if item.Label == "" {
			out[i] = fyne.NewMenuItemSeparator()
			continue
		}
		out[i] = fyne.NewMenuItem(item.Label, item.Do)
		out[i].Disabled = item.Do == nil && len(item.Items) == 0
		out[i].IsQuit = item.Name == "quit"
		if len(item.Items) > 0 {
			out[i].ChildMenu = fyne.NewMenu("", entries(item.Items)...)
		}
	}
	return out
}
