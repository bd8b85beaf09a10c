// Package applications is the room in which applications are installed,
// upgraded, started and removed: the catalogue as the service tells it, with
// progress, the log of the vendor's scripts, and what the administrator
// forbids.
//
// What each state of an application looks like stands in one table (looks.go).
package applications

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/mend"
)

// View is the room, fully worded.
type View struct {
	Title string
	// Notice says that this is what was known last; empty: it is as of now.
	Notice string
	// Locked says who has forbidden installing, and where; empty: nobody.
	Locked string
	// More names the button that shows an application's Menu.
	More  string
	Empty *view.Empty
	// Apps are ordered: what wants the user first, then what is installed.
	Apps []App
	// Chosen is the product that the user was led to; empty: none.
	Chosen string
	// Log is what an application's scripts wrote; nil: none is shown.
	Log *Log
}

// App is one application.
type App struct {
	ID      string
	Title   string
	Summary string
	// Version says which version is installed and which is the newest.
	Version string
	Status  string
	Tone    view.Tone
	// Forced says that the vendor asks for the upgrade; empty: he does not.
	Forced string
	// Progress is drawn while Running: the share that is done, 0 to 1, and less
	// than 0 where it is not known; Amount says how much in bytes.
	Progress float64
	Running  bool
	Amount   string
	// Waiting says what has to be closed; empty: nothing.
	Waiting string
	// Reason says why it does not work, or why the last order was refused.
	Reason string
	// Notes are the vendor's words on the version that can be had.
	Notes string
	// Actions are buttons; Menu is what is rarely wanted.
	Actions, Menu []view.Action
	rank          int
}

// Log is a text to be read and copied.
type Log struct {
	Title, Text string
	// Path is where all of it lies; empty: nowhere.
	Path    string
	Actions []view.Action
}

// Room is the room. It is safe for any number of goroutines.
type Room struct {
	env  view.Env
	hand mend.Hand

	mu      sync.Mutex // guards what follows
	chosen  string
	log     string // product; empty: none
	asked   map[string]bool
	refused map[string]*api.Error
	install *api.PolicySetting
	looking bool
	again   bool // look once more afterwards
}

// installKey is the setting that says who may install.
const installKey = "install_applications"

// New makes the room. It listens to the desk for good.
func New(env view.Env, hand mend.Hand) *Room {
	r := &Room{env: env, hand: hand, asked: map[string]bool{}, refused: map[string]*api.Error{}}
	env.Desk.Listen(func(c desk.Change) {
		if c.Snapshot.Link != desk.Connected {
			return
		}
		if slices.Contains(c.Sections, api.SectionApps) {
			r.settle()
		}
		if slices.Contains(c.Sections, api.SectionHealth) || slices.Contains(c.Sections, api.SectionSettings) {
			r.Look()
		}
	})
	return r
}

// Show leads to an application; empty: to all.
func (r *Room) Show(product string) {
	r.mu.Lock()
	r.chosen = product
	r.mu.Unlock()
	r.Look()
	r.env.Refresh()
}

// Look asks what the administrator allows.
func (r *Room) Look() {
	r.mu.Lock()
	busy := r.looking
	r.looking, r.again = true, busy
	r.mu.Unlock()
	if busy {
		return
	}
	var policy api.Policy
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		policy, err = s.Policy(ctx)
		return err
	}, func(err error) {
		r.mu.Lock()
		again := r.again
		r.looking = false
		if err == nil {
			r.install = nil
			for _, s := range policy.Settings {
				if s.Key == installKey {
					r.install = &s
				}
			}
		}
		r.mu.Unlock()
		r.env.Refresh()
		if again {
			r.Look()
		}
	})
}

// settle forgets the orders that the service has taken up.
func (r *Room) settle() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, app := range r.env.Desk.Snapshot().State.Apps {
		if moving(app.State) {
			delete(r.refused, app.Product)
		}
	}
}

