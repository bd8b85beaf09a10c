package cloudfile

import (
	"context"
	"errors"
	"sort"
	"strings"
	"time"
	"unicode"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/core"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
	"iscdesk.dev/agent/workspace/entry"
	"iscdesk.dev/marketplace/agentapi"
)

// List gives the content of a folder, "/" the spaces. While the marketplace
// cannot be reached it is what was known last.
func (e *Engine) List(ctx context.Context, path string) (api.Listing, error) {
	path, err := folderPath(path)
	if err != nil {
		return api.Listing{}, err
	}
	account := e.account()
	if account == "" {
		return api.Listing{}, api.Fail(api.SignedOut)
	}
	answer, err := e.cfg.Market.Entries(ctx, path)
	var listing api.Listing
	switch {
	case err == nil:
		listing = listingOf(path, answer)
		if err := e.ledger.KeepListing(ctx, account, listing, e.cfg.Now()); err != nil {
			e.cfg.Log.Warn("remembering a folder", "error", err)
		}
	case core.Judge(err) == core.TryAgain:
		var known bool
		if listing, known, _ = e.ledger.Listing(ctx, account, path); !known {
			return api.Listing{}, err
		}
		listing.Stale = true
	default:
		return api.Listing{}, err
	}
	return e.withPending(ctx, listing, account)
}

// folderPath is the path of a folder without a slash at its end; "/" where it is
// empty.
func folderPath(path string) (string, error) {
	if path = strings.TrimSuffix(path, "/"); path == "" {
		path = "/"
	}
	return path, entry.CheckFolderPath(path)
}

// listingOf is what the marketplace lists. What is no path is left out: no
// honest marketplace has any, and people and programs are shown them.
func listingOf(path string, in agentapi.EntryList) api.Listing {
	out := api.Listing{Path: path, Entries: make([]api.Entry, 0, len(in.Entries))}
	for _, x := range in.Entries {
		listed := api.Entry{Path: x.Path, Folder: true}
		if !x.Folder {
			listed = entryOf(x.Document)
		}
		if _, name, _ := cutLast(listed.Path); isPath(listed.Path) {
			listed.Name = name // whatever it is called besides: it is opened by its path
			out.Entries = append(out.Entries, listed)
		}
	}
	return out
}

// isPath tells what can be a path in the marketplace; it allows longer ones
// than can be opened here.
func isPath(path string) bool {
	const longest = 4096
	if len(path) > longest || !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, unicode.IsControl) {
		return false
	}
	for part := range strings.SplitSeq(path[1:], "/") {
		if part == "" || part == "." || part == ".." || len(part) > entry.MaxName {
			return false
		}
	}
	return true
}

func entryOf(d agentapi.Document) api.Entry {
	return api.Entry{
		Path: d.Path, Name: d.Name, ID: d.ID, Kind: api.DocumentKind(d.Kind), Version: d.Current.Number, Size: d.Current.Size,
		Modified: unix(d.Current.Created), Author: d.Current.Author, CheckedOutBy: d.Checkout.UserName, Mine: d.Checkout.Mine,
	}
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// withPending marks the documents that have saves on their way, and adds those
// that are not in the cloud yet.
func (e *Engine) withPending(ctx context.Context, l api.Listing, account string) (api.Listing, error) {
	rows, err := e.ledger.Unended(ctx)
	if err != nil {
		return l, err
	}
	at := make(map[string]int, len(l.Entries))
	for i, x := range l.Entries {
		at[x.Path] = i
	}
	for _, r := range rows {
		folder, name, _ := cutLast(r.Path)
		if r.State != ledger.Queued || r.Account != account || folder != l.Path {
			continue
		}
		i, known := at[r.Path]
		if !known {
			i = len(l.Entries)
			at[r.Path] = i
			l.Entries = append(l.Entries, api.Entry{Path: r.Path, Name: name, Kind: r.Kind})
		}
		l.Entries[i].Pending = true
		if !known || r.Created.Unix() > l.Entries[i].Modified {
			l.Entries[i].Size, l.Entries[i].Modified = r.Size, r.Created.Unix()
		}
	}
	inOrder(l.Entries)
	return l, nil
}

// inOrder sorts folders before documents, each by name.
func inOrder(entries []api.Entry) {
	sort.SliceStable(entries, func(a, b int) bool {
		x, y := entries[a], entries[b]
		if x.Folder != y.Folder {
			return x.Folder
		}
		return x.Name < y.Name
	})
}

func cutLast(path string) (folder, name string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path, false
	}
	return path[:max(i, 1)], path[i+1:], true
}

