package home_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/home"
	"iscdesk.dev/gui/view/licenses"
	"iscdesk.dev/gui/view/mend"
	"iscdesk.dev/gui/view/viewtest"
)

func at(days int) int64 { return viewtest.Now().Add(time.Duration(days) * 24 * time.Hour).Unix() }

func account(state api.AccountState, online bool) api.Account {
	return api.Account{
		State: state, Online: online, Marketplace: "https://market.example",
		UserID: "u1", UserName: "li.wei", Name: "李伟", Tenant: "t1", TenantName: "示例研究院",
	}
}

func minicad() api.Session {
	return api.Session{ID: "s1", Product: "minicad", Version: "1.2.0", PID: 4242}
}

func license() api.License {
	return api.License{
		Product: "minicad", ProductName: "MiniCAD", Instance: "i1", Status: "active", ExpireTime: at(335),
		Leases: []api.LeaseInfo{{ID: "l1", Session: "s1", State: "active", Expires: at(1), Grace: at(8)}},
	}
}

func uploading() api.Transfer {
	return api.Transfer{Operation: "op-1", Path: "/team/gear.step", State: "uploading", Sent: 1_500_000, Total: 6_000_000}
}

// states are what the first page is tested with.
func states() map[string]desk.Snapshot {
	signedIn := account(api.AccountSignedIn, true)
	failed := func(op string, reason *api.Error) api.Transfer {
		return api.Transfer{Operation: op, Path: "/team/" + op + ".step", State: "failed", Total: 9, Reason: reason}
	}
	waiting := api.Transfer{Operation: "op-2", Path: "/team/arm.step", State: "waiting", Total: 2_000_000, RetryAt: at(0) + 300, Reason: api.Fail(api.Offline)}
	conflict := api.Conflict{ID: "c1", Path: "/team/gear.step", Theirs: 4, TheirAuthor: "王芳", Copy: "/team/gear (李伟).step", Mine: 1}
	many := api.State{Account: signedIn}
	for _, n := range []string{"a", "b", "c", "d"} {
		many.Transfers = append(many.Transfers, failed(n, api.Fail(api.NotFound, "what", "/team")))
		many.Conflicts = append(many.Conflicts, api.Conflict{ID: n, Path: "/team/" + n + ".step", Copy: "/team/" + n + " (2).step"})
	}
	trouble := api.State{
		Account: signedIn, Sessions: []api.Session{minicad()},
		Picks: []api.Pick{
			{ID: "p1", Kind: api.PickOpen, Product: "minicad", Session: "s1"},
			{ID: "p2", Kind: api.PickSaveAs, Product: "minicad", Session: "s1", SuggestedName: "gear.step"},
		},
		Transfers: []api.Transfer{failed("op-3", api.Fail(api.PermissionDenied)), failed("op-4", api.Fail(api.MarketplaceFailed, "status", "500")), failed("op-5", nil)},
		Conflicts: []api.Conflict{conflict},
		Licenses: []api.License{
			{Product: "minicad", ProductName: "MiniCAD", Instance: "i1", Status: "frozen", Requests: []api.LicenseRecord{{LicenseAnswer: api.LicenseAnswer{State: api.LicenseRefused}}}},
			{Product: "othercad", ProductName: "OtherCAD", Requests: []api.LicenseRecord{{LicenseAnswer: api.LicenseAnswer{
				State: api.LicenseRefused, EventID: "E-1", Reason: api.Fail(api.LicenseVendorRefused, "vendorCode", "7", "vendorMessage", "no", "event", "E-1"),
			}}}},
			{Product: "cam", ProductName: "CAM", Status: "active", Requests: []api.LicenseRecord{{
				LicenseAnswer: api.LicenseAnswer{State: api.LicenseGranted}, Verdict: "rejected", VerdictMessage: "wrong checksum",
			}}},
			{Product: "fea", ProductName: "FEA", Requests: []api.LicenseRecord{{LicenseAnswer: api.LicenseAnswer{State: api.LicenseRefused}}}},
		},
		Apps: []api.App{
			{Product: "minicad", Name: "MiniCAD", Installed: "1.2.0", Latest: "2.0.0", State: "offered", Offered: "2.0.0"},
			{Product: "cam", Name: "CAM", Installed: "1.0", Latest: "1.1", State: "waiting_for_exit", Forced: true},
			{Product: "fea", Name: "FEA", State: "broken", Latest: "3", Reason: api.Fail(api.InstallFailed, "product", "fea", "status", "1", "log", "/x")},
		},
		Health: []api.Warning{
			{Code: string(api.LicenseFrozen), Reason: api.Fail(api.LicenseFrozen, "product", "MiniCAD")},
			{Code: string(api.TransfersFailed), Reason: api.Fail(api.TransfersFailed, "count", "3")},
			{Code: string(api.InstallFailed), Reason: api.Fail(api.InstallFailed, "product", "fea", "status", "1", "log", "/x")},
			{Code: string(api.DiskLow)},
		},
	}
	connected := func(s api.State) desk.Snapshot {
		s.Service.Version = "1.0.0"
		return desk.Snapshot{Link: desk.Connected, Since: viewtest.Now(), State: s}
	}
	fine := api.State{Account: signedIn, Sessions: []api.Session{minicad()}, Licenses: []api.License{license()}, Messages: []api.Message{
		{ID: "m1", Kind: api.MessagePublished, Level: api.MessageInfo, Time: viewtest.Now().UnixMilli(), Path: "/team/gear.step", Params: map[string]string{"path": "/team/gear.step", "version": "3"}},
	}}
	lost := connected(fine)
	lost.Link, lost.Reason = desk.Lost, api.Fail(api.ServiceUnavailable)
	return map[string]desk.Snapshot{
		"connecting":     {Link: desk.Connecting},
		"away":           {Link: desk.Connecting, Reason: api.Fail(api.ServiceUnavailable)},
		"starting":       {Link: desk.Connecting, Since: viewtest.Now(), Reason: api.Fail(api.ServiceUnavailable)},
		"first":          connected(api.State{Account: api.Account{State: api.AccountSignedOut, Marketplace: "https://market.example"}}),
		"not-configured": connected(api.State{Account: api.Account{State: api.AccountSignedOut}}),
		"signing-in":     connected(api.State{Account: api.Account{State: api.AccountSigningIn, Marketplace: "https://market.example"}}),
		"signed-out":     connected(api.State{Account: api.Account{State: api.AccountSignedOut, Marketplace: "https://market.example"}, Transfers: []api.Transfer{waiting}}),
		"expired":        connected(api.State{Account: account(api.AccountExpired, true), Licenses: []api.License{license()}}),
		"fine":           connected(fine),
		"lost":           lost,
		"idle":           connected(api.State{Account: signedIn, Licenses: []api.License{{Product: "a", Status: "active"}, {Product: "b", Status: "active"}}}),
		"sending":        connected(api.State{Account: signedIn, Transfers: []api.Transfer{uploading(), waiting}}),
		"paused":         connected(api.State{Account: signedIn, Transfers: []api.Transfer{waiting}, Uploads: api.Uploads{Paused: true}}),
		"paused-empty":   connected(api.State{Account: signedIn, Uploads: api.Uploads{Paused: true}}),
		"offline": connected(api.State{
			Account: account(api.AccountSignedIn, false), Transfers: []api.Transfer{waiting},
			Health: []api.Warning{{Code: string(api.Offline), Reason: api.Fail(api.Offline)}},
		}),
		"trouble": connected(trouble),
		"many":    connected(many),
	}
}

