// Package pictures fetches documents that are small enough with the user's own
// rights, has them drawn off the thread that asks, and keeps the last pictures
// in memory. Nothing is written to a disk.
package pictures

import (
	"context"
	"image"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/preview"
	"iscdesk.dev/gui/view"
)

const (
	// Size is how wide and high a picture is at most, in pixels.
	Size = 320
	kept = 32 // pictures, at most 0.4 MB each
	rest = 200 * time.Millisecond
	// again is how long what could not be fetched is left alone.
	again = 30 * time.Second
)

// Loader holds the pictures of one user. It is safe for any number of
// goroutines.
type Loader struct {
	env view.Env

	turn chan struct{} // full while a picture is made: one at a time

	mu     sync.Mutex // guards what follows
	wanted []string   // what was asked for last: only that is fetched
	known  map[string]*picture
	clock  int
}

// picture is one picture, on its way or there.
type picture struct {
	img     image.Image // nil: there is none
	waiting bool
	until   time.Time // when it may be asked for again; zero: never
	used    int
	done    []func()
}

// New makes a loader without pictures.
func New(env view.Env) *Loader {
	return &Loader{env: env, turn: make(chan struct{}, 1), known: map[string]*picture{}}
}

// Wish is a version of a document that is to be seen; 0: the newest.
type Wish struct {
	Entry   api.Entry
	Version int
}

// Shown is a picture as far as it is known. Where Image is nil there is none,
// or Waiting tells that it is being made.
type Shown struct {
	Image   image.Image
	Waiting bool
}

// Picture gives the picture of a version of a document (0: the newest) as far
// as it is known, and begins to make it where it is not. waiting tells that it
// is being made; done is called when that ends, on any goroutine.
func (l *Loader) Picture(e api.Entry, version int, done func()) (img image.Image, waiting bool) {
	one := l.Pictures(done, Wish{e, version})[0]
	return one.Image, one.Waiting
}

// Pictures is Picture for several that are to be seen beside each other.
func (l *Loader) Pictures(done func(), wishes ...Wish) []Shown {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanted = l.wanted[:0]
	for _, w := range wishes {
		if drawable(w.Entry) {
			l.wanted = append(l.wanted, w.key())
		}
	}
	all := make([]Shown, len(wishes))
	for i, w := range wishes {
		if drawable(w.Entry) {
			all[i] = l.one(w, done)
		}
	}
	return all
}

func drawable(e api.Entry) bool {
	return !e.Folder && e.Size <= preview.MaxBytes && (e.Kind == api.Assembly || preview.Drawable(e.Name, max(e.Size, 1)))
}

func (w Wish) key() string {
	e := w.Entry
	return strings.Join([]string{e.Path, strconv.Itoa(w.Version), strconv.Itoa(e.Version), strconv.FormatInt(e.Modified, 10)}, "\n")
}

// one looks for a picture and begins to make it where it is not known. The
// lock is held.
func (l *Loader) one(w Wish, done func()) Shown {
	key := w.key()
	l.clock++
	p := l.known[key]
	if p != nil && !p.waiting && !p.until.IsZero() && l.env.Now().After(p.until) {
		p = nil
	}
	if p == nil {
		p = &picture{waiting: true}
		l.known[key] = p
		l.forget()
		l.begin(key, w.Entry, w.Version)
	}
	p.used = l.clock
	if p.waiting && done != nil && len(p.done) == 0 {
		p.done = append(p.done, done)
	}
	return Shown{p.img, p.waiting}
}

// forget lets go of the pictures that were looked at longest ago. The lock is
// held.
func (l *Loader) forget() {
	for len(l.known) > kept {
		oldest := ""
		for key, p := range l.known {
			if !p.waiting && (oldest == "" || p.used < l.known[oldest].used) {
				oldest = key
			}
		}
		if oldest == "" {
			return
		}
		delete(l.known, oldest)
	}
}

// begin fetches and draws, once the user has rested on the document.
func (l *Loader) begin(key string, e api.Entry, version int) {
	var img image.Image
	passed := false
	l.env.Desk.Do(func(ctx context.Context, s desk.Service) error {
		timer := time.NewTimer(rest)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case l.turn <- struct{}{}:
			defer func() { <-l.turn }()
		case <-ctx.Done():
			return ctx.Err()
		}
		l.mu.Lock()
		passed = !slices.Contains(l.wanted, key)
		l.mu.Unlock()
		if passed {
			return nil
		}
		files, err := fetch(ctx, s, e, version)
		if err == nil {
			img, err = preview.Draw(ctx, Size, files...)
		}
		if err == nil {
			img = onPaper(img)
		}
		return err
	}, func(err error) {
		l.mu.Lock()
		p := l.known[key]
		if p == nil {
			l.mu.Unlock()
			return
		}
		p.img, p.waiting = img, false
		if _, ours := err.(*api.Error); ours { //nolint:errorlint // the service's own answer is never wrapped
			p.until = l.env.Now().Add(again)
		}
		if passed {
			delete(l.known, key)
		}
		tell := p.done
		l.mu.Unlock()
		for _, f := range tell {
			f()
		}
	})
}

// fetch gives the files of a document, the main one first.
func fetch(ctx context.Context, s desk.Service, e api.Entry, version int) ([]preview.File, error) {
	t, err := s.Transfer(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = t.Close() }() // it was only read
	var h api.FetchHeader
	if err := t.Call(ctx, api.CallFetchBegin, api.FetchBegin{Path: e.Path, Version: version}, &h); err != nil {
		return nil, err
	}
	if err := entry.Check(h.Kind, h.Entries); err != nil {
		return nil, err
	}
	if entry.Total(h.Entries) > preview.MaxBytes {
		return nil, preview.None("it is too large")
	}
	var files []preview.File
	content := t.Content()
	for _, x := range h.Entries {
		f := preview.File{Name: x.Path, Content: make([]byte, x.Size)}
		if _, err := io.ReadFull(content, f.Content); err != nil {
			return nil, err
		}
		if preview.Drawable(x.Path, x.Size) {
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		return nil, preview.None("none of its files can be drawn")
	}
	main := strings.TrimSuffix(e.Name, path.Ext(e.Name))
	slices.SortStableFunc(files, func(a, b preview.File) int { return rank(a, main) - rank(b, main) })
	return files, nil
}

// rank puts the file of the document's own name first.
func rank(f preview.File, main string) int {
	if stem := strings.TrimSuffix(path.Base(f.Name), path.Ext(f.Name)); strings.EqualFold(stem, main) {
		return 0
	}
	return 1
}