// History gives the versions of a document, newest first.
func (e *Engine) History(ctx context.Context, path string) ([]api.Version, error) {
	d, err := e.find(ctx, path)
	if err != nil {
		return nil, err
	}
	versions, err := e.cfg.Market.Versions(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	out := make([]api.Version, 0, len(versions))
	for _, v := range versions {
		out = append(out, versionOf(v))
	}
	return out, nil
}

func versionOf(v agentapi.Version) api.Version {
	return api.Version{
		Number: v.Number, Size: v.Size, Author: v.Author, Created: unix(v.Created), Comment: v.Comment, Operation: v.OperationID,
	}
}

func (e *Engine) find(ctx context.Context, path string) (agentapi.Document, error) {
	if err := entry.CheckCloudPath(path); err != nil {
		return agentapi.Document{}, err
	}
	return e.cfg.Market.FindDocument(ctx, path)
}

// CreateFolder makes a folder and its parents.
func (e *Engine) CreateFolder(ctx context.Context, path string) error {
	if err := entry.CheckFolderPath(path); err != nil {
		return err
	}
	return e.cfg.Market.CreateFolder(ctx, path)
}

// Restore makes an old version the newest again.
func (e *Engine) Restore(ctx context.Context, in api.RestoreRequest) (api.Version, error) {
	if in.Version < 1 || in.Operation == "" || len(in.Operation) > maxOperation {
		return api.Version{}, api.Fail(api.InvalidArgument, "argument", "version", "reason", "it names no version")
	}
	d, err := e.find(ctx, in.Path)
	if err != nil {
		return api.Version{}, err
	}
	result, err := e.cfg.Market.RestoreVersion(ctx, d.ID, agentapi.Restore{OperationID: in.Operation, Version: in.Version})
	return versionOf(result.Version), err
}

// CheckOut reserves a document for the user.
func (e *Engine) CheckOut(ctx context.Context, path string) (api.Entry, error) {
	d, err := e.find(ctx, path)
	if err != nil {
		return api.Entry{}, err
	}
	if d, err = e.cfg.Market.CheckOut(ctx, d.ID); err != nil {
		return api.Entry{}, err
	}
	return entryOf(d), e.ledger.SetWorkState(ctx, d.ID, api.CheckedOut)
}

// CheckIn gives a document free. Saves of it that are on their way go first:
// another user could publish in front of them otherwise. It waits for them as
// long as ctx allows.
func (e *Engine) CheckIn(ctx context.Context, path string) (api.Entry, error) {
	d, err := e.find(ctx, path)
	if err != nil {
		return api.Entry{}, err
	}
	if err := e.drained(ctx, path); err != nil {
		return api.Entry{}, err
	}
	if d, err = e.cfg.Market.CheckIn(ctx, d.ID); err != nil {
		return api.Entry{}, err
	}
	return entryOf(d), e.ledger.SetWorkState(ctx, d.ID, api.CheckedIn)
}

// drained waits until no save of a document is on its way, or one cannot go on.
func (e *Engine) drained(ctx context.Context, path string) error {
	for {
		e.mu.Lock()
		settled := e.settled
		e.mu.Unlock()
		r, pending, err := e.ledger.Newest(ctx, e.account(), path)
		if err != nil || !pending {
			return err
		}
		if r.Refused && r.Reason != nil {
			return r.Reason
		}
		if e.Uploads().Paused {
			return api.Fail(api.UploadsPaused, "path", path)
		}
		select {
		case <-settled:
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return api.Fail(api.Cancelled).Because(ctx.Err())
			}
			return api.Fail(api.Timeout).Because(ctx.Err())
		}
	}
}
