// Package settings is the room in which the user sets what is his own, and
// sees what the machine and the administrator have set. A change is in force
// once the service has confirmed it; a refused one goes back to the value
// before, with the reason beside it.
package settings

import (
	"context"
	"maps"
	"slices"
	"sync"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/mend"
	"iscdesk.dev/gui/view/signin"
)

// View is the room, fully worded.
type View struct {
	Title    string
	Notice   string
	Sections []Section
	// Chosen is the section that the user was led to; empty: none.
	Chosen string
	Login  signin.View
}

// Section groups items.
type Section struct {
	Name, Title string
	// Text stands below the title; empty: nothing.
	Text  string
	Items []Item
	// Fields are values that are only shown.
	Fields  []view.Field
	Actions []view.Action
}

// Kind is how an item is set.
type Kind int

// The kinds of item.
const (
	Choice Kind = iota // one of Choices
	Switch             // on or off
	Text               // typed, and taken when the user is done
	Folder             // typed or chosen
	Fixed              // only shown
)

// Item is one setting.
type Item struct {
	Key         string
	Kind        Kind
	Title, Hint string
	// Value is what is in force, as the control shows it; Empty stands in an
	// empty entry.
	Value, Empty string
	On           bool
	Choices      []Option
	// Locked says who has fixed it and where; empty: the user may set it.
	Locked string
	// Error says why the last change was refused; Busy that one is on its way.
	Error   string
	Busy    bool
	Actions []view.Action
}

// Option is one of the values of a Choice.
type Option struct{ Value, Label string }

// The names of the sections.
const (
	SectionAccount       = "account"
	SectionAppearance    = "appearance"
	SectionNotifications = "notifications"
	SectionDocuments     = "documents"
	SectionNetwork       = "network"
	SectionAdministrator = "administrator"
)

// The keys of the items, as they stand in the JSON of api.Settings.
const (
	keyLanguage     = "language"
	keyTheme        = "theme"
	keyStart        = "startAtLogin"
	keyWorkspace    = "workspace"
	keyUpload       = "uploadRate"
	keyDownload     = "downloadRate"
	keyPublished    = "notify.published"
	keyTrouble      = "notify.trouble"
	keyLicenses     = "notify.licenses"
	keyApplications = "notify.applications"
	keySolves       = "notify.solves"
)

// Config is what the room needs beside its environment.
type Config struct {
	// Writable tells why a folder cannot take documents, by trying; nil: it can.
	Writable func(folder string) error
	// Usual is the folder that documents are opened into where none is set.
	Usual func() (string, error)
}

// Room is the room. It is safe for any number of goroutines.
type Room struct {
	env    view.Env
	hand   mend.Hand
	config Config

	mu      sync.Mutex // guards what follows
	chosen  string
	turn    int
	pending map[string]change
	refused map[string]error
	orders  []order // wait for the one that is being sent
	sending bool
	policy  api.Policy
	known   bool // policy has come
	looking bool
	again   bool // look once more afterwards
}

// change is one on its way: what is to be in force.
type change struct {
	turn  int
	apply func(*api.Settings)
	// done: the service has confirmed it, the watch has not told yet.
	done bool
}

// New makes the room. It listens to the desk for good.
func New(env view.Env, hand mend.Hand, config Config) *Room {
	if config.Writable == nil {
		config.Writable = Writable
	}
	if config.Usual == nil {
		config.Usual = func() (string, error) { return "", nil }
	}
	r := &Room{env: env, hand: hand, config: config, pending: map[string]change{}, refused: map[string]error{}}
	env.Desk.Listen(func(c desk.Change) {
		if slices.Contains(c.Sections, api.SectionSettings) {
			r.told()
		}
		if c.Snapshot.Link == desk.Connected && (slices.Contains(c.Sections, api.SectionSettings) || slices.Contains(c.Sections, api.SectionHealth)) {
			r.Look()
		}
	})
	return r
}

// Show leads to a section; empty: to the first.
func (r *Room) Show(section string) {
	r.mu.Lock()
	r.chosen = section
	r.mu.Unlock()
	r.Look()
	r.env.Refresh()
}

// told forgets the changes that the service tells by itself now.
func (r *Room) told() {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.pending, func(_ string, c change) bool { return c.done })
}

// Look asks what the administrator has set.
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
			r.policy, r.known = policy, true
		}
		r.mu.Unlock()
		r.env.Refresh()
		if again {
			r.Look()
		}
	})
}

// Set changes an item to a value: that of an Option, what was typed, a folder.
func (r *Room) Set(key, value string) {
	switch key {
	case keyLanguage:
		r.send(key, func(s *api.Settings) { s.Language = value }, api.SettingsChange{Language: &value}, nil)
	case keyTheme:
		r.send(key, func(s *api.Settings) { s.Theme = value }, api.SettingsChange{Theme: &value}, nil)
	case keyWorkspace:
		var check func() error
		if value != "" {
			check = func() error { return r.config.Writable(value) }
		}
		r.send(key, func(s *api.Settings) { s.Workspace = value }, api.SettingsChange{Workspace: &value}, check)
	case keyUpload, keyDownload:
		rate, err := ParseRate(value)
		if err != nil {
			r.refuse(key, err)
			return
		}
		if key == keyUpload {
			r.send(key, func(s *api.Settings) { s.UploadRate = rate }, api.SettingsChange{UploadRate: &rate}, nil)
			return
		}
		r.send(key, func(s *api.Settings) { s.DownloadRate = rate }, api.SettingsChange{DownloadRate: &rate}, nil)
	}
}