func TestWording(t *testing.T) {
	for name, snapshot := range states() {
		for _, lang := range []api.Language{api.English, api.Chinese} {
			stage := viewtest.New(t, lang)
			room := home.New(stage.Env, stage.Hand())
			stage.Desk.Show(desk.Change{Snapshot: snapshot, Sections: desk.Sections()})
			text := viewtest.Dump(room.View())
			if regexp.MustCompile(`\b(home|mend|licenses|signin)\.[a-z_]+`).MatchString(text) {
				t.Errorf("%s in %s shows the key of a text", name, lang)
			}
			viewtest.Golden(t, name+"."+string(lang), text)
		}
	}
}

// warningCodes reads from the service's own rules which warnings there are, so
// that a new one fails here until somebody has looked at it.
func warningCodes(t *testing.T) (codes []api.Code) {
	t.Helper()
	rules, err := os.ReadFile("../../../agent/internal/health/evaluate.go")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("../../../agent/api/errortable.go")
	if err != nil {
		t.Fatal(err)
	}
	spelt := map[string]api.Code{}
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+)\s+Code = "(\w+)"`).FindAllStringSubmatch(string(table), -1) {
		spelt[m[1]] = api.Code(m[2])
	}
	for _, m := range regexp.MustCompile(`api\.Fail\(api\.(\w+)`).FindAllStringSubmatch(string(rules), -1) {
		if code := spelt[m[1]]; code != "" && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	// What is wrong with the administrator's settings, and with what they name,
	// comes with codes of its own.
	codes = append(codes, api.PolicyValue, api.PolicyUnknown, api.PolicyRefused, api.PolicyOverruled, api.ProxyFailed, api.CAFileUnusable, api.Untrusted)
	if len(codes) < 18 {
		t.Fatalf("only %q were found", codes)
	}
	return codes
}

// TestEveryWarningHasItsButton walks the service's warnings: each is one row
// with one button, or told elsewhere by name.
func TestEveryWarningHasItsButton(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := home.New(stage.Env, stage.Hand())
	for _, code := range warningCodes(t) {
		stage.Desk.Set(api.State{
			Account: account(api.AccountSignedIn, true),
			Health:  []api.Warning{{Code: string(code), Reason: api.Fail(code, "product", "MiniCAD")}},
		})
		rows := room.View().Attention
		switch elsewhere := slices.Contains(home.ToldElsewhere(), code); {
		case elsewhere && len(rows) != 0:
			t.Errorf("%s is said to be told elsewhere, and has a row", code)
		case elsewhere:
		case len(rows) != 1 || len(rows[0].Actions) != 1 || rows[0].Title == "" || rows[0].Tone < view.Attention:
			t.Errorf("%s has no row with one button: %+v", code, rows)
		}
	}
	for _, row := range api.Table() { // and whatever else comes is told, never swallowed
		stage.Desk.Set(api.State{Account: account(api.AccountSignedIn, true), Health: []api.Warning{{Code: string(row.Code)}}})
		if rows := room.View().Attention; len(rows) != 1 && !slices.Contains(home.ToldElsewhere(), row.Code) {
			t.Errorf("%s is swallowed", row.Code)
		}
	}
}

// TestEveryTransferState walks the states of a transfer as api.Transfer spells
// them.
func TestEveryTransferState(t *testing.T) {
	source, err := os.ReadFile("../../../agent/api/document.go")
	if err != nil {
		t.Fatal(err)
	}
	spelt := regexp.MustCompile("State +string +`json:\"state\"` // ([a-z_, ]+)").FindStringSubmatch(string(source))
	if spelt == nil {
		t.Fatal("api.Transfer does not spell its states any more")
	}
	for _, state := range strings.Split(spelt[1], ", ") {
		i := slices.IndexFunc(home.TransferLooks(), func(l home.TransferLook) bool { return l.State == state })
		if i < 0 {
			t.Errorf("the state %q has no row", state)
			continue
		}
		look := home.TransferLooks()[i]
		for _, row := range api.Table() {
			stage := viewtest.New(t, api.English)
			room := home.New(stage.Env, stage.Hand())
			stage.Desk.Set(api.State{
				Account:   account(api.AccountSignedIn, true),
				Transfers: []api.Transfer{{Operation: "op", Path: "/a/b.step", State: state, Total: 5, Reason: api.Fail(row.Code)}},
			})
			v := room.View()
			if look.Moving != (v.Sending.Text != "") {
				t.Errorf("%s counts as moving: %v, text %q", state, look.Moving, v.Sending.Text)
			}
			if look.Attention && (len(v.Attention) != 1 || len(v.Attention[0].Actions) != 1) || !look.Attention && len(v.Attention) != 0 {
				t.Errorf("%s because of %s: %+v", state, row.Code, v.Attention)
			}
		}
	}
}

