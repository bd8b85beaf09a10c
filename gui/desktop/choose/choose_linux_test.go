package choose

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/ncruces/zenity"
)

// TestMain has the zenity library find a program: it looks for one only once.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "choose")
	if err != nil {
		panic(err)
	}
	path := os.Getenv("PATH")
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "zenity"), nil, 0o700), os.Setenv("PATH", dir)); err != nil || !zenity.IsAvailable() {
		panic(err)
	}
	if err := errors.Join(os.RemoveAll(dir), os.Setenv("PATH", path)); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// session starts a message bus and makes it the session's. No program of the
// zenity kind is found until the test puts one into the folder that it gives.
func session(t *testing.T) (programs string) {
	t.Helper()
	bus := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address")
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = bus.Process.Signal(os.Interrupt)
		_ = bus.Wait() // it ends by the signal
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	programs = t.TempDir()
	t.Setenv("PATH", programs)
	return programs
}

// question is what a portal was asked.
type question struct {
	method, parent, title string
	options               map[string]dbus.Variant
}

// server is a portal that answers as the test says.
type server struct {
	bus    *dbus.Conn
	asked  chan question
	closed chan struct{}
	answer func(s *server, handle dbus.ObjectPath)
}

func (s *server) take(sender dbus.Sender, q question) (dbus.ObjectPath, *dbus.Error) {
	token, _ := q.options["handle_token"].Value().(string)
	handle := dbus.ObjectPath(portalPath + "/request/" + strings.NewReplacer(":", "", ".", "_").Replace(string(sender)) + "/" + token)
	if err := s.bus.Export(closer{s.closed}, handle, request); err != nil {
		return "", dbus.MakeFailedError(err)
	}
	s.asked <- q
	if s.answer != nil {
		s.answer(s, handle)
	}
	return handle, nil
}

// OpenFile is a method of the portal.
func (s *server) OpenFile(sender dbus.Sender, parent, title string, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	return s.take(sender, question{"OpenFile", parent, title, options})
}

// SaveFile is a method of the portal.
func (s *server) SaveFile(sender dbus.Sender, parent, title string, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	return s.take(sender, question{"SaveFile", parent, title, options})
}

// closer is the request that waits.
type closer struct{ closed chan struct{} }

// Close is a method of the portal's requests.
func (c closer) Close() *dbus.Error {
	close(c.closed)
	return nil
}

// version answers for the property of that name.
type version uint32

// Get is the method for it.
func (v version) Get(_, _ string) (dbus.Variant, *dbus.Error) {
	return dbus.MakeVariant(uint32(v)), nil
}

func newPortal(t *testing.T, v version, answer func(*server, dbus.ObjectPath)) *server {
	t.Helper()
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Close() }) // the bus ends anyway
	s := &server{bus: bus, asked: make(chan question, 1), closed: make(chan struct{}), answer: answer}
	if err := errors.Join(bus.Export(s, portalPath, chooser), bus.Export(v, portalPath, "org.freedesktop.DBus.Properties")); err != nil {
		t.Fatal(err)
	}
	if _, err := bus.RequestName(portalName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return s
}

func says(code uint32, uris ...string) func(*server, dbus.ObjectPath) {
	return func(s *server, handle dbus.ObjectPath) {
		_ = s.bus.Emit(handle, request+".Response", code, map[string]dbus.Variant{"uris": dbus.MakeVariant(uris)}) // a test that hears nothing fails
	}
}

func TestThePortalIsAskedAsItWantsToBe(t *testing.T) {
	session(t)
	s := newPortal(t, 4, says(0, "file:///home/a/%E6%A2%81%20%23%25.step", "file:///b"))
	for _, row := range []struct {
		ask     Question
		method  string
		parent  string
		options map[string]any
	}{
		{Question{Title: "上传", Parent: 0x1a2b}, "OpenFile", "x11:1a2b", map[string]any{"multiple": true}},
		{Question{Kind: Folder, Title: "Folder"}, "OpenFile", "", map[string]any{"directory": true}},
		{Question{Kind: Save, Title: "Save", Name: "梁.zip"}, "SaveFile", "", map[string]any{"current_name": "梁.zip"}},
	} {
		paths, err := Ask(t.Context(), row.ask)
		if err != nil || !slices.Equal(paths, []string{"/home/a/梁 #%.step", "/b"}) {
			t.Errorf("%+v: %q, %v", row.ask, paths, err)
		}
		q := <-s.asked
		if q.method != row.method || q.parent != row.parent || q.title != row.ask.Title {
			t.Errorf("asked %+v, want %+v", q, row)
		}
		delete(q.options, "handle_token")
		delete(q.options, "modal")
		for name, want := range row.options {
			if got := q.options[name].Value(); got != want || len(q.options) != len(row.options) {
				t.Errorf("%s: %v, want %v of %v", name, got, want, q.options)
			}
		}
	}
}