// Switch turns an item on or off.
func (r *Room) Switch(key string, on bool) {
	if key == keyStart {
		r.send(key, func(s *api.Settings) { s.StartAtLogin = on }, api.SettingsChange{StartAtLogin: &on}, nil)
		return
	}
	r.queue(order{key: key, apply: func(s *api.Settings) {
		if to := switches(&s.Notify)[key]; to != nil {
			*to = on
		}
	}, what: func() api.SettingsChange {
		notify := r.wanted().Notify // all of them travel together
		return api.SettingsChange{Notify: &notify}
	}})
}

// switches are the kinds of notification by their keys.
func switches(n *api.Notify) map[string]*bool {
	return map[string]*bool{
		keyPublished: &n.Published, keyTrouble: &n.Trouble, keyLicenses: &n.Licenses, keyApplications: &n.Applications, keySolves: &n.Solves,
	}
}

// wanted are the settings with the changes that are on their way.
func (r *Room) wanted() api.Settings {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.wantedLocked()
}

func (r *Room) wantedLocked() api.Settings {
	s := r.env.Desk.Snapshot().State.Settings
	for _, key := range slices.Sorted(maps.Keys(r.pending)) {
		r.pending[key].apply(&s)
	}
	return s
}

func (r *Room) refuse(key string, err error) {
	r.mu.Lock()
	r.refused[key] = err
	delete(r.pending, key)
	r.mu.Unlock()
	r.env.Refresh()
}

// send has the service change something. check comes first, with the user's
// own rights and off the thread that draws.
func (r *Room) send(key string, apply func(*api.Settings), what api.SettingsChange, check func() error) {
	r.queue(order{key: key, apply: apply, check: check, what: func() api.SettingsChange { return what }})
}

// order is a change that is to be sent.
type order struct {
	key   string
	turn  int
	apply func(*api.Settings)
	check func() error // nil: nothing to check
	// what is asked when its turn has come.
	what func() api.SettingsChange
}

// queue shows a change at once, and sends it after those before it: the
// service shall have them in the order in which the user made them.
func (r *Room) queue(o order) {
	r.mu.Lock()
	r.turn++
	o.turn = r.turn
	r.pending[o.key] = change{turn: o.turn, apply: o.apply}
	delete(r.refused, o.key)
	r.orders = append(r.orders, o)
	first := !r.sending
	r.sending = true
	r.mu.Unlock()
	r.env.Refresh()
	if first {
		r.next()
	}
}

// next sends the next change, unless the user has changed the same once more
// since.
func (r *Room) next() {
	r.mu.Lock()
	for len(r.orders) > 0 && r.pending[r.orders[0].key].turn != r.orders[0].turn {
		r.orders = r.orders[1:]
	}
	if len(r.orders) == 0 {
		r.sending = false
		r.mu.Unlock()
		return
	}
	o := r.orders[0]
	r.orders = r.orders[1:]
	r.mu.Unlock()
	var now api.Settings
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		if o.check != nil {
			if err := o.check(); err != nil {
				return err
			}
		}
		now, err = s.ChangeSettings(ctx, o.what())
		return err
	}, func(err error) {
		r.answered(o.key, o.turn, now, err)
		r.next()
	})
}

// answered ends a change, if no later one of the same item is on its way.
func (r *Room) answered(key string, turn int, now api.Settings, err error) {
	r.mu.Lock()
	c, ours := r.pending[key]
	switch {
	case !ours || c.turn != turn:
	case err != nil:
		delete(r.pending, key)
		r.refused[key] = err
	default:
		told, want := r.env.Desk.Snapshot().State.Settings, r.env.Desk.Snapshot().State.Settings
		c.apply(&want)
		if same(told, want) {
			delete(r.pending, key)
			break
		}
		c.done, c.apply = true, taken(key, now)
		r.pending[key] = c
	}
	r.mu.Unlock()
	r.env.Refresh()
}

// same compares what a user may set.
func same(a, b api.Settings) bool {
	return a.Language == b.Language && a.Theme == b.Theme && a.Notify == b.Notify && a.StartAtLogin == b.StartAtLogin &&
		a.Workspace == b.Workspace && a.UploadRate == b.UploadRate && a.DownloadRate == b.DownloadRate
}

// taken puts one item of what the service has confirmed into settings.
func taken(key string, now api.Settings) func(*api.Settings) {
	return func(s *api.Settings) {
		switch key {
		case keyLanguage:
			s.Language = now.Language
		case keyTheme:
			s.Theme = now.Theme
		case keyStart:
			s.StartAtLogin = now.StartAtLogin
		case keyWorkspace:
			s.Workspace = now.Workspace
		case keyUpload:
			s.UploadRate = now.UploadRate
		case keyDownload:
			s.DownloadRate = now.DownloadRate
		default:
			if from, to := switches(&now.Notify)[key], switches(&s.Notify)[key]; from != nil && to != nil {
				*to = *from
			}
		}
	}
}