func TestEveryLicenseState(t *testing.T) {
	for _, look := range licenses.LicenseLooks() {
		i := slices.IndexFunc(home.LicenseAttentions(), func(a home.LicenseAttention) bool { return a.State == look.State })
		if i < 0 {
			t.Errorf("the state %q of a licence has no row", look.State)
			continue
		}
		warning := home.LicenseAttentions()[i].Warning
		if warning != "" && (warning != look.Code || mend.For(warning) == mend.Nothing) {
			t.Errorf("%s is told by %s, which is not what the licence says (%s), or has no button", look.State, warning, look.Code)
		}
	}
	for _, look := range licenses.LeaseLooks() {
		_, ours := home.LeaseTones()[look.State]
		if own := look.State == "lost" || look.State == "suspect_clock"; !ours && !own {
			t.Errorf("the state %q of a lease has no tone", look.State)
		}
	}
}

func TestEveryAccountState(t *testing.T) {
	for _, state := range []api.AccountState{api.AccountSignedOut, api.AccountSigningIn, api.AccountSignedIn, api.AccountExpired} {
		for _, online := range []bool{true, false} {
			stage := viewtest.New(t, api.Chinese)
			room := home.New(stage.Env, stage.Hand())
			stage.Desk.Set(api.State{Account: account(state, online)})
			if a := room.View().Account.Row; a.Status == "" || strings.Contains(a.Status, ".") || len(a.Actions) == 0 {
				t.Errorf("%s, online %v: %+v", state, online, a)
			}
		}
	}
}

