package browse

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
)

// load asks for a folder, with the lock held. A folder that is being asked for
// is asked for again afterwards.
func (b *Browser) load(path string) {
	f := b.folder(path)
	b.clock++
	f.used = b.clock
	if f.loading {
		f.again = true
		return
	}
	f.loading = true
	b.tree = nil
	by := b.sorts[inFolder]
	var got api.Listing
	var t *table
	b.env.Desk.Do(func(ctx context.Context, s desk.Service) error {
		var err error
		if got, err = s.List(ctx, path); err == nil {
			t = newTable(got.Entries, by)
		}
		return err
	}, func(err error) { b.loaded(path, f, t, got.Stale, err) })
}

// loaded takes the answer to load.
func (b *Browser) loaded(path string, f *folder, t *table, stale bool, err error) {
	b.mu.Lock()
	if b.closed || b.folders[path] != f { // another account's by now
		b.mu.Unlock()
		return
	}
	f.loading, f.err, b.tree = false, err, nil
	if err == nil {
		f.table, f.stale = t.resorted(b.sorts[inFolder]), stale
		f.known, f.folders = true, t.folders()
		b.forget()
	}
	if f.again {
		f.again = false
		b.load(path)
	}
	told := b.at == place{kind: inFolder, path: path} && b.opts.Selected != nil
	b.mu.Unlock()
	if told {
		b.opts.Selected() // what is known of the selection may be another now
	}
	b.changed()
}

// forget lets go of the listings that were shown longest ago. What the tree
// shows of them stays.
func (b *Browser) forget() {
	for {
		n, oldest := 0, (*folder)(nil)
		for p, f := range b.folders {
			if f.table == nil {
				continue
			}
			n++
			if p != b.at.path && (oldest == nil || f.used < oldest.used) {
				oldest = f
			}
		}
		if n <= keptTables || oldest == nil {
			return
		}
		oldest.table = nil
	}
}

// resorted is the table in an order; nil stays nil.
func (t *table) resorted(by Sort) *table {
	if t == nil {
		return nil
	}
	return t.sorted(by)
}

// learn takes what the service says, and tells whether what is shown is
// another by that, or may be: what is shown is then asked for again.
func (b *Browser) learn(c desk.Change) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || c.Snapshot.Link != desk.Connected {
		b.lost = b.lost || c.Snapshot.Link == desk.Lost
		return false
	}
	back := b.lost
	b.lost = false
	other, old := b.note(c.Snapshot.State)
	if other {
		b.folders, b.tree, b.search.table = map[string]*folder{}, nil, nil
	}
	if other || old || back {
		b.reload()
		b.unfold(b.at.path)
	}
	return other || old || back || slices.Contains(c.Sections, api.SectionRecent)
}

// note keeps what matters here of a state: other tells that it is another
// account's, old that the listings may be out of date: the marketplace is
// there again, or a save has begun its way or ended it.
func (b *Browser) note(s api.State) (other, old bool) {
	account, waits := accountOf(s.Account), waiting(s.Transfers)
	other, old = account != b.account, waits != b.waits || s.Account.Online != b.online
	b.account, b.waits, b.online = account, waits, s.Account.Online
	b.learnRecent(s.Recent)
	return other, old
}

// accountOf identifies whose cloud is shown; empty: nobody's.
func accountOf(a api.Account) string {
	if a.State != api.AccountSignedIn {
		return ""
	}
	return a.Marketplace + " " + a.UserID
}

// waiting is another string when a save begins its way, ends it, or is tried
// again in vain.
func waiting(transfers []api.Transfer) string {
	var s strings.Builder
	for _, t := range transfers {
		s.WriteString(t.Operation + " " + t.Path + " " + strconv.FormatBool(t.State == "failed") + "\n")
	}
	return s.String()
}

// learnRecent takes what was used last.
func (b *Browser) learnRecent(recent []api.Recent) {
	entries := make([]api.Entry, 0, len(recent))
	for _, r := range recent {
		name := r.Name
		if name == "" {
			name = path.Base(r.Path)
		}
		entries = append(entries, api.Entry{Path: r.Path, Name: name, Kind: r.Kind, Version: r.Version, Modified: r.Used})
	}
	b.recent = newTable(entries, b.sorts[inRecent])
}