// order asks the service for something about a product, once at a time, and
// keeps why it refused.
func (r *Room) order(product string, call func(context.Context, desk.Service) error) func() {
	return func() {
		r.mu.Lock()
		if r.asked[product] {
			r.mu.Unlock()
			return
		}
		r.asked[product] = true
		delete(r.refused, product)
		r.mu.Unlock()
		r.env.Refresh()
		r.env.Desk.Do(call, func(err error) {
			r.mu.Lock()
			delete(r.asked, product)
			if err != nil {
				r.refused[product] = api.AsError(err)
			}
			r.mu.Unlock()
			r.env.Refresh()
		})
	}
}

// ShowLog shows the log of an application; empty: none.
func (r *Room) ShowLog(product string) {
	r.mu.Lock()
	r.log = product
	r.mu.Unlock()
	r.env.Refresh()
}

// View is the room as it is now.
func (r *Room) View() View {
	s, w := r.env.Desk.Snapshot(), r.env.Words()
	r.mu.Lock()
	defer r.mu.Unlock()
	v := View{Title: w.T("applications.title"), Chosen: r.chosen, Locked: r.lockedBy(w), More: w.T("applications.more")}
	if s.Link != desk.Connected && s.Known() {
		v.Notice = w.T("applications.stale", "time", w.Time(s.Since.Unix()))
	}
	for _, app := range s.State.Apps {
		v.Apps = append(v.Apps, r.app(app, s.State, w))
		if app.Product == r.log {
			v.Log = r.logOf(app, w)
		}
	}
	slices.SortStableFunc(v.Apps, func(a, b App) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)))
	})
	if len(v.Apps) == 0 {
		v.Empty = r.empty(s, w)
	}
	return v
}

// forbids tells whether nobody may install: then there is nothing to try.
func (r *Room) forbids() bool { return r.install != nil && r.install.Value == "nobody" }

func (r *Room) lockedBy(w *i18n.Words) string {
	if r.install == nil || (r.install.Value != "nobody" && r.install.Value != "administrators") {
		return ""
	}
	where := r.install.Where
	if where == "" {
		where = w.T("applications.locked.protection")
	}
	return w.T("applications.locked."+r.install.Value, "where", where)
}

func (r *Room) empty(s desk.Snapshot, w *i18n.Words) *view.Empty {
	e := &view.Empty{Icon: view.IconApplications, Title: w.T("applications.none"), Text: w.T("applications.none.text")}
	var reason *api.Error
	switch account := s.State.Account; {
	case !s.Known():
		return &view.Empty{Icon: view.IconApplications, Title: w.T("applications.connecting")}
	case account.State != api.AccountSignedIn:
		e.Title, e.Text, reason = w.T("applications.signed_out"), w.T("applications.signed_out.text"), api.Fail(api.SignedOut)
	case !account.Online:
		e.Text, reason = w.T("applications.offline"), api.Fail(api.Offline)
	}
	if a, ok := r.hand.Action(reason, mend.Subject{}); ok {
		a.Primary = true
		e.Action = &a
	}
	return e
}

func (r *Room) logOf(app api.App, w *i18n.Words) *Log {
	l := &Log{Title: w.T("applications.log.title", "name", cmp.Or(app.Name, app.Product)), Text: i18n.Printed(strings.TrimRight(app.Log, "\n")), Path: app.LogPath}
	if l.Text == "" {
		l.Text = w.T("applications.log.empty")
	}
	text := app.Log
	l.Actions = []view.Action{{Name: "copy", Label: w.T("applications.log.copy"), Do: func() { r.env.Local.Copy(text) }}}
	if path := app.LogPath; path != "" {
		l.Actions = append(l.Actions, view.Action{Name: "open", Label: w.T("applications.log.open"), Do: func() { r.env.Local.Open(path) }})
	}
	l.Actions = append(l.Actions, view.Action{Name: "close", Label: w.T("applications.log.close"), Primary: true, Do: func() { r.ShowLog("") }})
	return l
}

// program is the file that starts an application; empty where the service
// names none, or one outside the application's folder.
func program(app api.App) string {
	if app.Folder == "" || app.Launch == "" {
		return ""
	}
	path := filepath.FromSlash(app.Launch)
	if !filepath.IsAbs(path) {
		path = filepath.Join(app.Folder, path)
	}
	local, err := filepath.Rel(app.Folder, path)
	if err != nil || local == "." || !filepath.IsLocal(local) {
		return ""
	}
	return path
}
