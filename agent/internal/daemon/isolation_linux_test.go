package daemon

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/internal/actor"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/session"
)

// occupy makes this process alice: signed in, with a document that waits to be
// published, a session, a licence request and an event.
func occupy(t *testing.T, d *daemon, key string) {
	t.Helper()
	c := client.New(d.cfg.Socket)
	t.Cleanup(c.Close)
	signIn(t, c)
	if err := saveSecret(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	app, _, err := session.Dial(t.Context(), d.cfg.Socket, api.Hello{
		Protocol: api.ProtocolVersion, Role: api.RoleSession, Session: sessionID, Product: "cad", Version: "1",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.Close() })
	if err := app.Call(t.Context(), api.CallLicenseRequest, api.LicenseRequest{Kind: api.LicenseString}, nil); err != nil {
		t.Fatal(err)
	}
	user, err := d.users.start(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	user.Events.Publish(t.Context(), api.Event{Name: "for alice's session", Session: sessionID})
	user.Events.Publish(t.Context(), api.Event{Name: "for alice's product", Product: "cad"})
}

// seesNothing fails if anything of alice's shows.
func seesNothing(t *testing.T, s seen) {
	t.Helper()
	for _, secret := range []string{"alice", "secret", "engineer\"", "Li Hua", sessionID + "\",\"product"} {
		for line := range strings.Lines(s.Text) {
			if strings.Contains(line, secret) {
				t.Errorf("%s sees %q in %.300s", s.User, secret, line)
			}
		}
	}
	if len(s.Events) > 0 {
		t.Errorf("%s gets alice's events: %q", s.User, s.Events)
	}
	for what, allowed := range map[string][]api.Code{
		"retry": {api.NotFound}, "lookup": {api.NotFound}, "fetch": {api.SignedOut, api.NotFound},
		"list": {api.SignedOut, api.NotFound}, "release": {api.LeaseNotHeld},
	} {
		if !slices.Contains(allowed, s.Errors[what]) {
			t.Errorf("%s asks %s and gets %q", s.User, what, s.Errors[what])
		}
	}
}

// seesAll fails if alice does not see what is hers: the test would then prove
// nothing.
func seesAll(t *testing.T, s seen) {
	t.Helper()
	for _, own := range []string{secretName, "Li Hua", "op-of-alice", sessionID} {
		if !strings.Contains(s.Text, own) {
			t.Errorf("alice does not see %q in %s", own, s.Text)
		}
	}
	for _, event := range []string{"for alice's session", "for alice's product"} {
		if !slices.Contains(s.Events, event) {
			t.Errorf("alice does not get %q but %q", event, s.Events)
		}
	}
	if s.Errors["retry"] != "" {
		t.Errorf("retry: %s", s.Errors["retry"])
	}
}

// The kernel says who the second user is. Without root there is none: then the
// second process must be taken for the same user, by the same kernel's word.
func TestAnotherUserSeesNothing(t *testing.T) {
	d := start(t, config(t, false), nil)
	occupy(t, d, ipc.CurrentUser())
	s, other := lookAsOther(t, d.cfg.Socket)
	if !other {
		seesAll(t, s)
		return
	}
	if s.User != fmt.Sprint("uid:", otherUID) {
		t.Fatalf("the other user is %s", s.User)
	}
	seesNothing(t, s)
	folder := filepath.Join(d.cfg.State, "users", fmt.Sprint(otherUID))
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the other's own folder: %v, %v", info, err)
	}
	mine, err := lookAround(t.Context(), d.cfg.Socket)
	if err != nil {
		t.Fatal(err)
	}
	seesAll(t, mine)
}

// The same with the double in the place of the kernel, so that it is shown
// without root too.
func TestAnotherActorSeesNothing(t *testing.T) {
	var now atomic.Value
	now.Store("uid:1001")
	d := start(t, config(t, false), func(net.Conn) (actor.Actor, error) {
		user, _ := now.Load().(string)
		return actor.FromPeer(ipc.Peer{User: user, PID: os.Getpid()}), nil
	})
	occupy(t, d, "uid:1001")
	mine, err := lookAround(t.Context(), d.cfg.Socket)
	if err != nil {
		t.Fatal(err)
	}
	seesAll(t, mine)
	now.Store("uid:1002")
	s, err := lookAround(t.Context(), d.cfg.Socket)
	if err != nil {
		t.Fatal(err)
	}
	s.User = "uid:1002"
	seesNothing(t, s)
}

// A user's own service is for nobody else, not even where its socket can be
// reached.
func TestAUsersOwnServiceRefusesOthers(t *testing.T) {
	d := start(t, config(t, true), nil)
	for _, path := range []string{filepath.Dir(d.cfg.Socket), d.cfg.Socket} {
		if err := os.Chmod(path, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	s, other := lookAsOther(t, d.cfg.Socket)
	if want := map[bool]api.Code{true: api.PermissionDenied, false: ""}[other]; s.Errors["all"] != want {
		t.Errorf("other=%v: %q", other, s.Errors["all"])
	}
	double := start(t, config(t, true), func(net.Conn) (actor.Actor, error) {
		return actor.FromPeer(ipc.Peer{User: "uid:54321", PID: 1}), nil
	})
	_, err := lookAround(t.Context(), double.cfg.Socket)
	if api.AsError(err).Code != api.PermissionDenied {
		t.Errorf("the double: %v", err)
	}
	text, _ := json.Marshal(double.users.all)
	if len(double.users.all) > 0 {
		t.Errorf("engines were built for a stranger: %s", text)
	}
}
