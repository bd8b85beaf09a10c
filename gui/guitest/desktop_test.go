package guitest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/api"
)

// TestOneInstance starts the program again: the window that runs comes to the
// front, with the room that was asked for, and the second program ends well.
func TestOneInstance(t *testing.T) {
	s := start(t, wants{})
	s.await(mainWindow, "Welcome to iscdesk")
	_, err := s.desktop.Start(s.Context(), "xmessage", "-geometry", "1200x800+0+0", "in front of it")
	s.Check(err)
	s.Check(s.desktop.AwaitActive(s.Context(), "xmessage"))
	again := s.command("--show", "licenses")
	again.Env = append(again.Env, s.desktop.Session()...)
	out, err := again.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s.await(mainWindow, "Sign in to see and use your licences.")
	s.Check(s.desktop.AwaitActive(s.Context(), mainWindow))
}

// TestAtLogin starts the program as the session does: it ends at once where the
// user does not want it, and otherwise stays without a window.
func TestAtLogin(t *testing.T) {
	s := prepare(t, wants{})
	s.Run(agenttest.Engineer, "settings", "set", "start_at_login", "off")
	at := s.command("--autostart")
	at.Env = append(at.Env, s.desktop.Session()...)
	ctx, cancel := context.WithTimeout(s.Context(), 10*time.Second)
	defer cancel()
	context.AfterFunc(ctx, func() { _ = at.Process.Kill() })
	if out, err := at.CombinedOutput(); err != nil {
		t.Errorf("it did not end by itself: %v\n%s", err, out)
	}
	s.Run(agenttest.Engineer, "settings", "set", "start_at_login", "on")
	s.open("--autostart")
	if seen := s.seen(); strings.Contains(seen, "Home") {
		t.Errorf("it shows itself at login:\n%s", seen)
	}
}

// TestTheTrayIcon lives in the tray of a real panel: the icon is there, its
// menu pauses and resumes what is sent and shows the window again after it was
// closed, and Quit ends the program while the service goes on.
func TestTheTrayIcon(t *testing.T) {
	s := start(t, wants{panel: true})
	s.SignIn(agenttest.Engineer)
	s.await(mainWindow, "Everything is published.")
	icon, err := s.desktop.AwaitTrayItem(s.Context(), s.tray.PID())
	s.Check(err)
	s.Check(icon.AwaitEntry(s.Context(), "Everything is in order"))
	s.Check(icon.Choose(s.Context(), "Pause uploads"))
	s.Check(icon.AwaitEntry(s.Context(), "Resume uploads"))
	s.Check(s.engineer.Await(s.Context(), "a pause", func(m api.WatchMessage) bool { return m.State != nil && m.State.Uploads.Paused }))
	s.Check(icon.Choose(s.Context(), "Resume uploads"))
	s.Check(icon.AwaitEntry(s.Context(), "Pause uploads"))

	s.Check(s.desktop.CloseWindow(s.Context(), mainWindow))
	s.Check(s.tray.AwaitNoWindow(s.Context(), mainWindow))
	s.Check(icon.Choose(s.Context(), "Open iscdesk"))
	s.await(mainWindow, "Everything is published.")

	s.Check(icon.Choose(s.Context(), "Quit (the service goes on)"))
	s.Check(s.tray.AwaitEnd(s.Context()))
	if _, err := s.engineer.CLI(s.Context(), "status"); err != nil {
		t.Error(err)
	}
}
