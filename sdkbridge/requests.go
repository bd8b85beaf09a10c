package sdkbridge

import "sync"

// maxRequests bounds how many requests are remembered until their event comes.
// The oldest is forgotten first: its event then comes without a tag.
const maxRequests = 256

// requests remembers what the application asked for until the event comes that
// answers it.
type requests struct {
	// asking is held from a call until its ticket is remembered, and while an
	// event looks its request up: an answer may overtake its ticket.
	asking sync.Mutex
	known  map[string]request
	order  []string
}

// request is what the answer to it needs to know.
type request struct {
	tag string
	// file is where a licence file goes; empty: where the library decides.
	file string
}

func newRequests() *requests { return &requests{known: map[string]request{}} }

// remember keeps a request under its ticket. The caller holds asking.
func (r *requests) remember(ticket string, q request) {
	if _, again := r.known[ticket]; !again {
		r.order = append(r.order, ticket)
	}
	r.known[ticket] = q
	if len(r.order) > maxRequests {
		delete(r.known, r.order[0])
		r.order = r.order[1:]
	}
}

// lookup gives the request of a ticket. It stays remembered: a licence that is
// pending is answered more than once.
func (r *requests) lookup(ticket string) request {
	r.asking.Lock()
	defer r.asking.Unlock()
	return r.known[ticket]
}
