package session

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"iscdesk.dev/agent/api"
)

// Limits of frames, in bytes. A peer that announces more is cut off.
const (
	MaxMessage = 1 << 20
	MaxContent = 1 << 20
	// MaxManifest is the limit of a message on a connection of RoleTransfer: a
	// list of 100,000 files fits.
	MaxManifest = 32 << 20
)

// Kind is what a frame carries.
type Kind byte

// The kinds of frame.
const (
	KindMessage Kind = 1
	KindContent Kind = 2
)

const headerSize = 5

// keptBuffer is the largest buffer that a connection keeps between messages.
const keptBuffer = 64 << 10

// Message is the body of a frame of KindMessage: a call (ID, Call, Args), the
// answer to a call (ID and OK or Error), or an event (Event).
type Message struct {
	ID    uint64          `json:"id,omitempty"`
	Call  string          `json:"call,omitempty"`
	Args  json.RawMessage `json:"args,omitempty"`
	OK    json.RawMessage `json:"ok,omitempty"`
	Error *api.Error      `json:"error,omitempty"`
	Event *api.Event      `json:"event,omitempty"`
}

// Frame is one decoded frame. Content is valid until the next read.
type Frame struct {
	Kind    Kind
	Message Message
	Content []byte
}

// Conn reads and writes frames. One goroutine may read while any number write.
type Conn struct {
	raw net.Conn
	in  *bufio.Reader
	buf []byte

	frameBound time.Duration
	manifests  bool // messages up to MaxManifest

	mu         sync.Mutex // guards writing
	out        []byte
	writeBound time.Duration
	writeUntil time.Time
	pinned     atomic.Bool // a write deadline of the caller's own stands
}

// AllowManifests raises the limit of messages to MaxManifest, for a connection
// of RoleTransfer once its hello is done. Call it while no frames flow.
func (c *Conn) AllowManifests() { c.manifests = true }

func (c *Conn) messageLimit() int {
	if c.manifests {
		return MaxManifest
	}
	return MaxMessage
}

// Bound limits a slow peer: frame is how long the rest of a frame may take
// once its first byte has come, write how long it may take to accept one.
// Without Bound there is no limit. A peer may still be silent between two
// frames for as long as it likes; SetReadDeadline limits that. Call Bound
// before frames flow, or from the reading goroutine while nobody writes.
func (c *Conn) Bound(frame, write time.Duration) {
	c.frameBound, c.writeBound = frame, write
}

// NewConn wraps a connection after its upgrade. in holds what was buffered
// during the upgrade; it may be nil.
func NewConn(raw net.Conn, in *bufio.Reader) *Conn {
	if in == nil {
		in = bufio.NewReaderSize(raw, 64<<10)
	}
	return &Conn{raw: raw, in: in}
}

// ReadFrame reads the next frame. It returns api.Protocol for a frame that no
// peer of ours would send, io.EOF when the peer has closed between two frames,
// and io.ErrUnexpectedEOF when it was cut off inside one.
func (c *Conn) ReadFrame() (Frame, error) {
	kind, body, err := c.readRaw()
	if err != nil {
		return Frame{}, err
	}
	if kind == KindContent {
		return Frame{Kind: kind, Content: body}, nil
	}
	var m Message
	err = json.Unmarshal(body, &m) // copies what it keeps
	if cap(c.buf) > keptBuffer {
		c.buf = nil
	}
	if err != nil {
		return Frame{}, api.Fail(api.Protocol).Because(err)
	}
	return Frame{Kind: kind, Message: m}, nil
}

// readRaw reads a frame up to its body.
func (c *Conn) readRaw() (kind Kind, body []byte, err error) {
	if _, err := c.in.Peek(1); err != nil {
		return 0, nil, err
	}
	if c.frameBound > 0 && !c.buffered() {
		if err := c.raw.SetReadDeadline(time.Now().Add(c.frameBound)); err != nil {
			return 0, nil, err
		}
		defer func() {
			if e := c.raw.SetReadDeadline(time.Time{}); err == nil {
				err = e
			}
		}()
	}
	header, err := c.in.Peek(headerSize)
	if err != nil {
		return 0, nil, cutOff(err)
	}
	length := binary.BigEndian.Uint32(header[:4])
	kind = Kind(header[4])
	if length < 1 || !c.fits(kind, length-1) {
		return 0, nil, api.Fail(api.Protocol)
	}
	if _, err := c.in.Discard(headerSize); err != nil {
		return 0, nil, err
	}
	body, err = c.readBody(int(length - 1))
	return kind, body, err
}

