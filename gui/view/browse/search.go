package browse

import (
	"context"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
)

// longestSearch is how many bytes a name has at most: nothing longer is found,
// and the service takes nothing longer.
const longestSearch = 255

// search is a search in all spaces.
type search struct {
	text    string // empty: nothing is searched
	asked   int    // the number of the question; answers to earlier ones are dropped
	loading bool
	table   *table // what was found last; nil: no answer yet
	more    bool
	stale   bool
	err     error
}

// end stops searching.
func (s *search) end() { *s = search{asked: s.asked + 1} }

// SetSearch searches all spaces for names that contain text; an empty text
// ends the search.
func (b *Browser) SetSearch(text string) {
	b.change(func() {
		if text == b.search.text {
			return
		}
		b.selected = ""
		if strings.TrimSpace(text) == "" {
			b.search.end()
			b.search.text = strings.TrimLeft(text, " ")
			return
		}
		b.search.text = text
		b.ask(b.opts.Rest)
	})
}

// brief is the beginning of a text, short enough for a title.
func brief(text string) string {
	const most = 40
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// ask searches for the text after a rest, unless another question follows in
// it. The lock is held.
func (b *Browser) ask(rest time.Duration) {
	b.search.asked++
	asked, text := b.search.asked, strings.TrimSpace(b.search.text)
	by := b.sorts[inSearch]
	if len(text) > longestSearch {
		b.search = search{text: b.search.text, asked: asked, table: newTable(nil, by)}
		return
	}
	b.search.loading = true
	var got api.Listing
	var t *table
	b.env.Desk.Do(func(ctx context.Context, s desk.Service) error {
		if !pause(ctx, rest) || !b.asks(asked) {
			return nil
		}
		var err error
		if got, err = s.Search(ctx, text, "/"); err == nil {
			t = newTable(got.Entries, by)
		}
		return err
	}, func(err error) { b.found(asked, t, got, err) })
}

// pause waits, and tells whether ctx lasted.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// asks tells whether the answer to a question is still wanted.
func (b *Browser) asks(asked int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.closed && b.search.asked == asked
}

// found takes the answer to ask.
func (b *Browser) found(asked int, t *table, got api.Listing, err error) {
	if !b.asks(asked) {
		return
	}
	b.change(func() {
		s := &b.search
		if s.asked != asked {
			return
		}
		s.loading, s.err = false, err
		if err == nil {
			s.table, s.more, s.stale = t.resorted(b.sorts[inSearch]), got.More, got.Stale
		}
	})
}
