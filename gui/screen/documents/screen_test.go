package documents_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
	"iscdesk.dev/gui/content"
	screen "iscdesk.dev/gui/screen/documents"
	"iscdesk.dev/gui/screen/kit"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/documents"
	"iscdesk.dev/gui/view/documents/documentstest"
)

// drawn is the room in a window of Fyne's test driver.
type drawn struct {
	*documentstest.Stage
	screen *screen.Screen
	window fyne.Window
}

// look begins an app. Reading its fonts takes long, so that a test with many
// windows begins one only.
func look(t testing.TB) { test.NewTempApp(t).Settings().SetTheme(kit.Theme{}) }

func draw(t testing.TB, lang api.Language, size fyne.Size) *drawn {
	t.Helper()
	d := &drawn{Stage: documentstest.New(t, lang)}
	few(d.Stage)
	d.Room.Browser().Reload()
	d.Until("the spaces", func(documents.View) bool {
		v := d.Room.Browser().View()
		return !v.Loading && v.Rows.Len() == 2 && v.Tree.Len() == 4
	})
	d.window = test.NewTempWindow(t, nil)
	d.screen = screen.New(d.Room, kit.New(d.window, d.Words))
	d.screen.StopClock()
	d.window.SetContent(d.screen.Object())
	d.window.Resize(size)
	return d
}

// press goes to the button of a label with Tab and presses Enter.
func (d *drawn) press(t testing.TB, label string) {
	t.Helper()
	for range 100 {
		d.window.Canvas().(interface{ FocusNext() }).FocusNext()
		if b, ok := d.window.Canvas().Focused().(*kit.Button); ok && b.Text == label {
			b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			d.screen.Refresh()
			return
		}
	}
	t.Fatalf("Tab does not lead to %q", label)
}

func few(s *documentstest.Stage) {
	now := documentstest.Now().Unix()
	for _, e := range []api.Entry{
		{Path: "/team/gear", Folder: true},
		{Path: "/team/bracket.step", Version: 4, Size: 6564, Modified: now - 86400, Author: "Li Na", CheckedOutBy: "Li Na", Mine: true},
		{Path: "/team/gearbox", Kind: api.Assembly, Version: 12, Size: 21_500_000, Modified: now - 7200, Author: "Wang Wei", CheckedOutBy: "Wang Wei"},
		{Path: "/team/减速器外壳.stp", Version: 1, Size: 6587, Modified: now, Author: "Li Na", Pending: true},
		{Path: "/me/notes.txt", Version: 1, Author: "Li Na", Modified: now},
	} {
		s.Cloud.Put(e)
	}
	s.Cloud.Versions("/team/bracket.step",
		api.Version{Number: 4, Author: "Li Na", Size: 6564, Created: now - 86400, Comment: "Holes widened to 8.5 mm"},
		api.Version{Number: 3, Author: "Wang Wei", Size: 6001, Created: now - 3*86400},
		api.Version{Number: 2, Author: "Li Na", Size: 5993, Created: now - 5*86400, Comment: "首次评审后"},
	)
}

