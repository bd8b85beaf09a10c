package ipc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/ipc/ipctest"
)

// What follows is the contract of a local connection, on sockets and on pipes.

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

func listen(t *testing.T) (net.Listener, string) {
	t.Helper()
	path := ipctest.Path(t)
	l, err := ipc.Listen(path, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l, path
}

func dial(t *testing.T, path string) net.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := ipc.Dial(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// pair gives the two ends of a connection.
func pair(t *testing.T) (client, server net.Conn) {
	t.Helper()
	l, path := listen(t)
	accepted := make(chan net.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
			close(accepted)
			return
		}
		accepted <- c
	}()
	client = dial(t, path)
	server = <-accepted
	if server == nil {
		t.FailNow()
	}
	t.Cleanup(func() { _ = server.Close() })
	return client, server
}

func TestTheServerKnowsItsPeer(t *testing.T) {
	client, server := pair(t)
	for range 2 { // before anything was said, and after
		p, err := ipc.PeerOf(server)
		if err != nil || p.User != ipc.CurrentUser() || p.User == "" || p.PID != os.Getpid() {
			t.Fatalf("got %+v, %v", p, err)
		}
		if _, err := client.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(io.LimitReader(server, 1)); err != nil || string(b) != "x" {
			t.Fatalf("read %q, %v", b, err)
		}
	}
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if _, err := ipc.PeerOf(a); !errors.Is(err, api.PermissionDenied) {
		t.Fatalf("not a local connection: %v", err)
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	l, path := listen(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			c, err := ipc.Dial(ctx, path)
			if err != nil {
				t.Errorf("client %d: %v", i, err)
				return
			}
			defer c.Close()
			for round := range 20 {
				said := fmt.Appendf(nil, "client %d says %d", i, round)
				if _, err := c.Write(said); err != nil {
					t.Errorf("client %d: %v", i, err)
					return
				}
				heard := make([]byte, len(said))
				if _, err := io.ReadFull(c, heard); err != nil || !bytes.Equal(said, heard) {
					t.Errorf("client %d heard %q, %v", i, heard, err)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestDeadlines(t *testing.T) {
	client, server := pair(t)
	for name, c := range map[string]net.Conn{"client": client, "server": server} {
		t.Run(name, func(t *testing.T) {
			one := make([]byte, 1)
			must(t, c.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
			if _, err := c.Read(one); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("read: %v", err)
			}
			if _, err := c.Read(one); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("read again: %v", err)
			}
			must(t, c.SetReadDeadline(time.Time{}))
			began := make(chan struct{})
			ended := make(chan error, 1)
			go func() {
				close(began)
				_, err := c.Read(one)
				ended <- err
			}()
			<-began
			must(t, c.SetDeadline(time.Unix(1, 0)))
			if err := wait(t, ended); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("a read that waited: %v", err)
			}
			must(t, c.SetDeadline(time.Time{}))
		})
	}
	if _, err := client.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	must(t, server.SetReadDeadline(time.Now().Add(patience)))
	if _, err := io.ReadFull(server, make([]byte, 1)); err != nil {
		t.Fatalf("after the deadlines: %v", err)
	}
}

func TestAPeerThatDoesNotReadHoldsUpTheWriterUntilItsDeadline(t *testing.T) {
	for _, side := range []string{"client", "server"} {
		t.Run(side, func(t *testing.T) {
			c, server := pair(t)
			if side == "server" {
				c = server
			}
			must(t, c.SetWriteDeadline(time.Now().Add(200*time.Millisecond)))
			block := make([]byte, 64<<10)
			for range 1024 {
				if _, err := c.Write(block); err != nil {
					if !errors.Is(err, os.ErrDeadlineExceeded) {
						t.Fatal(err)
					}
					return
				}
			}
			t.Fatal("64 MiB went into a buffer")
		})
	}
}

func TestMuchAtOnceBothWays(t *testing.T) {
	client, server := pair(t)
	const size = 8 << 20
	sent := make([]byte, size)
	for i := range sent {
		sent[i] = byte(i * 7 >> 3)
	}
	var all sync.WaitGroup
	for _, ends := range [][2]net.Conn{{client, server}, {server, client}} {
		all.Go(func() {
			if n, err := ends[0].Write(sent); err != nil || n != size {
				t.Errorf("wrote %d, %v", n, err)
			}
		})
		all.Go(func() {
			got := make([]byte, size)
			if _, err := io.ReadFull(ends[1], got); err != nil || !bytes.Equal(got, sent) {
				t.Errorf("what arrived is not what was sent: %v", err)
			}
		})
	}
	all.Wait()
}

func TestWhatWasSentBeforeClosingArrives(t *testing.T) {
	for _, side := range []string{"client", "server"} {
		t.Run(side, func(t *testing.T) {
			from, to := pair(t)
			if side == "server" {
				from, to = to, from
			}
			if _, err := from.Write([]byte("last words")); err != nil {
				t.Fatal(err)
			}
			must(t, from.Close())
			must(t, to.SetReadDeadline(time.Now().Add(patience)))
			got, err := io.ReadAll(to)
			if err != nil || string(got) != "last words" {
				t.Fatalf("read %q, %v", got, err)
			}
			if _, err := to.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Fatalf("after the end: %v", err)
			}
			if _, err := to.Write([]byte("x")); err == nil {
				t.Fatal("writing to nobody succeeds")
			}
		})
	}
}

func TestAnEmptyWriteIsNotTheEnd(t *testing.T) {
	client, server := pair(t)
	for _, said := range []string{"", "x"} {
		if _, err := client.Write([]byte(said)); err != nil {
			t.Fatal(err)
		}
	}
	must(t, server.SetReadDeadline(time.Now().Add(patience)))
	if b, err := io.ReadAll(io.LimitReader(server, 1)); err != nil || string(b) != "x" {
		t.Fatalf("read %q, %v", b, err)
	}
}

func TestClosingWakesWhoeverWaits(t *testing.T) {
	client, server := pair(t)
	for name, c := range map[string]net.Conn{"client": client, "server": server} {
		began := make(chan struct{})
		ended := make(chan error, 1)
		go func() {
			close(began)
			_, err := c.Read(make([]byte, 1))
			ended <- err
		}()
		<-began
		must(t, c.Close())
		if err := wait(t, ended); !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s writes to its own closed end: %v", name, err)
		}
	}
}

func TestCloseWhileAccepting(t *testing.T) {
	l, path := listen(t)
	ended := make(chan error, 1)
	accepted := make(chan net.Conn, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- c
		}
	}()
	client := dial(t, path)
	server := <-accepted
	defer server.Close()
	must(t, l.Close())
	if err := wait(t, ended); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("Accept: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("Accept again: %v", err)
	}
	if _, err := client.Write([]byte("x")); err != nil {
		t.Fatalf("a connection that was accepted: %v", err)
	}
	must(t, server.SetReadDeadline(time.Now().Add(patience)))
	if _, err := io.ReadFull(server, make([]byte, 1)); err != nil {
		t.Fatalf("a connection that was accepted: %v", err)
	}
	must(t, client.Close())
	must(t, server.Close())
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if c, err := ipc.Dial(ctx, path); !errors.Is(err, api.ServiceUnavailable) {
		t.Fatalf("dialling a closed listener: %v, %v", c, err)
	}
	again, err := ipc.Listen(path, false)
	if err != nil {
		t.Fatalf("listening anew: %v", err)
	}
	must(t, again.Close())
}

// TestClientsThatGoAtOnce open and close; the service must not mind.
func TestClientsThatGoAtOnce(t *testing.T) {
	l, path := listen(t)
	seen := make(chan error, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				seen <- err
				return
			}
			_ = c.SetReadDeadline(time.Now().Add(patience))
			heard, err := io.ReadAll(c)
			_ = c.Close()
			if string(heard) == "still there" {
				seen <- err
				return
			}
		}
	}()
	for range 50 {
		must(t, dial(t, path).Close())
	}
	c := dial(t, path)
	if _, err := c.Write([]byte("still there")); err != nil {
		t.Fatal(err)
	}
	must(t, c.Close())
	if err := wait(t, seen); err != nil {
		t.Fatal(err)
	}
}

