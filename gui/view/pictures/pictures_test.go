package pictures_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/pictures"
	"iscdesk.dev/gui/view/viewtest"
)

// source notes what is fetched, and refuses it.
type source struct {
	desk.Service
	mu     sync.Mutex
	now    int
	most   int
	opened chan struct{}
}

func (s *source) Transfer(context.Context) (*session.Client, error) {
	s.mu.Lock()
	s.now++
	s.most = max(s.most, s.now)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.now--
		s.mu.Unlock()
	}()
	s.opened <- struct{}{}
	return nil, api.Fail(api.Offline)
}

func loader(t *testing.T) (*pictures.Loader, *source) {
	t.Helper()
	s := &source{Service: viewtest.New(t, api.English).Service, opened: make(chan struct{}, 64)}
	d := desk.New(desk.Config{Service: s})
	return pictures.New(view.Env{Desk: d, Now: time.Now}), s
}

func wish(path string) pictures.Wish {
	return pictures.Wish{Entry: api.Entry{Path: path, Name: "a.step", Kind: api.Single, Size: 100, Version: 1}}
}

// Two that are seen beside each other are both made, one after the other; what
// is not to be seen any more is left alone.
func TestSeveralBesideEachOther(t *testing.T) {
	l, s := loader(t)
	ended := make(chan struct{}, 64)
	done := func() { ended <- struct{}{} }
	l.Pictures(done, wish("/a/gone.step"))
	for _, one := range l.Pictures(done, wish("/a/1.step"), wish("/a/2.step")) {
		if !one.Waiting || one.Image != nil {
			t.Errorf("%+v", one)
		}
	}
	for range 3 {
		<-ended
	}
	if n := len(s.opened); n != 2 || s.most != 1 {
		t.Errorf("%d fetched, %d at a time", n, s.most)
	}
	for _, one := range l.Pictures(done, wish("/a/1.step"), wish("/a/2.step")) {
		if one.Waiting {
			t.Error("what could not be fetched is fetched again at once")
		}
	}
}

func TestNotEverythingHasAPicture(t *testing.T) {
	l, _ := loader(t)
	folder := wish("/a/b")
	folder.Entry.Folder = true
	text := wish("/a/c")
	text.Entry.Name = "c.txt"
	large := wish("/a/d.step")
	large.Entry.Size = 1 << 40
	for i, one := range l.Pictures(nil, folder, text, large) {
		if one.Waiting || one.Image != nil {
			t.Errorf("%d: %+v", i, one)
		}
	}
}