// buffered tells whether the next frame has come completely.
func (c *Conn) buffered() bool {
	n := c.in.Buffered()
	if n < headerSize {
		return false
	}
	header, err := c.in.Peek(headerSize)
	return err == nil && uint64(n) >= uint64(binary.BigEndian.Uint32(header[:4]))+4
}

func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (c *Conn) fits(kind Kind, size uint32) bool {
	switch kind {
	case KindMessage:
		return int64(size) <= int64(c.messageLimit())
	case KindContent:
		return size <= MaxContent
	}
	return false
}

// readBody grows its buffer only as bytes arrive, so that a peer that
// announces much and sends little costs little.
func (c *Conn) readBody(size int) ([]byte, error) {
	const step = 64 << 10
	c.buf = c.buf[:0]
	for len(c.buf) < size {
		n := min(size-len(c.buf), max(step, len(c.buf)))
		start := len(c.buf)
		if cap(c.buf) < start+n {
			grown := make([]byte, start, start+n)
			copy(grown, c.buf)
			c.buf = grown
		}
		c.buf = c.buf[:start+n]
		if _, err := io.ReadFull(c.in, c.buf[start:]); err != nil {
			return nil, cutOff(err)
		}
	}
	return c.buf, nil
}

// WriteMessage sends a message.
func (c *Conn) WriteMessage(m Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return api.Fail(api.Internal).Because(err)
	}
	if len(body) > c.messageLimit() {
		return api.Fail(api.TooLarge, "what", "message", "limit", strconv.Itoa(c.messageLimit()>>20)+" MiB")
	}
	return c.write(KindMessage, body)
}

// WriteContent sends content, in several frames where p is larger than one
// may be.
func (c *Conn) WriteContent(p []byte) error {
	for len(p) > MaxContent {
		if err := c.write(KindContent, p[:MaxContent]); err != nil {
			return err
		}
		p = p[MaxContent:]
	}
	if len(p) == 0 {
		return nil
	}
	return c.write(KindContent, p)
}

// EndContent sends the empty content frame that ends a stream.
func (c *Conn) EndContent() error { return c.write(KindContent, nil) }

func (c *Conn) write(kind Kind, body []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.armWrite(); err != nil {
		return err
	}
	var header [headerSize]byte
	binary.BigEndian.PutUint32(header[:4], uint32(len(body))+1)
	header[4] = byte(kind)
	if kind == KindContent && len(body) > 0 {
		if link, ok := c.raw.(interface{ writeBoth(head, body []byte) error }); ok {
			return link.writeBoth(header[:], body)
		}
		buffers := net.Buffers{header[:], body}
		_, err := buffers.WriteTo(c.raw)
		return err
	}
	c.out = append(append(c.out[:0], header[:]...), body...)
	_, err := c.raw.Write(c.out)
	if cap(c.out) > keptBuffer {
		c.out = nil
	}
	return err
}

// armWrite moves the write deadline on when a good part of it has gone by:
// every write gets at least nine tenths of the bound.
func (c *Conn) armWrite() error {
	if c.writeBound <= 0 || c.pinned.Load() {
		return nil
	}
	now := time.Now()
	if c.writeUntil.Sub(now) > c.writeBound-c.writeBound/10 {
		return nil
	}
	c.writeUntil = now.Add(c.writeBound)
	return c.raw.SetWriteDeadline(c.writeUntil)
}

// SetDeadline bounds reading and writing.
func (c *Conn) SetDeadline(t time.Time) error {
	c.pinned.Store(!t.IsZero())
	return c.raw.SetDeadline(t)
}

// SetReadDeadline bounds reading.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.raw.SetReadDeadline(t) }

// SetWriteDeadline bounds writing; it goes before what Bound says until it is
// taken back with the zero time. A write that is blocked feels it at once.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.pinned.Store(!t.IsZero())
	return c.raw.SetWriteDeadline(t)
}

// Close closes the connection.
func (c *Conn) Close() error { return c.raw.Close() }
