package tray_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/tray"
)

func words(t *testing.T, lang api.Language) *i18n.Words {
	t.Helper()
	w, err := i18n.New(lang, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func known(change func(*api.State)) desk.Snapshot {
	s := desk.Snapshot{Link: desk.Connected, State: api.State{
		Service: api.ServiceInfo{Version: "1"},
		Account: api.Account{State: api.AccountSignedIn, Online: true, Name: "李华"},
	}}
	change(&s.State)
	return s
}

func TestTheIcon(t *testing.T) {
	sending := api.Transfer{Operation: "o", Path: "/a/梁.inp", State: "uploading", Sent: 50, Total: 100}
	for _, row := range []struct {
		name   string
		change func(*api.State)
		state  tray.State
		step   int
		en, zh string
	}{
		{"fine", func(*api.State) {}, tray.Fine, 0, "Everything is in order", "一切正常"},
		{"signed out", func(s *api.State) { s.Account.State = api.AccountSignedOut }, tray.SignedOut, 0, "Nobody is signed in", "尚未登录"},
		{"expired", func(s *api.State) { s.Account.State = api.AccountExpired }, tray.SignedOut, 0, "Nobody is signed in", "尚未登录"},
		{"offline", func(s *api.State) { s.Account.Online = false }, tray.Offline, 0, "The marketplace cannot be reached", "无法连接云商店"},
		{"sending", func(s *api.State) { s.Transfers = []api.Transfer{sending} }, tray.Working, 4, "Sending and fetching", "正在传输"},
		{"sending nothing yet", func(s *api.State) { s.Transfers = []api.Transfer{{State: "uploading"}} }, tray.Working, 0, "Sending and fetching", "正在传输"},
		{
			"sending and waiting", func(s *api.State) { s.Transfers = []api.Transfer{sending, {State: "waiting", Total: 300}} },
			tray.Working, 1, "Sending and fetching", "正在传输",
		},
		{"fetching", func(s *api.State) { s.Apps = []api.App{{State: "downloading", Done: 9, Total: 9}} }, tray.Working, tray.Steps, "Sending and fetching", "正在传输"},
		{
			"paused", func(s *api.State) { s.Transfers, s.Uploads.Paused = []api.Transfer{sending}, true },
			tray.Fine, 0, "Uploads are paused", "上传已暂停",
		},
		{"a pick", func(s *api.State) { s.Picks = []api.Pick{{ID: "1"}} }, tray.Attention, 0, "An application asks for a document", "有应用请求选择文档"},
		{"a conflict", func(s *api.State) { s.Conflicts = []api.Conflict{{ID: "1"}} }, tray.Attention, 0, "A conflict waits for your choice", "有冲突等待您选择"},
		{"a failed save", func(s *api.State) { s.Transfers = []api.Transfer{{State: "failed"}} }, tray.Attention, 0, "A document could not be published", "有文档未能发布"},
		{"a frozen licence", func(s *api.State) { s.Licenses = []api.License{{Status: "frozen"}} }, tray.Attention, 0, "A licence needs you", "有许可证需要您处理"},
		{"an upgrade", func(s *api.State) { s.Apps = []api.App{{Offered: "2"}} }, tray.Attention, 0, "An application needs you", "有应用需要您处理"},
		{
			"a warning", func(s *api.State) { s.Health = []api.Warning{{Reason: api.Fail(api.DiskLow)}} },
			tray.Attention, 0, "The iscdesk service needs you", "iscdesk 服务需要您处理",
		},
		{"a warning that the icon shows anyway", func(s *api.State) { s.Health = []api.Warning{{Reason: api.Fail(api.Offline)}} }, tray.Fine, 0, "Everything is in order", "一切正常"},
		{
			"two things", func(s *api.State) { s.Conflicts, s.Picks = []api.Conflict{{}}, []api.Pick{{}} },
			tray.Attention, 0, "2 things need you", "2 项内容需要您处理",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			for lang, want := range map[api.Language]string{api.English: row.en, api.Chinese: row.zh} {
				v := tray.Of(known(row.change), words(t, lang), tray.Hands{})
				if v.State != row.state || v.Step != row.step || v.Title != want {
					t.Errorf("got %s %d %q", v.State, v.Step, v.Title)
				}
			}
		})
	}
	lost := known(func(*api.State) {})
	lost.Link = desk.Lost
	if v := tray.Of(lost, words(t, api.English), tray.Hands{}); v.State != tray.Away {
		t.Errorf("a service that is away: %s", v.State)
	}
}

// lines are the labels of a menu; what belongs to an entry stands behind it.
func lines(items []tray.Item) (out []string) {
	for _, i := range items {
		line := i.Label
		if len(i.Items) > 0 {
			line += " [" + strings.Join(lines(i.Items), " | ") + "]"
		}
		out = append(out, line)
	}
	return out
}

func TestTheMenu(t *testing.T) {
	full := known(func(s *api.State) {
		s.Recent = []api.Recent{{Path: "/a/梁.inp", Name: "梁.inp"}, {Path: "/a/b.step", Name: "b.step"}}
		s.Transfers = []api.Transfer{
			{Operation: "1", Path: "/a/梁.inp", State: "uploading", Sent: 1, Total: 4},
			{Operation: "2", Path: "/a/b.step", State: "waiting"},
			{Operation: "3", Path: "/a/c.step", State: "failed"},
		}
		s.Licenses = []api.License{
			{Product: "cad", ProductName: "MiniCAD", ExpireTime: 86400, Leases: []api.LeaseInfo{{ID: "1"}}},
			{Product: "cae", Leases: []api.LeaseInfo{{ID: "2"}}},
			{Product: "idle"},
		}
	})
	empty := known(func(s *api.State) { s.Account = api.Account{State: api.AccountSignedOut} })
	for _, row := range []struct {
		name     string
		snapshot desk.Snapshot
		lang     api.Language
		want     []string
	}{
		{"English", full, api.English, []string{
			"A document could not be published", "Open iscdesk", "", "Recent documents [梁.inp | b.step]",
			"3 documents to be published [梁.inp: 25 % | b.step: waiting | c.step: could not be published |  | Pause uploads]",
			"Licences in use [MiniCAD, until 1970-01-02 | cae]", "", "Sign out 李华", "", "Quit (the service goes on sending)",
		}},
		{"Chinese", full, api.Chinese, []string{
			"有文档未能发布", "打开 iscdesk", "", "最近的文档 [梁.inp | b.step]",
			"等待发布:3 [梁.inp:25 % | b.step:等待中 | c.step:未能发布 |  | 暂停上传]",
			"使用中的许可证 [MiniCAD,有效期至 1970-01-02 | cae]", "", "退出登录 李华", "", "退出(服务继续发送)",
		}},
		{"nobody, English", empty, api.English, []string{
			"Nobody is signed in", "Open iscdesk", "", "Recent documents [Nothing opened or saved here yet]", "Everything is published [Pause uploads]",
			"Licences in use [No licence is in use]", "", "Sign in", "", "Quit (the service goes on)",
		}},
		{"nothing known, Chinese", desk.Snapshot{Link: desk.Connecting}, api.Chinese, []string{
			"iscdesk 服务没有应答", "打开 iscdesk", "", "最近的文档 [尚未在本机打开或保存过文档]", "全部已发布 [暂停上传]",
			"使用中的许可证 [没有使用中的许可证]", "", "正在等待 iscdesk 服务", "", "退出(服务继续运行)",
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := lines(tray.Of(row.snapshot, words(t, row.lang), tray.Hands{}).Items); !slices.Equal(got, row.want) {
				t.Errorf("got\n%q\nwant\n%q", got, row.want)
			}
		})
	}
}

func find(items []tray.Item, name string) *tray.Item {
	for _, i := range items {
		if i.Name == name {
			return &i
		}
		if found := find(i.Items, name); found != nil {
			return found
		}
	}
	return nil
}

func TestWhatTheMenuDoes(t *testing.T) {
	var did []string
	hands := tray.Hands{
		Open: func() { did = append(did, "open") }, SignIn: func() { did = append(did, "sign in") }, SignOut: func() { did = append(did, "sign out") },
		Quit:  func() { did = append(did, "quit") },
		Pause: func(p bool) { did = append(did, map[bool]string{true: "pause", false: "resume"}[p]) },
		Go:    func(p view.Place) { did = append(did, string(p.Room)+" "+p.Part+" "+p.Item) },
	}
	s := known(func(s *api.State) {
		s.Recent = []api.Recent{{Path: "/a/b", Name: "b"}}
		s.Transfers = []api.Transfer{{Operation: "7", Path: "/a/c", State: "waiting"}}
		s.Licenses = []api.License{{Product: "cad", Leases: []api.LeaseInfo{{}}}}
	})
	click := func(s desk.Snapshot, names ...string) {
		v := tray.Of(s, words(t, api.English), hands)
		for _, name := range names {
			i := find(v.Items, name)
			if i == nil || i.Do == nil {
				t.Fatalf("%s cannot be clicked", name)
			}
			i.Do()
		}
	}
	click(s, "open", "recent:/a/b", "upload:7", "license:cad", "pause", "signout", "quit")
	s.State.Uploads.Paused, s.State.Account.State = true, api.AccountSignedOut
	click(s, "resume", "signin")
	want := []string{"open", "documents  /a/b", "documents pending 7", "licenses  cad", "pause", "sign out", "quit", "resume", "sign in"}
	if !slices.Equal(did, want) {
		t.Errorf("did %q, want %q", did, want)
	}
}