func TestASecondListenerIsRefused(t *testing.T) {
	l, path := listen(t)
	accepted := make(chan net.Conn, 8)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	if second, err := ipc.Listen(path, false); err == nil || !strings.Contains(err.Error(), "another service already listens") {
		t.Fatalf("a second service: %v, %v", second, err)
	}
	c := dial(t, path)
	if _, err := c.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	for s := range accepted { // the one of the attempt comes first where there was one
		if n, _ := s.Read(make([]byte, 1)); n == 1 {
			return
		}
	}
}

// TestAClientThatDoesNotLetGo has a dead connection, by which no user may keep
// the next service from starting.
func TestAClientThatDoesNotLetGo(t *testing.T) {
	for _, what := range []string{"the service closed it", "the service left it open"} {
		t.Run(what, func(t *testing.T) {
			l, path := listen(t)
			client := dial(t, path)
			server, err := l.Accept()
			must(t, err)
			must(t, l.Close())
			if what == "the service closed it" {
				must(t, server.Close())
			} else {
				defer server.Close()
			}
			again, err := ipc.Listen(path, false)
			must(t, err)
			defer again.Close()
			next := dial(t, path)
			if _, err := next.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			s, err := again.Accept()
			must(t, err)
			defer s.Close()
			if _, err := io.ReadFull(s, make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			must(t, client.Close())
		})
	}
}

func TestDialSaysWhatIsWrong(t *testing.T) {
	path := ipctest.Path(t)
	if _, err := ipc.Dial(t.Context(), path); !errors.Is(err, api.ServiceUnavailable) {
		t.Errorf("nobody listens: %v", err)
	}
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	if _, err := ipc.Dial(ctx, path); !errors.Is(err, api.Timeout) {
		t.Errorf("no time left: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wait(t *testing.T, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(patience):
		t.Fatal("nothing happened")
		return nil
	}
}
