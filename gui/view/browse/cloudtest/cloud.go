// Package cloudtest is a cloud in memory for tests of what browses it: folders
// that tests fill, calls that they can fail, hold back and count.
package cloudtest

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
)

// Cloud is a service that has documents and nothing else. Calls that it does
// not have panic.
type Cloud struct {
	desk.Service
	told func() // hears of every call

	mu       sync.Mutex // guards what follows
	folders  map[string][]api.Entry
	versions map[string][]api.Version
	answers  []Answer
	calls    []string
	fail     map[string]error
	hold     map[string]chan struct{}
	stale    bool
	more     bool
}

// Answer is an answer to a pick.
type Answer struct {
	Pick string
	api.PickAnswer
}

// NewCloud makes a cloud without spaces.
func NewCloud() *Cloud {
	return &Cloud{
		folders: map[string][]api.Entry{"/": {}}, versions: map[string][]api.Version{},
		fail: map[string]error{}, hold: map[string]chan struct{}{},
	}
}

// Put adds an entry, or replaces it, with the folders above it.
func (c *Cloud) Put(e api.Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(e)
}

// Fill makes a folder hold exactly these entries.
func (c *Cloud) Fill(folder string, entries []api.Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(api.Entry{Path: folder, Folder: true})
	c.folders[folder] = entries
}

func (c *Cloud) put(e api.Entry) {
	if e.Path == "/" {
		return
	}
	e.Name = path.Base(e.Path)
	above := path.Dir(e.Path)
	if _, ok := c.folders[above]; !ok {
		c.put(api.Entry{Path: above, Folder: true})
	}
	if _, ok := c.folders[e.Path]; e.Folder && !ok {
		c.folders[e.Path] = []api.Entry{}
	}
	at := slices.IndexFunc(c.folders[above], func(x api.Entry) bool { return x.Path == e.Path })
	if at >= 0 {
		c.folders[above][at] = e
		return
	}
	c.folders[above] = append(c.folders[above], e)
}

// Remove takes an entry away.
func (c *Cloud) Remove(p string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.folders[path.Dir(p)] = slices.DeleteFunc(slices.Clone(c.folders[path.Dir(p)]), func(e api.Entry) bool { return e.Path == p })
	delete(c.folders, p)
}

// Versions gives a document a history, newest first.
func (c *Cloud) Versions(p string, versions ...api.Version) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.versions[p] = versions
}

// Says sets what listings say of themselves.
func (c *Cloud) Says(stale, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stale, c.more = stale, more
}

// Fail lets a call fail, "List /me"; nil: not any more.
func (c *Cloud) Fail(call string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail[call] = err
}

// Hold keeps the answers to a call back until release is called.
func (c *Cloud) Hold(call string) (release func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	hold := make(chan struct{})
	c.hold[call] = hold
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.hold, call)
		close(hold)
	}
}

// Calls are the calls so far, oldest first.
func (c *Cloud) Calls() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls)
}

// Count is how often a call was made.
func (c *Cloud) Count(call string) int {
	n := 0
	for _, x := range c.Calls() {
		if x == call {
			n++
		}
	}
	return n
}

// Answers are the answers to picks so far.
func (c *Cloud) Answers() []Answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.answers)
}

func (c *Cloud) called(ctx context.Context, call string) error {
	c.mu.Lock()
	c.calls = append(c.calls, call)
	hold := c.hold[call]
	c.mu.Unlock()
	if c.told != nil {
		c.told()
	}
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return api.Fail(api.Cancelled)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fail[call]
}

// List gives a folder.
func (c *Cloud) List(ctx context.Context, p string) (api.Listing, error) {
	if err := c.called(ctx, "List "+p); err != nil {
		return api.Listing{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	entries, ok := c.folders[p]
	if !ok {
		return api.Listing{}, api.Fail(api.NotFound, "what", p)
	}
	return api.Listing{Path: p, Entries: slices.Clone(entries), Stale: c.stale}, nil
}

// Search finds names that contain q.
func (c *Cloud) Search(ctx context.Context, q, p string) (api.Listing, error) {
	if err := c.called(ctx, "Search "+q); err != nil {
		return api.Listing{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	out := api.Listing{Path: p, Entries: []api.Entry{}, More: c.more, Stale: c.stale}
	for folder, entries := range c.folders {
		for _, e := range entries {
			if folder != "/" && strings.Contains(strings.ToLower(e.Name), strings.ToLower(q)) {
				out.Entries = append(out.Entries, e)
			}
		}
	}
	return out, nil
}

// History gives the versions of a document.
func (c *Cloud) History(ctx context.Context, p string) ([]api.Version, error) {
	if err := c.called(ctx, "History "+p); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.versions[p]), nil
}

// CreateFolder makes a folder.
func (c *Cloud) CreateFolder(ctx context.Context, p string) error {
	if err := c.called(ctx, "CreateFolder "+p); err != nil {
		return err
	}
	c.Put(api.Entry{Path: p, Folder: true})
	return nil
}

// AnswerPick takes the answer to a pick.
func (c *Cloud) AnswerPick(ctx context.Context, id string, answer api.PickAnswer) error {
	if err := c.called(ctx, "AnswerPick "+id); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers = append(c.answers, Answer{Pick: id, PickAnswer: answer})
	return nil
}
