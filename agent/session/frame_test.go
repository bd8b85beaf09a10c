package session

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/ipc/ipctest"
)

// input is a connection that brings the given bytes and then ends.
type input struct {
	net.Conn // only for what the decoder never calls
	io.Reader
}

func (i input) Read(p []byte) (int, error)    { return i.Reader.Read(p) }
func (input) SetReadDeadline(time.Time) error { return nil }
func decoder(b []byte) *Conn                  { return NewConn(input{Reader: bytes.NewReader(b)}, nil) }

func rawFrame(length uint32, kind byte, body string) []byte {
	return append(append(binary.BigEndian.AppendUint32(nil, length), kind), body...)
}

func TestReadFrameRefusesWhatIsNone(t *testing.T) {
	for _, row := range []struct {
		name  string
		bytes []byte
		want  error
	}{
		{"the end", nil, io.EOF},
		{"part of a length", []byte{0, 0, 0}, io.ErrUnexpectedEOF},
		{"no kind", []byte{0, 0, 0, 1}, io.ErrUnexpectedEOF},
		{"length 0", rawFrame(0, 1, ""), api.Protocol},
		{"length 2^31", rawFrame(1<<31, 1, ""), api.Protocol},
		{"length 2^32-1", rawFrame(1<<32-1, 2, ""), api.Protocol},
		{"a message too long by one", rawFrame(MaxMessage+2, 1, ""), api.Protocol},
		{"content too long by one", rawFrame(MaxContent+2, 2, ""), api.Protocol},
		{"kind 0", rawFrame(1, 0, ""), api.Protocol},
		{"kind 3", rawFrame(1, 3, ""), api.Protocol},
		{"a body that is cut off", rawFrame(10, 1, "{"), io.ErrUnexpectedEOF},
		{"a body that never comes", rawFrame(MaxContent+1, 2, ""), io.ErrUnexpectedEOF},
		{"an empty message", rawFrame(1, 1, ""), api.Protocol},
		{"a message that is no object", rawFrame(3, 1, "[]"), api.Protocol},
		{"a number that is none", rawFrame(11, 1, `{"id":1.5}`), api.Protocol},
		{"10^6 brackets", rawFrame(1_000_001, 1, strings.Repeat("[", 1_000_000)), api.Protocol},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := decoder(row.bytes).ReadFrame()
			if !errors.Is(err, row.want) {
				t.Fatalf("got %v, want %v", err, row.want)
			}
		})
	}
}

