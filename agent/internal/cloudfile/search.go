package cloudfile

import (
	"context"
	"strings"

	"golang.org/x/text/unicode/norm"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/core"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
	"iscdesk.dev/agent/workspace/entry"
)

// The bounds of a search: of what is asked for, in bytes, and of what is
// listed.
const (
	maxQuery = 255
	maxFound = 500
)

// Search finds folders and documents below path ("/": everywhere) by a part of
// their names, in whatever case. While the marketplace cannot be reached it
// looks through the folders as they were known last.
func (e *Engine) Search(ctx context.Context, q, path string) (api.Listing, error) {
	q = strings.TrimSpace(q)
	if q == "" || len(q) > maxQuery {
		return api.Listing{}, api.Fail(api.InvalidArgument, "argument", "q", "reason", "it is not 1 to 255 bytes long")
	}
	path, err := folderPath(path)
	if err != nil {
		return api.Listing{}, err
	}
	account := e.account()
	if account == "" {
		return api.Listing{}, api.Fail(api.SignedOut)
	}
	f := finder{query: alike(q), below: strings.TrimSuffix(path, "/") + "/", at: map[string]int{}}
	answer, err := e.cfg.Market.Search(ctx, q, path)
	switch {
	case err == nil:
		f.listing = listingOf(path, answer)
		f.listing.More = answer.More
		for i, x := range f.listing.Entries {
			f.at[x.Path] = i
		}
	case core.Judge(err) == core.TryAgain:
		f.listing = api.Listing{Path: path, Entries: []api.Entry{}, Stale: true}
		if err := e.ledger.Listings(ctx, account, f.look); err != nil {
			return api.Listing{}, err
		}
	default:
		return api.Listing{}, err
	}
	rows, err := e.ledger.Unended(ctx)
	if err != nil {
		return api.Listing{}, err
	}
	f.pending(rows, account)
	inOrder(f.listing.Entries)
	return f.listing, nil
}

// finder gathers what a search finds here.
type finder struct {
	query   string
	below   string // with a slash at its end
	listing api.Listing
	at      map[string]int // by path
}

// alike is a name as it is compared.
func alike(name string) string { return entry.Fold(norm.NFC.String(name)) }

func (f *finder) matches(x api.Entry) bool {
	return strings.HasPrefix(x.Path, f.below) && strings.Contains(alike(x.Name), f.query)
}

// add takes an entry, unless it is there already or there is no room for it.
func (f *finder) add(x api.Entry) {
	if _, known := f.at[x.Path]; known || !f.matches(x) {
		return
	}
	if len(f.listing.Entries) >= maxFound {
		f.listing.More = true
		return
	}
	f.at[x.Path] = len(f.listing.Entries)
	f.listing.Entries = append(f.listing.Entries, x)
}

func (f *finder) look(l api.Listing) {
	for _, x := range l.Entries {
		f.add(x)
	}
}

// pending marks what has saves on their way, and adds what is not in the cloud
// yet.
func (f *finder) pending(rows []ledger.Row, account string) {
	for _, r := range rows {
		if r.State != ledger.Queued || r.Account != account || strings.HasPrefix(r.Path, "/"+core.UnknownSpace+"/") {
			continue
		}
		_, name, _ := cutLast(r.Path)
		f.add(api.Entry{Path: r.Path, Name: name, Kind: r.Kind, Size: r.Size, Modified: r.Created.Unix()})
		if i, found := f.at[r.Path]; found {
			f.listing.Entries[i].Pending = true
		}
	}
}
