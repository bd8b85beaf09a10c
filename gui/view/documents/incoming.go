package documents

import (
	"context"
	"errors"
	"path"

	"github.com/google/uuid"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
	"iscdesk.dev/gui/content"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
)

// most is how many files are saved at once.
const most = 2

// incoming is what was dropped onto the window or chosen to be added.
type incoming struct {
	next    int
	looking int // how many drops are being looked at
	items   []*item
}

// item is one document on its way in.
type item struct {
	id     int
	found  content.Item
	folder string // in the cloud
	name   string
	stage  stage
	// taken is what has the name already.
	taken       *api.Entry
	overwrite   bool
	base        int
	operation   string
	done, total int64
	version     int
	copy        string // where a conflict kept it
	err         error
	cancel      context.CancelFunc
}

// stage is where an item stands.
type stage string

// The stages, from the first look to the end.
const (
	asking    stage = "asking" // the name is taken: the user decides
	ready     stage = "ready"
	saving    stage = "saving"
	saved     stage = "saved" // safe on this machine
	published stage = "published"
	kept      stage = "kept" // published as a copy: in conflict
	broken    stage = "broken"
	skipped   stage = "skipped"
)

func (i *item) path() string { return path.Join(i.folder, i.name) }

// over tells whether the item needs nothing more from this machine's disk.
func (i *item) over() bool {
	return i.stage != asking && i.stage != ready && i.stage != saving
}

// Drop adds files and folders of the user's disk to the folder shown.
func (r *Room) Drop(paths []string) {
	if len(paths) == 0 {
		return
	}
	into, folder := r.browser.Folder(), ""
	r.change(func() {
		if into == "" {
			r.detail.note = &note{tone: view.Attention, key: "choose_space"}
			return
		}
		folder = into
		if r.incoming == nil || r.incoming.finished() {
			r.incoming = &incoming{}
		}
		r.incoming.looking++
	})
	if folder == "" {
		return
	}
	var items []*item
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) error {
		items = survey(ctx, s, r.content.Sort(ctx, paths), folder)
		return nil
	}, func(error) { r.take(items) })
}

// survey finds out for each thing found whether its name is taken. A folder
// that cannot be listed now takes nothing away: what is saved then is refused
// later if the name is taken, and waits among what is not published yet.
func survey(ctx context.Context, s desk.Service, found []content.Item, folder string) []*item {
	listed := map[string]map[string]api.Entry{}
	var items []*item
	for _, f := range found {
		i := &item{found: f, folder: path.Join(folder, f.Folder), name: f.Name, stage: ready, total: f.Size, operation: uuid.NewString()}
		items = append(items, i)
		if f.Err != nil {
			i.stage, i.err = broken, f.Err
			continue
		}
		if listed[i.folder] == nil {
			listed[i.folder] = namesIn(ctx, s, i.folder)
		}
		if e, taken := listed[i.folder][entry.Fold(i.name)]; taken {
			i.stage, i.taken = asking, &e
		}
		listed[i.folder][entry.Fold(i.name)] = api.Entry{Name: i.name, Path: i.path()} // two of one name in one drop
	}
	return items
}

func namesIn(ctx context.Context, s desk.Service, folder string) map[string]api.Entry {
	names := map[string]api.Entry{}
	listing, err := s.List(ctx, folder)
	if err != nil {
		return names
	}
	for _, e := range listing.Entries {
		names[entry.Fold(e.Name)] = e
	}
	return names
}

// take begins with what a survey has found.
func (r *Room) take(items []*item) {
	r.change(func() {
		if r.incoming == nil {
			return
		}
		r.incoming.looking--
		for _, i := range items {
			r.incoming.next++
			i.id = r.incoming.next
			r.incoming.items = append(r.incoming.items, i)
		}
	})
	r.pump()
}

// finished tells whether everything has come to an end that can be shown away.
func (in *incoming) finished() bool {
	for _, i := range in.items {
		if !i.over() {
			return false
		}
	}
	return in.looking == 0
}

// pump saves what is ready, a few at a time.
func (r *Room) pump() {
	for {
		var next *item
		r.mu.Lock()
		var ctx context.Context
		if r.incoming != nil {
			next = r.incoming.start()
		}
		if next != nil {
			ctx, next.cancel = context.WithCancel(context.Background())
		}
		r.mu.Unlock()
		if next == nil {
			r.env.Refresh()
			return
		}
		r.save(ctx, next)
	}
}

func (in *incoming) start() *item {
	busy := 0
	for _, i := range in.items {
		if i.stage == saving {
			busy++
		}
	}
	for _, i := range in.items {
		if i.stage == ready && busy < most {
			i.stage, i.done, i.err = saving, 0, nil
			return i
		}
	}
	return nil
}