func TestButtons(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := home.New(stage.Env, stage.Hand())
	stage.Desk.Show(desk.Change{Snapshot: states()["trouble"]})
	want := map[string]string{
		"pick/p1": "go picker::p1", "conflict/c1": "go documents:conflicts:c1", "failed/op-3": "go documents:pending:op-3", "failed/op-4": "Retry op-4",
		"license/othercad": "copy E-1", "license/fea": "browse https://market.example", "app/minicad": "AnswerUpgrade minicad true",
		"app/cam": "go applications::cam", "app/fea": "go applications::fea", "warning/license_frozen product=\"MiniCAD\"": "browse https://market.example",
	}
	for _, row := range room.View().Attention {
		if expected, named := want[row.ID]; named {
			delete(want, row.ID)
			row.Actions[0].Do()
			stage.Await(expected)
		}
	}
	if len(want) > 0 {
		t.Errorf("these have no row: %v", want)
	}
	stage.Desk.Show(desk.Change{Snapshot: states()["sending"]})
	room.View().Sending.Actions[0].Do()
	stage.Await("PauseUploads true")
	stage.Desk.Show(desk.Change{Snapshot: states()["paused"]})
	stage.Service.Fail("PauseUploads", api.Fail(api.PolicyForbids))
	room.View().Sending.Actions[0].Do()
	stage.Await("PauseUploads false")
	stage.Await("tell policy_forbids")
	room.View().AllLicenses.Do()
	stage.Await("go licenses::")
	room.View().AllMessages.Do()
	stage.Await("go messages::")
	stage.Desk.Show(desk.Change{Snapshot: states()["first"]})
	room.View().First.Action.Do()
	stage.Await("LoginBegin")
}

func TestSigningInAndOut(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := home.New(stage.Env, stage.Hand())
	stage.Desk.Set(api.State{Account: account(api.AccountSignedIn, true), Transfers: []api.Transfer{uploading()}})
	out := room.View().Account.Row.Actions[0]
	if out.Name != "sign_out" || !strings.Contains(out.Confirm, "1 document waits") {
		t.Errorf("signing out with work that waits: %+v", out)
	}
	release := stage.Service.Hold()
	out.Do()
	stage.Await("Logout")
	if a := room.View().Account; len(a.Row.Actions) != 0 || a.Login.Text == "" {
		t.Errorf("while signing out: %+v", a)
	}
	release()
}

func TestSpeed(t *testing.T) {
	stage := viewtest.New(t, api.English)
	now := viewtest.Now()
	env := stage.Env
	env.Now = func() time.Time { return now }
	room := home.New(env, stage.Hand())
	state := states()["sending"].State
	stage.Desk.Set(state)
	if d := room.View().Sending.Detail; d != "" {
		t.Errorf("a speed before anything was measured: %q", d)
	}
	for i := range 4 {
		now = now.Add(time.Second)
		data, err := json.Marshal(api.UploadProgress{Operation: "op-1", Sent: 1_500_000 + int64(i+1)*500_000})
		if err != nil {
			t.Fatal(err)
		}
		stage.Desk.Tell(api.Event{Name: api.EventUploadProgress, Data: data})
	}
	if d := room.View().Sending.Detail; d != "500.0 kB per second" {
		t.Errorf("500 kB each second are %q", d)
	}
	now = now.Add(time.Minute)
	if d := room.View().Sending.Detail; d != "" {
		t.Errorf("a minute without progress: %q", d)
	}
}