func TestReadFrameCostsWhatArrives(t *testing.T) {
	c := decoder(rawFrame(MaxContent+1, 2, "little"))
	if _, err := c.ReadFrame(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	if cap(c.buf) > 64<<10 {
		t.Errorf("a peer that sent 6 bytes got a buffer of %d", cap(c.buf))
	}
}

func TestLargeMessagesLeaveNoBufferBehind(t *testing.T) {
	body := `{"call":"` + strings.Repeat("x", 900_000) + `"}`
	c := decoder(rawFrame(uint32(len(body))+1, 1, body))
	if _, err := c.ReadFrame(); err != nil {
		t.Fatal(err)
	}
	if c.buf != nil {
		t.Errorf("a buffer of %d stays", cap(c.buf))
	}
}

// pair is two connected Conns over a real socket.
func pair(t testing.TB) (a, b *Conn) {
	t.Helper()
	path := ipctest.Path(t)
	l, err := ipc.Listen(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	one, err := ipc.Dial(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	two, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = one.Close(), two.Close() })
	return NewConn(one, nil), NewConn(two, nil)
}

func TestFramesArriveAsTheyWereSent(t *testing.T) {
	a, b := pair(t)
	messages := []Message{
		{ID: 1, Call: "heartbeat"},
		{ID: 2, Call: "x", Args: json.RawMessage(`{"a":[1,2]}`)},
		{ID: 1<<64 - 1, OK: json.RawMessage(`{"text":"中文"}`)},
		{ID: 3, Error: api.Fail(api.NotFound, "what", "x")},
		{Event: &api.Event{Seq: 7, Name: "lease.lost", Data: json.RawMessage(`null`)}},
	}
	content := bytes.Repeat([]byte("0123456789abcdef"), 3*MaxContent/16)
	content = append(content, "tail"...)
	sent := make(chan error, 1)
	go func() {
		for _, m := range messages {
			if err := a.WriteMessage(m); err != nil {
				sent <- err
				return
			}
		}
		sent <- errors.Join(a.WriteContent(content), a.WriteContent(nil), a.EndContent())
	}()
	for _, want := range messages {
		f, err := b.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, f.Message, cmp.AllowUnexported(api.Error{})); f.Kind != KindMessage || diff != "" {
			t.Error(diff)
		}
	}
	var got []byte
	for {
		f, err := b.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if f.Kind != KindContent {
			t.Fatal("a message among the content")
		}
		if len(f.Content) == 0 {
			break
		}
		got = append(got, f.Content...)
	}
	if !bytes.Equal(got, content) {
		t.Errorf("%d bytes came, %d were sent, or others", len(got), len(content))
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

func TestWriteMessageRefusesWhatThePeerWould(t *testing.T) {
	a, _ := pair(t)
	big := json.RawMessage(`"` + strings.Repeat("x", MaxMessage) + `"`)
	if err := a.WriteMessage(Message{ID: 1, Args: big}); !errors.Is(err, api.TooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestBoundCutsOffASlowPeer(t *testing.T) {
	whole := rawFrame(13, 1, `{"call":"x"}`)
	for cut := 1; cut < len(whole); cut++ {
		a, b := pair(t)
		b.Bound(5*time.Millisecond, time.Second)
		if _, err := a.raw.Write(whole[:cut]); err != nil {
			t.Fatal(err)
		}
		if _, err := b.ReadFrame(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after %d bytes: %v", cut, err)
		}
	}
}

func TestBoundCutsOffAPeerThatTakesNothing(t *testing.T) {
	a, _ := pair(t)
	a.Bound(time.Second, 20*time.Millisecond)
	piece := make([]byte, MaxContent)
	var err error
	for range 64 { // more than any socket holds
		if err = a.WriteContent(piece); err != nil {
			break
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestAWriteDeadlineOfOnesOwnGoesFirst(t *testing.T) {
	a, _ := pair(t)
	a.Bound(time.Hour, time.Hour)
	piece := make([]byte, MaxContent)
	blocked := make(chan error, 1)
	go func() {
		for {
			if err := a.WriteContent(piece); err != nil {
				blocked <- err
				return
			}
		}
	}()
	if err := a.SetWriteDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if err := <-blocked; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// FuzzReadFrame feeds the decoder whatever there is. It must end, without a
// panic, in an error that it is meant to have; what it takes for frames must
// keep their limits, and a message must survive being sent again.
func FuzzReadFrame(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(rawFrame(0, 1, ""))
	f.Add(rawFrame(1<<31, 1, "x"))
	f.Add(rawFrame(1<<32-1, 2, "x"))
	f.Add(rawFrame(29, 1, `{"id":1,"call":"heartbeat"}`))
	f.Add(append(rawFrame(5, 2, "data"), rawFrame(1, 2, "")...))
	f.Add(rawFrame(40, 1, `{"id":2,"error":{"code":"busy"},"ok":1}`))
	f.Add(rawFrame(100, 1, `{"event":{"seq":1`))
	f.Add(rawFrame(5, 9, "data"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := decoder(b)
		for {
			frame, err := c.ReadFrame()
			if err != nil {
				if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, api.Protocol) {
					t.Fatalf("an error of another kind: %v", err)
				}
				return
			}
			switch frame.Kind {
			case KindContent:
				if len(frame.Content) > MaxContent {
					t.Fatalf("content of %d bytes", len(frame.Content))
				}
			case KindMessage:
				if again, err := json.Marshal(frame.Message); err != nil || json.Unmarshal(again, new(Message)) != nil {
					t.Fatalf("a message that cannot be sent again: %s, %v", again, err)
				}
			default:
				t.Fatalf("kind %d", frame.Kind)
			}
		}
	})
}