func TestCancellingIsAnAnswer(t *testing.T) {
	closes := func(s *server, handle dbus.ObjectPath) { // Escape, after somebody has seen it
		time.AfterFunc(unseen+unseen/2, func() { says(2)(s, handle) })
	}
	for name, answer := range map[string]func(*server, dbus.ObjectPath){"cancel": says(1), "escape": closes} {
		t.Run(name, func(t *testing.T) {
			programs := session(t)
			answerAs(t, programs, "printf /wrong")
			newPortal(t, 4, answer)
			if paths, err := Ask(t.Context(), Question{}); err != nil || paths != nil {
				t.Errorf("%q, %v", paths, err)
			}
		})
	}
}

func TestWithoutAPortalAProgramAsks(t *testing.T) {
	for _, row := range []struct {
		name, script string
		portal       func(*testing.T)
		ask          Question
		want         []string
		fails        bool
	}{
		{"several files", `printf '/a b\036/梁\n'`, nil, Question{Parent: 7, Title: "上传"}, []string{"/a b", "/梁"}, false},
		{"a folder", `case "$*" in *--directory*) printf '/f\n';; esac`, nil, Question{Kind: Folder}, []string{"/f"}, false},
		{"a name", `case "$*" in *"--filename x.zip --confirm-overwrite"*) printf '/s/x.zip\n';; esac`, nil, Question{Kind: Save, Name: "x.zip"}, []string{"/s/x.zip"}, false},
		{"cancelled", `exit 1`, nil, Question{}, nil, false},
		{"it fails", `exit 255`, nil, Question{}, nil, true},
		{"no path", `printf 'x\n'`, nil, Question{}, nil, true},
		{"a portal without a chooser", `printf '/p\n'`, func(t *testing.T) { newPortal(t, 4, says(2)) }, Question{}, []string{"/p"}, false},
		{"a portal that gives no file", `printf '/p\n'`, func(t *testing.T) { newPortal(t, 4, says(0, "sftp://host/x")) }, Question{}, []string{"/p"}, false},
		{"a portal too old for folders", `printf '/p\n'`, func(t *testing.T) { newPortal(t, 2, nil) }, Question{Kind: Folder}, []string{"/p"}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			answerAs(t, session(t), row.script)
			if row.portal != nil {
				row.portal(t)
			}
			paths, err := Ask(t.Context(), row.ask)
			if !slices.Equal(paths, row.want) || errors.Is(err, ErrNone) != row.fails {
				t.Errorf("%q, %v", paths, err)
			}
		})
	}
}

func TestNothingThatAsks(t *testing.T) {
	session(t)
	if _, err := Ask(t.Context(), Question{}); !errors.Is(err, ErrNone) {
		t.Errorf("on a bus without a portal: %v", err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if _, err := Ask(t.Context(), Question{}); !errors.Is(err, ErrNone) {
		t.Errorf("without a bus: %v", err)
	}
}

func TestAChooserIsClosedWhenNobodyWaits(t *testing.T) {
	session(t)
	s := newPortal(t, 4, nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-s.asked
		cancel()
	}()
	if _, err := Ask(ctx, Question{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-s.closed
}

func TestAPortalThatGoesAwayIsNotWaitedFor(t *testing.T) {
	session(t)
	newPortal(t, 4, func(s *server, _ dbus.ObjectPath) {
		_, _ = s.bus.ReleaseName(portalName) // a test that hears nothing of it hangs
	})
	if _, err := Ask(t.Context(), Question{}); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
}

// answerAs puts a program into a folder that answers as a script says.
func answerAs(t *testing.T, programs, script string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(programs, "zenity"), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}
