// Package front keeps one tray app per user: the first one claims the place,
// and each later one asks it to come to the front and ends.
package front

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"time"

	"iscdesk.dev/agent/ipc"
)

// ErrTaken tells that another tray app of the user runs.
const ErrTaken = taken("another tray app of this user runs")

type taken string

func (e taken) Error() string { return string(e) }

// wait bounds one visit, and maxLine what a visitor may say, in bytes.
const (
	wait    = 5 * time.Second
	maxLine = 4 << 10
)

// Wish is what a later start asks of the running one.
type Wish struct {
	// Show names what to show: a room, or room/part/item; empty: the window.
	Show string `json:"show,omitempty"`
	// Quiet wishes for nothing but to know that one runs.
	Quiet bool `json:"quiet,omitempty"`
}

// Place is the user's one place, once claimed.
type Place struct {
	listener net.Listener // nil: nothing is heard
	release  func()
}

// Claim takes the user's one place. It fails with ErrTaken while another has
// it. Where others could hear what is asked of it, or one of them has taken its
// name, which anybody can do with pipes, it is a place where nothing is heard:
// the user has his tray app all the same.
func Claim() (*Place, error) {
	path, err := address()
	if err != nil {
		return nil, err
	}
	release, err := lock(path)
	if err != nil {
		return nil, err
	}
	p := &Place{release: release}
	if l, err := ipc.Listen(path, false); err == nil {
		p.listener = l
	}
	return p, nil
}

// Serve hears the wishes of later starts until ctx ends, and gives the place
// up then. Who is not the user himself is not heard.
func (p *Place) Serve(ctx context.Context, wish func(Wish)) error {
	defer p.release()
	if p.listener == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	stop := context.AfterFunc(ctx, func() { _ = p.listener.Close() })
	defer stop()
	var visits sync.WaitGroup
	defer visits.Wait()
	for {
		c, err := p.listener.Accept()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return errors.Join(err, p.listener.Close())
		}
		visits.Go(func() { hear(c, wish) })
	}
}

func hear(c net.Conn, wish func(Wish)) {
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(wait)); err != nil {
		return
	}
	peer, err := ipc.PeerOf(c)
	if err != nil || peer.User != ipc.CurrentUser() {
		return
	}
	in := bufio.NewReaderSize(c, maxLine)
	line, err := in.ReadSlice('\n')
	var w Wish
	if err != nil || json.Unmarshal(line, &w) != nil {
		return
	}
	if !w.Quiet {
		wish(w)
	}
	_, _ = c.Write([]byte("ok\n")) // a visitor who is gone needs no answer
}

// Ask asks the tray app that runs.
func Ask(ctx context.Context, w Wish) error {
	path, err := address()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	c, err := ipc.Dial(ctx, path)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(wait)); err != nil {
		return err
	}
	line, err := json.Marshal(w)
	if err != nil {
		return err
	}
	if _, err := c.Write(append(line, '\n')); err != nil {
		return err
	}
	_, err = bufio.NewReaderSize(c, maxLine).ReadSlice('\n')
	return err
}
