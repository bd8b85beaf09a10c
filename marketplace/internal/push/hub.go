// Package push carries the marketplace's messages to the agents over
// WebSockets. A message is a hint: an agent that missed some resynchronises
// when it connects again, so nothing is kept for those who are away.
package push

import (
	"sync"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// Hub knows the connected agents. Its methods never wait for a peer, but for
// Close.
type Hub struct {
	mu      sync.Mutex
	peers   map[*peer]struct{}
	closed  bool
	serving sync.WaitGroup
}

// peer is one connected agent. Each of its channels but the queue is closed
// once, when what its name says has happened.
type peer struct {
	user       web.User
	credential web.Credential
	queue      chan agentapi.PushMessage
	slow       chan struct{}
	revoked    chan struct{}
	going      chan struct{}
}

// queueLength bounds what waits for one agent; one that falls further behind
// is disconnected.
const queueLength = 256

// NewHub makes a hub without agents.
func NewHub() *Hub { return &Hub{peers: map[*peer]struct{}{}} }

// Send hands a message to every connected agent of the users.
func (h *Hub) Send(userIDs []string, message agentapi.PushMessage) {
	wanted := make(map[string]bool, len(userIDs))
	for _, id := range userIDs {
		wanted[id] = true
	}
	h.send(message, func(u web.User) bool { return wanted[u.ID] })
}

// SendTenant hands a message to every connected agent of a tenant.
func (h *Hub) SendTenant(tenant string, message agentapi.PushMessage) {
	h.send(message, func(u web.User) bool { return u.Tenant == tenant })
}

func (h *Hub) send(message agentapi.PushMessage, to func(web.User) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for p := range h.peers {
		if !to(p.user) {
			continue
		}
		select {
		case p.queue <- message:
		default:
			delete(h.peers, p)
			close(p.slow)
		}
	}
}

// Revoke disconnects the agents of a grant that has ended.
func (h *Hub) Revoke(grant string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for p := range h.peers {
		if p.credential.Grant == grant {
			delete(h.peers, p)
			close(p.revoked)
		}
	}
}

// Close disconnects everyone, waits until they are gone, and takes nobody in
// any more.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	for p := range h.peers {
		delete(h.peers, p)
		close(p.going)
	}
	h.mu.Unlock()
	h.serving.Wait()
}

func (h *Hub) join(user web.User, credential web.Credential) (*peer, error) {
	p := &peer{
		user: user, credential: credential, queue: make(chan agentapi.PushMessage, queueLength),
		slow: make(chan struct{}), revoked: make(chan struct{}), going: make(chan struct{}),
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, fault.New(fault.ShuttingDown)
	}
	mine := 0
	for other := range h.peers {
		if other.user.ID == user.ID {
			mine++
		}
	}
	if mine >= maxPerUser {
		return nil, fault.New(fault.Busy)
	}
	h.peers[p] = struct{}{}
	h.serving.Add(1)
	return p, nil
}

func (h *Hub) leave(p *peer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.peers, p)
	h.serving.Done()
}
