package documents

import (
	"context"
	"path"
	"strconv"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
	"iscdesk.dev/gui/content"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
)

// Incoming is what is being added, file by file.
type Incoming struct {
	Title   string
	Summary string
	Tone    view.Tone
	// Progress goes from 0 to 1, over the bytes of all files.
	Progress float64
	Items    []IncomingItem
	// All are the answers for everything that asks.
	All   []view.Action
	Close view.Action
}

// IncomingItem is one file, or an assembly.
type IncomingItem struct {
	ID       int
	Name     string
	Where    string
	State    string
	Tone     view.Tone
	Progress float64 // negative: there is none to show
	Actions  []view.Action
}

// incomingView words what is being added; nil where nothing is. The caller
// holds mu.
func (r *Room) incomingView(s desk.Snapshot) *Incoming {
	in, w := r.incoming, r.env.Words()
	if in == nil {
		return nil
	}
	v := &Incoming{Title: w.T("documents.incoming.title")}
	var done, total int64
	counts := map[stage]int{}
	for _, i := range in.items {
		row := r.itemView(s, i)
		v.Items, v.Tone = append(v.Items, row), max(v.Tone, row.Tone)
		counts[i.stage]++
		total += max(i.total, 1)
		if i.over() {
			done += max(i.total, 1)
		} else {
			done += i.done
		}
	}
	if total > 0 {
		v.Progress = float64(done) / float64(total)
	}
	onDisk := counts[saved] + counts[published] + counts[kept]
	v.Summary = w.T("documents.incoming.summary", "all", len(in.items), "saved", onDisk, "published", counts[published]+counts[kept])
	if in.looking > 0 {
		v.Summary = w.T("documents.incoming.looking")
	}
	if counts[asking] > 0 {
		v.Summary = w.T("documents.incoming.asks", "summary", v.Summary, "count", counts[asking])
	}
	if counts[asking] > 1 {
		v.All = []view.Action{
			{Name: "all_versions", Label: w.T("documents.incoming.all_versions"), Do: func() { r.answerAll(r.asVersion) }, Primary: true},
			{Name: "all_other_names", Label: w.T("documents.incoming.all_other_names"), Do: func() { r.answerAll(r.underOtherName) }},
			{Name: "all_skip", Label: w.T("documents.incoming.all_skip"), Do: func() { r.answerAll(r.skip) }},
		}
	}
	v.Close = view.Action{Name: "close_incoming", Label: w.T("documents.close"), Do: r.closeIncoming}
	if !in.finished() {
		v.Close = view.Action{Name: "stop_incoming", Label: w.T("documents.incoming.stop"), Do: r.stopIncoming}
	}
	return v
}

func (r *Room) itemView(s desk.Snapshot, i *item) IncomingItem {
	w := r.env.Words()
	v := IncomingItem{ID: i.id, Name: i.name, Where: i.folder, Progress: -1}
	if i.found.Kind == api.Assembly {
		v.Name = w.T("documents.incoming.assembly", "name", i.name)
	}
	switch i.stage {
	case asking:
		v.State, v.Tone, v.Actions = r.takenView(i)
	case ready:
		v.State, v.Tone = w.T("documents.incoming.ready"), view.Quiet
	case saving:
		v.State, v.Tone = w.T("documents.incoming.saving", "done", w.Bytes(i.done), "total", w.Bytes(i.total)), view.Busy
		v.Progress = float64(i.done) / float64(max(i.total, 1))
		v.Actions = []view.Action{r.itemAction("skip", i, r.skip)}
	case saved:
		v.State, v.Tone, v.Actions = r.savedView(s, i)
	case published:
		v.State, v.Tone = w.T("documents.incoming.published", "version", i.version), view.Good
	case kept:
		v.State, v.Tone = w.T("documents.incoming.kept", "copy", path.Base(i.copy)), view.Attention
		v.Actions = []view.Action{{Name: "conflict", Label: w.T("documents.detail.to_conflict"), Do: func() { r.Show(view.Place{Part: PartConflicts}) }}}
	case skipped:
		v.State, v.Tone = w.T("documents.incoming.skipped"), view.Quiet
	case broken:
		v.State, v.Tone = w.Error(i.err), view.Trouble
		if i.found.Loose {
			v.Actions = append(v.Actions, r.itemAction("loose", i, r.loose))
		}
		v.Actions = append(v.Actions, r.itemAction("again", i, r.again))
	}
	return v
}

// savedView words an item that is safe here, with what the service says about
// its publication.
func (r *Room) savedView(s desk.Snapshot, i *item) (string, view.Tone, []view.Action) {
	w := r.env.Words()
	for _, t := range s.State.Transfers {
		if t.Operation != i.operation {
			continue
		}
		text, tone := r.pendingState(s, t, false)
		if tone <= view.Busy {
			return text, tone, nil
		}
		if t.Reason != nil {
			text = w.T("documents.incoming.reason", "state", text, "reason", pendingReason(w, t))
		}
		lead := view.Action{Name: "to_pending", Label: w.T("documents.detail.to_pending"), Do: func() { r.Show(view.Place{Part: PartPending}) }}
		return text, tone, []view.Action{lead}
	}
	return w.T("documents.incoming.saved"), view.Busy, nil
}