// states are what a picture of each is made of.
func states() map[string]func(*drawn) {
	now := documentstest.Now().Unix()
	transfers := []api.Transfer{
		{Operation: "op-1", Path: "/team/减速器外壳.stp", State: "uploading", Sent: 2_000_000, Total: 6_500_000, Created: now - 30},
		{Operation: "op-2", Path: "/team/gear/shaft.step", State: "waiting", Total: 120_000, Created: now - 20},
		{Operation: "op-3", Path: "/team/gear/wheel.step", State: "failed", RetryAt: now + 42, Total: 350_000, Created: now - 600, Reason: api.Fail(api.MarketplaceFailed, "status", "502")},
		{Operation: "op-4", Path: "/archive/old.step", State: "failed", Total: 99_000, Created: now - 6000, Reason: api.Fail(api.PermissionDenied)},
		{Operation: "op-5", State: "picking", Total: 5_000, Created: now - 10},
	}
	return map[string]func(*drawn){
		"spaces": func(*drawn) {},
		"chosen": func(d *drawn) { d.Choose("/team/bracket.step") },
		"theirs": func(d *drawn) { d.Choose("/team/gearbox") },
		"history": func(d *drawn) {
			d.Choose("/team/bracket.step")
			d.Room.ShowHistory("/team/bracket.step", api.Single)
			d.Until("versions", func(v documents.View) bool { return len(v.History.Rows) == 3 })
		},
		"question": func(d *drawn) {
			d.Choose("/team/bracket.step")
			d.Disk.Found["/team/bracket.step"] = workspace.Found{There: true, Changed: true, Opened: api.OpenedDocument{Path: "/team/bracket.step", Version: 4}}
			d.Press("checkin", d.Room.View().Detail.Actions...)
			d.Until("asked", func(v documents.View) bool { return v.Detail.Question != nil })
		},
		"incoming": func(d *drawn) {
			d.Room.Browser().Go("/team")
			d.Disk.Items["/home/me/pump"] = []content.Item{{Local: "/home/me/pump", Name: "pump", Kind: api.Assembly, Loose: true, Err: api.Fail(api.AssemblyDependencyMissing, "file", "seal.step", "by", "pump.step")}}
			d.Room.Drop([]string{"/home/me/bracket.step", "/home/me/gearbox", "/home/me/new.step", "/home/me/pump"})
			d.Until("all looked at", func(v documents.View) bool {
				return v.Incoming != nil && len(v.Incoming.Items) == 4 && v.Incoming.Items[2].Tone == view.Busy && v.Incoming.Items[2].Progress < 0
			})
		},
		"pending": func(d *drawn) {
			d.Set(func(s *api.State) { s.Transfers = transfers })
			d.screen.Show(view.Place{Part: documents.PartPending, Item: "op-3"})
		},
		"refused": func(d *drawn) {
			d.Set(func(s *api.State) { s.Transfers = transfers })
			d.screen.Show(view.Place{Part: documents.PartPending, Item: "op-4"})
		},
		"chooser": func(d *drawn) {
			d.Set(func(s *api.State) { s.Transfers = transfers })
			d.screen.Show(view.Place{Part: documents.PartPending})
			d.Press("place", d.Room.View().Pending.Rows.At(3).Step)
			v := d.Until("a folder", func(v documents.View) bool { return v.Pending.Chooser != nil && v.Pending.Chooser.Loading == "" })
			d.Press("up", v.Pending.Chooser.Up)
			v = d.Until("spaces", func(v documents.View) bool {
				return v.Pending.Chooser.Loading == "" && len(v.Pending.Chooser.Folders) == 2
			})
			d.Press("/team", v.Pending.Chooser.Folders...)
			d.Room.ChooserName("bracket.step")
			d.Until("taken", func(v documents.View) bool {
				return v.Pending.Chooser.Note != "" && v.Pending.Chooser.Folder == "/team" && v.Pending.Chooser.Loading == ""
			})
		},
		"paused": func(d *drawn) {
			d.Set(func(s *api.State) { s.Transfers, s.Uploads.Paused = transfers[1:3], true })
			d.screen.Show(view.Place{Part: documents.PartPending})
		},
		"nothing_pending": func(d *drawn) { d.screen.Show(view.Place{Part: documents.PartPending}) },
		"conflict": func(d *drawn) {
			d.Set(func(s *api.State) {
				s.Conflicts = []api.Conflict{{
					ID: "c1", Path: "/team/bracket.step", Theirs: 5, TheirAuthor: "Wang Wei", TheirTime: now - 600, TheirSize: 6_700,
					Copy: "/team/bracket (Li Na).step", Mine: 1, MineTime: now - 300, MineSize: 6_800, Base: 4, DocumentKind: api.Single,
				}}
			})
			d.screen.Show(view.Place{Part: documents.PartConflicts})
		},
		"no_conflict": func(d *drawn) { d.screen.Show(view.Place{Part: documents.PartConflicts}) },
	}
}

// TestKeyboard reaches the parts of the room as a person without a mouse does.
func TestKeyboard(t *testing.T) {
	look(t)
	d := draw(t, api.English, fyne.NewSize(1100, 680))
	d.Room.Browser().Go("/team")
	d.Until("the folder", func(documents.View) bool { return d.Room.Browser().View().Rows.Len() == 4 })
	d.screen.Refresh()
	d.screen.Focus()
	key := func(name fyne.KeyName) {
		d.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: name})
		d.screen.Refresh()
	}
	key(fyne.KeyDown)
	key(fyne.KeyDown)
	d.Until("the bracket is chosen", func(v documents.View) bool { return v.Detail.Title == "bracket.step" })
	key(fyne.KeyDelete)
	key(fyne.KeyF2)
	if got := d.Notes(); len(got) != 0 {
		t.Errorf("Delete and F2 did %q", got)
	}
	key(fyne.KeyReturn)
	d.Await("show /home/me/iscdesk/team/bracket.step")
	d.screen.Add()
	if d.Room.Browser().View().NewFolder == nil || !d.screen.Back() {
		t.Error("there is no line for a new folder, or Escape does not close it")
	}
	d.screen.Refresh()
	d.press(t, d.Words().T("documents.part.pending"))
	if v := d.Room.View(); v.Part != documents.PartPending {
		t.Errorf("the second part shows %q", v.Part)
	}
	d.screen.Drop(fyne.NewPos(0, 0), []string{"/home/me/new.step"})
	d.Await("save /team/new.step")
	if v := d.Room.View(); v.Part != documents.PartBrowse {
		t.Errorf("what is dropped is shown in %q", v.Part)
	}
}

func TestConflictByKeyboard(t *testing.T) {
	look(t)
	d := draw(t, api.English, fyne.NewSize(1100, 680))
	states()["conflict"](d)
	d.screen.Show(view.Place{})
	d.screen.Refresh()
	d.press(t, d.Words().T("documents.part.conflicts")+" (1)")
	d.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	d.Await("end c1 keep mine theirs 5 mine 1")
}
