// Package push carries the marketplace's messages to the agents over
// WebSockets. A message is a hint: an agent that missed some resynchronises
// when it connects again, so nothing is kept for those who are away.
package push

import (
	"sync"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/web"
)

// Hub knows the connected agents. Its methods never block on a peer.
type Hub struct {
	mu    sync.Mutex
	peers map[*peer]struct{}
}

// peer is one connected agent.
type peer struct {
	user  web.User
	queue chan agentapi.PushMessage
	// slow is closed once, when the queue overflowed.
	slow chan struct{}
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

func (h *Hub) join(user web.User) *peer {
	p := &peer{user: user, queue: make(chan agentapi.PushMessage, queueLength), slow: make(chan struct{})}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.peers[p] = struct{}{}
	return p
}

func (h *Hub) leave(p *peer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.peers, p)
}