// takenView asks what is to become of an item whose name is taken.
func (r *Room) takenView(i *item) (string, view.Tone, []view.Action) {
	w, t := r.env.Words(), i.taken
	other, skip := r.itemAction("other_name", i, r.underOtherName), r.itemAction("skip", i, r.skip)
	switch {
	case t.Folder:
		return w.T("documents.name.folder", "name", t.Name), view.Attention, []view.Action{other, skip}
	case t.CheckedOutBy != "" && !t.Mine:
		return w.T("documents.name.checked_out", "name", t.Name, "owner", t.CheckedOutBy), view.Attention, []view.Action{other, skip}
	}
	version := r.itemAction("as_version", i, r.asVersion)
	version.Primary = true
	text := w.T("documents.incoming.taken_new", "name", t.Name)
	if t.Version > 0 {
		text = w.T("documents.incoming.taken", "name", t.Name, "version", t.Version, "author", t.Author, "time", w.Time(t.Modified))
	}
	return text, view.Attention, []view.Action{version, other, skip}
}

func (r *Room) itemAction(name string, i *item, do func(*item)) view.Action {
	return view.Action{Name: name, Label: r.env.Words().T("documents.incoming." + name), Do: func() {
		r.change(func() { do(i) })
		r.pump()
	}}
}

// The answers. The caller holds mu.

func (r *Room) asVersion(i *item) {
	if i.stage == asking && !i.taken.Folder && (i.taken.CheckedOutBy == "" || i.taken.Mine) {
		i.stage, i.overwrite, i.base, i.name = ready, true, i.taken.Version, i.taken.Name
	}
}

// underOtherName gives the item a name with a number. Whether that is taken
// too is found out by looking again.
func (r *Room) underOtherName(i *item) {
	if i.stage != asking || r.incoming == nil {
		return
	}
	i.name = numbered(i.name, i.found.Kind)
	i.stage, i.taken = ready, nil
	r.lookAgain(i)
}

func (r *Room) skip(i *item) {
	if i.cancel != nil {
		i.cancel() // ended hears of it
		return
	}
	if !i.over() {
		i.stage = skipped
	}
}

// again tries a failed item once more, with a look at the disk as it is now.
func (r *Room) again(i *item) {
	i.stage, i.err = skipped, nil
	r.resort(i, func(ctx context.Context) []content.Item {
		return below(r.content.Sort(ctx, []string{i.found.Local}), i.found.Folder)
	})
}

// loose adds the files of a folder that would be an assembly one by one.
func (r *Room) loose(i *item) {
	i.stage, i.err = skipped, nil
	r.resort(i, func(ctx context.Context) []content.Item {
		return below(r.content.Files(ctx, i.found.Local), i.found.Folder)
	})
}

// below gives things found anew the folder of the item that they stand for.
func below(found []content.Item, folder string) []content.Item {
	for i := range found {
		found[i].Folder = path.Join(folder, found[i].Folder)
	}
	return found
}

func (r *Room) resort(i *item, look func(context.Context) []content.Item) {
	folder := strings.TrimSuffix(strings.TrimSuffix(i.folder, i.found.Folder), "/")
	if i.found.Folder == "" {
		folder = i.folder
	}
	if r.incoming == nil {
		return
	}
	r.incoming.looking++
	r.incoming.items = without(r.incoming.items, i)
	var items []*item
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) error {
		items = survey(ctx, s, look(ctx), folder)
		return nil
	}, func(error) { r.take(items) })
}

// lookAgain finds a free name for an item that is about to be saved.
func (r *Room) lookAgain(i *item) {
	i.stage = asking
	r.incoming.looking++
	r.incoming.items = without(r.incoming.items, i)
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) error {
		names := namesIn(ctx, s, i.folder)
		for n := 2; ; n++ {
			if _, taken := names[entry.Fold(i.name)]; !taken {
				return nil
			}
			i.name = numbered(i.name, i.found.Kind)
		}
	}, func(error) {
		i.stage = ready
		r.take([]*item{i})
	})
}

func without(items []*item, i *item) []*item {
	var kept []*item
	for _, x := range items {
		if x != i {
			kept = append(kept, x)
		}
	}
	return kept
}

// numbered gives the next name of its kind: "a.step", "a (2).step", "a (3).step".
func numbered(name string, kind api.DocumentKind) string {
	ext := ""
	if kind != api.Assembly {
		ext = path.Ext(name)
	}
	stem, n := strings.TrimSuffix(name, ext), 1
	if i := strings.LastIndex(stem, " ("); i > 0 && strings.HasSuffix(stem, ")") {
		if old, err := strconv.Atoi(stem[i+2 : len(stem)-1]); err == nil && old > 1 {
			stem, n = stem[:i], old
		}
	}
	return stem + " (" + strconv.Itoa(n+1) + ")" + ext
}

func (r *Room) answerAll(do func(*item)) {
	r.change(func() {
		if r.incoming != nil {
			for _, i := range r.incoming.items {
				if i.stage == asking {
					do(i)
				}
			}
		}
	})
	r.pump()
}

// stopIncoming saves no more. What is saved stays saved.
func (r *Room) stopIncoming() {
	r.change(func() {
		if r.incoming != nil {
			for _, i := range r.incoming.items {
				r.skip(i)
			}
		}
	})
}

func (r *Room) closeIncoming() { r.change(func() { r.incoming = nil }) }

// pacer tells when progress is worth drawing again.
func (r *Room) pacer() func(last bool) bool {
	var drawn time.Time
	return func(last bool) bool {
		now := r.env.Now()
		if now.Sub(drawn) < drawPause && !last {
			return false
		}
		drawn = now
		return true
	}
}
