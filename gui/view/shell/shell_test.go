package shell_test

import (
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/shell"
)

func words(t *testing.T, lang api.Language) *i18n.Words {
	t.Helper()
	w, err := i18n.New(lang, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func known(change func(*desk.Snapshot)) desk.Snapshot {
	s := desk.Snapshot{Link: desk.Connected, State: api.State{
		Service: api.ServiceInfo{Version: "1"},
		Account: api.Account{State: api.AccountSignedIn, Online: true},
	}}
	change(&s)
	return s
}

func TestBanner(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	link := func(l desk.Link, since time.Duration, code api.Code) func(*desk.Snapshot) {
		return func(s *desk.Snapshot) {
			s.Link, s.Since = l, now.Add(-since)
			if code != "" {
				s.Reason = api.Fail(code, "reason", "uid:7")
			}
		}
	}
	account := func(a api.AccountState, online bool) func(*desk.Snapshot) {
		return func(s *desk.Snapshot) { s.State.Account.State, s.State.Account.Online = a, online }
	}
	for _, row := range []struct {
		name   string
		change func(*desk.Snapshot)
		tone   view.Tone
		en, zh string
		action string
	}{
		{"all is well", func(*desk.Snapshot) {}, view.Quiet, "", "", ""},
		{"just started", link(desk.Connecting, time.Second, ""), view.Quiet, "Connecting to the iscdesk service…", "正在连接 iscdesk 服务……", ""},
		{
			"no service", link(desk.Connecting, time.Minute, api.ServiceUnavailable), view.Attention,
			"The iscdesk service does not answer. This window waits for it and goes on by itself.", "iscdesk 服务没有应答。本窗口会等待服务,并自动继续。", "",
		},
		{
			"it restarts", link(desk.Lost, time.Second, api.ServiceUnavailable), view.Busy,
			"The iscdesk service is restarting. You see what was known last; what you click is done as soon as it is back.",
			"iscdesk 服务正在重启。当前显示的是最近一次的内容;您的操作将在服务恢复后自动完成。", "",
		},
		{
			"an impostor", link(desk.Lost, time.Second, api.ServiceImpostor), view.Trouble,
			"The iscdesk service cannot be used: The program behind the socket is not the iscdesk service (uid:7). Nothing was sent to it. Tell your administrator.",
			"无法使用 iscdesk 服务:套接字另一端的程序不是 iscdesk 服务(uid:7)。未向其发送任何内容。请联系管理员。", "",
		},
		{
			"signed out", account(api.AccountSignedOut, true), view.Attention,
			"Nobody is signed in. Documents and licences wait until you sign in.", "尚未登录。登录后才能使用文档和许可证。", "signin",
		},
		{
			"expired", account(api.AccountExpired, true), view.Attention,
			"Your sign-in has expired. What waits is sent when you have signed in again.", "登录已过期。重新登录后会发送等待中的内容。", "signin",
		},
		{"signing in", account(api.AccountSigningIn, true), view.Busy, "Signing in. Go on in your browser.", "正在登录,请在浏览器中继续。", ""},
		{
			"offline", account(api.AccountSignedIn, false), view.Quiet,
			"The marketplace cannot be reached. You can go on working; what you save is safe on this machine and is sent later.",
			"无法连接云商店。您可以继续工作;保存的内容安全地存放在本机,稍后会自动发送。", "",
		},
	} {
		for _, lang := range []api.Language{api.English, api.Chinese} {
			t.Run(row.name+" "+string(lang), func(t *testing.T) {
				want := row.en
				if lang == api.Chinese {
					want = row.zh
				}
				b := shell.Of(known(row.change), words(t, lang), now, shell.Offer{SignIn: func() {}, Go: func(view.Place) {}}).Banner
				action := ""
				if b.Action != nil {
					action = b.Action.Name
				}
				if b.Text != want || b.Tone != row.tone || action != row.action {
					t.Errorf("got %v %q %q", b.Tone, b.Text, action)
				}
			})
		}
	}
}

// Home says by itself that nobody is signed in, with the same button.
func TestHomeIsNotToldTwiceToSignIn(t *testing.T) {
	for _, state := range []api.AccountState{api.AccountSignedOut, api.AccountExpired, api.AccountSigningIn} {
		s := known(func(s *desk.Snapshot) { s.State.Account.State = state })
		for room, told := range map[view.Room]bool{view.Home: false, view.Documents: true} {
			b := shell.Of(s, words(t, api.English), time.Now(), shell.Offer{SignIn: func() {}, Shown: room}).Banner
			if (b.Text != "") != told {
				t.Errorf("%s, %s: %+v", state, room, b)
			}
		}
	}
}

func TestAPolicyThatIsNotInForceLeadsToTheSettings(t *testing.T) {
	var went view.Place
	s := known(func(s *desk.Snapshot) {
		s.State.Health = []api.Warning{{Reason: api.Fail(api.PolicyRefused, "where", "policy.toml", "reason", "x")}}
	})
	b := shell.Of(s, words(t, api.English), time.Now(), shell.Offer{Go: func(p view.Place) { went = p }}).Banner
	if b.Action == nil || !strings.Contains(b.Text, "policy.toml") {
		t.Fatalf("got %+v", b)
	}
	b.Action.Do()
	if went != (view.Place{Room: view.Settings, Part: "administrator"}) {
		t.Errorf("went to %+v", went)
	}
}

func TestNumbersInTheNavigation(t *testing.T) {
	s := known(func(s *desk.Snapshot) {
		s.State.Conflicts = []api.Conflict{{ID: "1"}}
		s.State.Transfers = []api.Transfer{{State: "failed"}, {State: "uploading"}}
		s.State.Licenses = []api.License{{Status: "frozen"}, {Status: "active"}}
		s.State.Apps = []api.App{{Offered: "2"}, {State: "broken"}, {State: "installed"}}
		s.State.Messages = []api.Message{{ID: "1"}, {ID: "2", Read: true}}
	})
	v := shell.Of(s, words(t, api.Chinese), time.Now(), shell.Offer{})
	want := map[view.Room]int{view.Documents: 2, view.Licenses: 1, view.Applications: 2, view.Messages: 1} // the rest wants nobody
	labels := map[view.Room]string{view.Home: "首页", view.Documents: "文档", view.Licenses: "许可证", view.About: "关于"}
	for _, e := range v.Entries {
		if e.Badge != want[e.Room] {
			t.Errorf("%s: %d things want the user, want %d", e.Room, e.Badge, want[e.Room])
		}
		if label, known := labels[e.Room]; known && e.Label != label || e.Label == "" || strings.HasPrefix(e.Label, "shell.") {
			t.Errorf("%s is called %q", e.Room, e.Label)
		}
		delete(want, e.Room)
		delete(labels, e.Room)
	}
	if len(want)+len(labels) > 0 {
		t.Errorf("not offered: %v %v", want, labels)
	}
}
