// Package servertest holds engines for tests of the local API: everything in
// memory, with knobs, and with a record of what they were asked.
package servertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"sync"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/internal/server"
)

// Users gives every user engines of his own.
type Users struct {
	// Refuse names users that are not served.
	Refuse []string
	// Change, where not nil, changes what a user gets.
	Change func(*server.User)

	mu  sync.Mutex
	all map[string]*Engines
}

// Of gives the engines of whoever calls.
func (u *Users) Of(_ context.Context, who actor.Actor) (*server.User, error) {
	if slices.Contains(u.Refuse, who.User()) {
		return nil, api.Fail(api.PermissionDenied)
	}
	user := u.Engines(who.User()).User()
	if u.Change != nil {
		u.Change(user)
	}
	return user, nil
}

// Engines gives the engines of a user by name.
func (u *Users) Engines(user string) *Engines {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all == nil {
		u.all = make(map[string]*Engines)
	}
	e := u.all[user]
	if e == nil {
		e = &Engines{Owner: user, Events: NewEvents(), documents: make(map[string][]byte), deadlines: make(map[string]int64)}
		u.all[user] = e
	}
	return e
}

// Engines are all engines of one user. The zero value of each knob is the
// ordinary case.
type Engines struct {
	// Owner is the user; it shows in everything that the engines answer.
	Owner string
	// Online and SignedOut set the account.
	SignedOut, Online bool
	// Gate, where not nil, is received from before a licence request answers.
	Gate chan struct{}
	// Fault, where not nil, is what every call fails with.
	Fault error
	// Panic makes the doctor panic.
	Panic bool
	// WriteFault, where not nil, is what writing content fails with.
	WriteFault error
	// Broken makes fetches fail after this many bytes; 0: they do not.
	Broken int

	// Events are the user's events.
	Events *Events

	// Workspace is the folder that the user has set.
	Workspace string

	mu        sync.Mutex
	documents map[string][]byte
	deadlines map[string]int64
	uploads   api.Uploads
	log       []string
	aborted   int
}

// User is the engines as the server takes them.
func (e *Engines) User() *server.User {
	return &server.User{
		Account: account{e}, Licenses: licenses{e}, Files: files{e}, Apps: apps{e},
		Solves: solves{e}, Events: e.Events, Health: health{e},
		Settings: settings{e}, Messages: messages{e},
	}
}

// Note records what was asked.
func (e *Engines) note(what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.log = append(e.log, what)
}

// Log is what was asked so far, in order.
func (e *Engines) Log() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.log)
}

// Put lays a document into the user's cloud.
func (e *Engines) Put(path string, content []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.documents[path] = content
}

// Document is the content of a document, nil where there is none.
func (e *Engines) Document(path string) []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.documents[path]
}

// SetDeadline sets the lease deadline of a session.
func (e *Engines) SetDeadline(session string, unix int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.deadlines[session] = unix
}

// Aborted counts the saves that were given up.
func (e *Engines) Aborted() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.aborted
}

type save struct {
	engines *Engines
	begin   api.SaveBegin
	content bytes.Buffer
}

func (s *save) Ticket() api.SaveTicket { return api.SaveTicket{Operation: s.begin.Operation} }

func (s *save) Write(p []byte) (int, error) {
	if s.engines.WriteFault != nil {
		return 0, s.engines.WriteFault
	}
	return s.content.Write(p)
}

func (s *save) Commit(_ context.Context, c api.SaveCommit) (api.Saved, error) {
	if c.Changed != "" {
		return api.Saved{}, api.Fail(api.FileChanged, "path", c.Changed)
	}
	path := "/" + s.engines.Owner + "/" + s.begin.Name
	s.engines.Put(path, s.content.Bytes())
	sum := sha256.Sum256(s.content.Bytes())
	return api.Saved{
		Operation: s.begin.Operation, Path: path,
		Size: int64(s.content.Len()), Hash: hex.EncodeToString(sum[:]),
	}, nil
}

func (s *save) Abort() {
	s.engines.mu.Lock()
	defer s.engines.mu.Unlock()
	s.engines.aborted++
}

// breaking fails after so many bytes.
type breaking struct {
	io.Reader
	left int
}

func (b *breaking) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, api.Fail(api.ContentDamaged, "what", "document")
	}
	n, err := b.Reader.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
