// Package sessiontest is a service on a real local socket for the tests of
// everything that speaks the framed session: it answers calls as the test
// says, and misbehaves on request. It knows nothing of licences or documents.
package sessiontest

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/ipc/ipctest"
	"iscdesk.dev/agent/session"
)

// Handler answers one call. A nil answer and a nil error is an empty answer;
// a Silence error is none at all.
type Handler func(p *Peer, args json.RawMessage) (any, error)

// Silence is what a Handler returns to leave a call without an answer, as a
// service that hangs does.
const Silence api.Code = "test_silence"

// Server is a service on a socket. Set its fields before Start.
type Server struct {
	// Socket is the path that it listens on.
	Socket string
	// Handlers answer calls by name; a call without one is answered with
	// api.Unsupported. Hello and heartbeat have handlers from the start.
	Handlers map[string]Handler
	// Reply answers hello.
	Reply api.HelloReply
	// Upgrade, where it is set, takes the connection after the client's request
	// and does all that follows.
	Upgrade func(net.Conn)
	// Opened is told of each connection after its hello.
	Opened func(*Peer)

	mu       sync.Mutex
	listener net.Listener
	peers    map[*Peer]struct{}
	conns    map[net.Conn]struct{}
	running  sync.WaitGroup
}

// New gives a server that answers hello and heartbeat, on the socket that
// belongs to dir.
func New(dir string) *Server {
	beat := api.Heartbeat{State: api.StateOnline, IntervalSeconds: 60}
	return &Server{
		Socket: ipctest.In(dir),
		Reply:  api.HelloReply{Protocol: api.ProtocolVersion, Service: "test", HeartbeatSeconds: 60, State: beat},
		Handlers: map[string]Handler{
			api.CallHeartbeat: func(*Peer, json.RawMessage) (any, error) { return beat, nil },
		},
	}
}

// Start listens. A stopped server can be started again.
func (s *Server) Start() error {
	l, err := ipc.Listen(s.Socket, false)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.listener, s.peers, s.conns = l, map[*Peer]struct{}{}, map[net.Conn]struct{}{}
	s.mu.Unlock()
	s.running.Go(func() { s.accept(l) })
	return nil
}

// Stop cuts all connections off and returns when nothing of the server runs.
func (s *Server) Stop() {
	s.mu.Lock()
	_ = s.listener.Close() // it only has to be closed
	for c := range s.conns {
		_ = c.Close() // as above
	}
	s.mu.Unlock()
	s.running.Wait()
}

// Send sends an event to every session that is connected.
func (s *Server) Send(e api.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.peers {
		if p.Hello.Role == api.RoleSession {
			_ = p.WriteMessage(session.Message{Event: &e}) // a peer that has gone hears nothing
		}
	}
}

// Event builds an event with JSON data.
func Event(seq uint64, name string, data any) api.Event {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err) // test data that is no JSON
	}
	return api.Event{Seq: seq, Name: name, Time: time.Now().UnixMilli(), Data: raw}
}

func (s *Server) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[c] = struct{}{}
		s.mu.Unlock()
		s.running.Go(func() {
			defer func() {
				_ = c.Close() // nobody is left to tell
				s.mu.Lock()
				delete(s.conns, c)
				s.mu.Unlock()
			}()
			if s.Upgrade != nil {
				_ = readRequest(bufio.NewReader(c)) // whatever it is
				s.Upgrade(c)
				return
			}
			s.serve(c)
		})
	}
}

// Peer is one connected client.
type Peer struct {
	*session.Conn
	// Raw is the connection beneath, for what no honest service sends.
	Raw   net.Conn
	Hello api.Hello
}

func (s *Server) serve(raw net.Conn) {
	in := bufio.NewReader(raw)
	if !acceptUpgrade(raw, in) {
		return
	}
	p := &Peer{Conn: session.NewConn(raw, in), Raw: raw}
	defer func() {
		s.mu.Lock()
		delete(s.peers, p)
		s.mu.Unlock()
	}()
	var calls sync.WaitGroup
	defer calls.Wait()
	for {
		f, err := p.ReadFrame()
		if err != nil || f.Kind != session.KindMessage {
			return
		}
		m := f.Message
		if m.Call == api.CallHello {
			s.hello(p, m)
			continue
		}
		if p.Hello.Role == api.RoleTransfer {
			s.answer(p, m) // its handler may read the content
			continue
		}
		calls.Go(func() { s.answer(p, m) })
	}
}

// readRequest reads the head of a request and tells whether it asks for a
// session.
func readRequest(in *bufio.Reader) bool {
	ok := false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		line = strings.TrimRight(line, "\r\n")
		if strings.EqualFold(line, "Upgrade: "+api.SessionUpgrade) {
			ok = true
		}
		if line == "" {
			return ok
		}
	}
}

func acceptUpgrade(w io.Writer, in *bufio.Reader) bool {
	if !readRequest(in) {
		return false
	}
	_, err := io.WriteString(w, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "+api.SessionUpgrade+"\r\n\r\n")
	return err == nil
}

func (s *Server) hello(p *Peer, m session.Message) {
	if err := json.Unmarshal(m.Args, &p.Hello); err != nil {
		_ = p.WriteMessage(session.Message{ID: m.ID, Error: api.Fail(api.Protocol)}) // it hangs up next
		return
	}
	s.mu.Lock()
	s.peers[p] = struct{}{}
	s.mu.Unlock()
	if h := s.Handlers[api.CallHello]; h != nil {
		s.answer(p, m)
	} else {
		p.reply(m.ID, s.Reply, nil)
	}
	if s.Opened != nil {
		s.Opened(p)
	}
}

func (s *Server) answer(p *Peer, m session.Message) {
	h := s.Handlers[m.Call]
	if h == nil {
		p.reply(m.ID, nil, api.Fail(api.Unsupported, "what", m.Call))
		return
	}
	out, err := h(p, m.Args)
	if errors.Is(err, Silence) {
		return
	}
	p.reply(m.ID, out, err)
}

func (p *Peer) reply(id uint64, out any, err error) {
	m := session.Message{ID: id, OK: json.RawMessage("null")}
	if err != nil {
		m.OK, m.Error = nil, api.AsError(err)
	} else if out != nil {
		raw, err := json.Marshal(out)
		if err != nil {
			panic(err) // test data that is no JSON
		}
		m.OK = raw
	}
	_ = p.WriteMessage(m) // a peer that has gone hears nothing
}

// ReadContent reads content up to its end.
func (p *Peer) ReadContent() ([]byte, error) {
	var all []byte
	for {
		f, err := p.ReadFrame()
		if err != nil {
			return all, err
		}
		if f.Kind != session.KindContent {
			return all, api.Fail(api.Protocol)
		}
		if len(f.Content) == 0 {
			return all, nil
		}
		all = append(all, f.Content...)
	}
}

// Huge is the header of a frame that announces more than any frame may hold.
func Huge() []byte { return []byte{0xff, 0xff, 0xff, 0xff, byte(session.KindMessage)} }

// Refuse is an HTTP answer that refuses the upgrade with an error.
func Refuse(status int, e *api.Error) func(net.Conn) {
	return func(c net.Conn) {
		body, err := json.Marshal(e)
		if err != nil {
			panic(err) // test data that is no JSON
		}
		_, _ = io.WriteString(c, "HTTP/1.1 "+strconv.Itoa(status)+" Refused\r\nContent-Length: "+
			strconv.Itoa(len(body))+"\r\n\r\n"+string(body)) // a client that has gone hears nothing
	}
}