// save saves one item, unless ctx ends. Its operation stays the same, so that a
// repeated call makes no second version.
func (r *Room) save(ctx context.Context, i *item) {
	r.mu.Lock()
	put := content.Put{
		Operation: i.operation, Local: i.found.Local, Assembly: i.found.Kind == api.Assembly,
		Cloud: i.path(), Overwrite: i.overwrite, Base: i.base, Progress: r.itemProgress(i),
	}
	folder, makes := i.folder, i.found.Folder != ""
	r.mu.Unlock()
	var done api.Saved
	r.env.Desk.Do(func(outer context.Context, s desk.Service) (err error) {
		outer, stop := context.WithCancel(outer)
		defer stop()
		defer context.AfterFunc(ctx, stop)()
		if makes {
			if err := s.CreateFolder(outer, folder); err != nil && !errors.Is(err, api.Exists) && !errors.Is(err, api.Offline) {
				return err
			}
		}
		if put.Overwrite {
			put.Base = r.baseOf(outer, s, put)
		}
		done, err = r.content.Save(outer, s, put)
		return err
	}, func(err error) {
		r.change(func() { i.ended(done, err) })
		r.browser.Reload()
		r.pump()
	})
}

// baseOf is the version that a local file builds on: the one that it was
// opened from, where it was opened from that document, else the one that the
// user has seen.
func (r *Room) baseOf(ctx context.Context, s desk.Service, p content.Put) int {
	if o, ok := r.content.Origin(ctx, s, p.Local); ok && o.Path == p.Cloud && o.Version > 0 {
		return o.Version
	}
	return p.Base
}

// ended notes how saving ended. What the service publishes at once may have
// been heard of before.
func (i *item) ended(done api.Saved, err error) {
	i.cancel()
	i.cancel = nil
	switch {
	case errors.Is(err, api.Cancelled):
		i.stage = skipped
	case err != nil:
		i.stage, i.err = broken, err
	case i.stage == saving:
		i.stage = saved
		if done.Path != "" {
			i.folder, i.name = path.Dir(done.Path), path.Base(done.Path)
		}
	}
}

func (r *Room) itemProgress(i *item) func(done, total int64) {
	tell := r.pacer()
	return func(done, total int64) {
		if tell(done == total) {
			r.change(func() { i.done, i.total = done, total })
		}
	}
}

// hear follows what becomes of what was added, and keeps open what is shown.
func (r *Room) hear(c desk.Change) {
	if c.Event != nil && c.Event.Name == api.EventDocumentPublished {
		if p, err := desk.Data[api.Published](c.Event); err == nil {
			r.publishedNow(p)
		}
	}
	if len(c.Sections) > 1 { // a new connection: events may have passed
		r.catchUp(c.Snapshot.State)
	}
	r.tidy(c)
}

func (r *Room) publishedNow(p api.Published) {
	history := ""
	r.change(func() {
		if r.incoming != nil {
			for _, i := range r.incoming.items {
				if i.operation == p.Operation {
					i.heard(p)
				}
			}
		}
		if r.history != nil && (r.history.path == p.Path || r.history.path == p.ConflictOf) {
			history = r.history.path
		}
	})
	if history != "" {
		r.loadHistory(history)
	}
	r.browser.Reload()
}

func (i *item) heard(p api.Published) {
	switch {
	case p.ConflictOf != "":
		i.stage, i.copy = kept, p.Path
	case p.Reason != nil && errors.Is(p.Reason, api.Cancelled):
		i.stage = skipped // withdrawn among what is not published yet
	case p.Reason != nil:
		i.err = p.Reason
	default:
		i.stage, i.version = published, p.Version
	}
}

// catchUp looks in the history for what was published unheard.
func (r *Room) catchUp(s api.State) {
	r.mu.Lock()
	var lost []*item
	if r.incoming != nil {
		for _, i := range r.incoming.items {
			if i.stage == saved && !transferThere(s.Transfers, i.operation) {
				lost = append(lost, i)
			}
		}
	}
	r.mu.Unlock()
	for _, i := range lost {
		r.catchUpOne(i)
	}
}

func (r *Room) catchUpOne(i *item) {
	var versions []api.Version
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) (err error) {
		versions, err = s.History(ctx, i.path())
		return err
	}, func(err error) {
		if err != nil {
			return
		}
		r.change(func() {
			for _, v := range versions {
				if v.Operation == i.operation && i.stage == saved {
					i.stage, i.version = published, v.Number
				}
			}
		})
	})
}

// tidy forgets what the room knows of saves and conflicts that are over.
func (r *Room) tidy(c desk.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := c.Snapshot.State
	for operation, state := range r.rows {
		if !state.busy && !transferThere(s.Transfers, operation) {
			delete(r.rows, operation)
		}
	}
	for id, state := range r.conflicts {
		there := false
		for _, k := range s.Conflicts {
			there = there || k.ID == id
		}
		if !state.busy && !there {
			delete(r.conflicts, id)
		}
	}
	if r.chooser != nil && !r.chooser.sending && !transferThere(s.Transfers, r.chooser.operation) {
		r.chooser = nil
	}
}
