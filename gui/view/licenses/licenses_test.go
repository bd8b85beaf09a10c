package licenses_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/licenses"
	"iscdesk.dev/gui/view/viewtest"
)

func at(days int) int64 { return viewtest.Now().Add(time.Duration(days) * 24 * time.Hour).Unix() }

func account() api.Account {
	return api.Account{
		State: api.AccountSignedIn, Online: true, Marketplace: "https://market.example",
		UserName: "li.wei", Name: "李伟", Tenant: "t1", TenantName: "示例研究院",
	}
}

// everything has a licence in each of its states, a lease in each of its, and
// a request in each of its.
func everything() api.State {
	s := api.State{
		Account:  account(),
		Sessions: []api.Session{{ID: "s1", Product: "minicad", Version: "1.2.0", PID: 4242}},
	}
	add := func(status string, from, until int64) *api.License {
		name := "CAD " + status + " " + time.Unix(until, 0).UTC().Format("01-02")
		s.Licenses = append(s.Licenses, api.License{
			Product: "p-" + status, ProductName: name, Instance: "i-" + name, Status: status, EffectiveTime: from, ExpireTime: until,
		})
		return &s.Licenses[len(s.Licenses)-1]
	}
	first := add("active", at(-30), at(335))
	first.Product, first.ProductName, first.Features, first.SeatsTotal, first.SeatsUsed = "minicad", "MiniCAD", []string{"sketch", "solve"}, 5, 3
	first.Leases = []api.LeaseInfo{
		{ID: "l1", Session: "s1", Device: "3f2a91bc", State: "active", Features: []string{"sketch"}, Expires: at(1), Grace: at(8)},
		{ID: "l2", Session: "gone", State: "renewing", Expires: at(0), Grace: at(7)},
		{ID: "l3", Session: "s1", State: "grace", Expires: at(-1), Grace: at(6)},
		{ID: "l4", Session: "s1", State: "expired", Expires: at(-9), Grace: at(-2)},
		{ID: "l5", Session: "s1", State: "borrowed", Expires: at(1), Grace: at(2)},
	}
	first.Requests = []api.LicenseRecord{
		{LicenseAnswer: api.LicenseAnswer{Request: "r1", State: api.LicensePendingState, Kind: api.LicenseFile, EventID: "E-1", Reason: api.Fail(api.LicensePending)}, Updated: at(0)},
		{LicenseAnswer: api.LicenseAnswer{Request: "r2", State: api.LicenseGranted, Kind: api.LicenseString, EventID: "E-2"}, Updated: at(0)},
		{LicenseAnswer: api.LicenseAnswer{Request: "r3", State: api.LicenseGranted, Kind: api.LicenseString, EventID: "E-3"}, Updated: at(0), Verdict: "accepted"},
		{LicenseAnswer: api.LicenseAnswer{Request: "r4", State: api.LicenseGranted, Kind: api.LicenseString, EventID: "E-4"}, Updated: at(0), Verdict: "rejected", VerdictMessage: "wrong checksum"},
		{LicenseAnswer: api.LicenseAnswer{
			Request: "r5", State: api.LicenseRefused, Kind: api.LicenseFile, EventID: "E-5",
			Reason: api.Fail(api.LicenseVendorRefused, "vendorCode", "7", "vendorMessage", "设备不符", "event", "E-5"),
		}, Updated: at(0)},
		{LicenseAnswer: api.LicenseAnswer{Request: "r6", State: api.LicenseRefused}},
	}
	add("active", at(10), at(300))
	add("active", at(-300), at(3))
	add("active", at(-300), at(1))
	add("active", at(-300), at(0)+600)
	add("active", at(-300), at(-1))
	add("active", at(-300), 0).Trial = true
	for _, status := range []string{"frozen", "released", "expired", "suspended"} {
		add(status, at(-300), at(30))
	}
	s.Licenses = append(s.Licenses, api.License{Product: "othercad", ProductName: "othercad", Requests: []api.LicenseRecord{
		{LicenseAnswer: api.LicenseAnswer{Request: "q", State: "deferred", Kind: api.LicenseString}, Updated: at(0)},
	}})
	return s
}

func TestWording(t *testing.T) {
	for _, lang := range []api.Language{api.English, api.Chinese} {
		stage := viewtest.New(t, lang)
		room := licenses.New(stage.Env, stage.Hand())
		stage.Desk.Set(everything())
		viewtest.Golden(t, "everything."+string(lang), viewtest.Dump(room.View()))
	}
}

func TestEmpty(t *testing.T) {
	out := account()
	out.State = api.AccountSignedOut
	away := account()
	away.Online = false
	for name, state := range map[string]*api.State{
		"connecting": nil, "signed-out": {Account: out}, "offline": {Account: away}, "none": {Account: account()},
	} {
		for _, lang := range []api.Language{api.English, api.Chinese} {
			stage := viewtest.New(t, lang)
			room := licenses.New(stage.Env, stage.Hand())
			if state != nil {
				stage.Desk.Set(*state)
			}
			viewtest.Golden(t, "empty-"+name+"."+string(lang), viewtest.Dump(room.View()))
		}
	}
}

// TestEveryLookHasWords walks the tables of looks: each state has its words,
// and each reason its text and its button, in both languages.
func TestEveryLookHasWords(t *testing.T) {
	for _, lang := range []api.Language{api.English, api.Chinese} {
		stage := viewtest.New(t, lang)
		stage.Desk.Set(everything())
		w := stage.Env.Words()
		has := func(key string) {
			t.Helper()
			if !w.Has(key) {
				t.Errorf("%s has no text in %s", key, lang)
			}
		}
		for _, look := range licenses.LicenseLooks() {
			has("licenses.status." + look.State)
		}
		for _, look := range licenses.LeaseLooks() {
			has("licenses.lease." + look.State)
		}
		for _, look := range licenses.RequestLooks() {
			has("licenses.request." + look.Name)
		}
	}
}

// TestRefusals walks every code with which a licence or a lease is refused, of
// a request and of a lease that was lost: each tells its reason and its next
// step, as a button or, where the table of steps says so, in the sentence.
func TestRefusals(t *testing.T) {
	sentences := []api.Code{ // whose text is the whole next step
		api.LicensePending, api.LicenseVendorUnreachable, api.LeaseMalformed, api.LeaseWrongProduct, api.LeaseWrongDevice,
		api.LeaseWrongUser, api.LeaseNotHeld, api.LeaseRevoked,
	}
	for _, row := range api.Table() {
		code := string(row.Code)
		if !strings.HasPrefix(code, "license_") && !strings.HasPrefix(code, "lease_") && !strings.HasPrefix(code, "clock_") && row.Code != api.DeviceUnknown {
			continue
		}
		for _, lang := range []api.Language{api.English, api.Chinese} {
			stage := viewtest.New(t, lang)
			room := licenses.New(stage.Env, stage.Hand())
			reason := api.Fail(row.Code, "product", "MiniCAD", "event", "E-1", "feature", "solve", "total", "5", "minutes", "90",
				"vendorCode", "7", "vendorMessage", "no", "message", "bad", "date", "2026-01-01")
			stage.Desk.Set(api.State{
				Account: account(), Sessions: []api.Session{{ID: "s1", Product: "minicad", PID: 1}},
				Licenses: []api.License{{Product: "minicad", Requests: []api.LicenseRecord{
					{LicenseAnswer: api.LicenseAnswer{Request: "r", State: api.LicenseRefused, EventID: "E-1", Reason: reason}},
				}}},
			})
			data, err := json.Marshal(api.LeaseLoss{ID: "l", Reason: reason})
			if err != nil {
				t.Fatal(err)
			}
			stage.Desk.Tell(api.Event{Name: api.EventLeaseLost, Session: "s1", Data: data})
			l := room.View().Licenses[0]
			for _, r := range []view.Row{l.Requests[0], l.Uses[0]} {
				if r.Tone != view.Trouble || r.Detail == "" || strings.Contains(r.Detail, "{") {
					t.Errorf("%s in %s is told as %+v", code, lang, r)
				}
				if want := !slices.Contains(sentences, row.Code); (len(r.Actions) == 1) != want {
					t.Errorf("%s in %s has the buttons %+v", code, lang, r.Actions)
				}
			}
		}
	}
}

func TestLostLeaseIsForgotten(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := licenses.New(stage.Env, stage.Hand())
	state := api.State{Account: account(), Sessions: []api.Session{{ID: "s1", Product: "minicad"}}, Licenses: []api.License{{Product: "minicad"}}}
	data, err := json.Marshal(api.LeaseLoss{ID: "l", Reason: api.Fail(api.LeaseRevoked)})
	if err != nil {
		t.Fatal(err)
	}
	uses := func() int { return len(room.View().Licenses[0].Uses) }
	lose := func() {
		t.Helper()
		stage.Desk.Set(state)
		stage.Desk.Tell(api.Event{Name: api.EventLeaseLost, Session: "s1", Data: data})
		if uses() != 1 {
			t.Fatal("a lost lease is not shown")
		}
	}
	lose()
	again := state
	again.Licenses = []api.License{{Product: "minicad", Leases: []api.LeaseInfo{{ID: "l2", Session: "s1", State: "active"}}}}
	stage.Desk.Set(again)
	if rows := room.View().Licenses[0].Uses; len(rows) != 1 || rows[0].ID != "lease/l2" {
		t.Errorf("the application has a lease again: %+v", rows)
	}
	lose()
	ended := state
	ended.Sessions = nil
	stage.Desk.Set(ended)
	if uses() != 0 {
		t.Error("the lost lease of an application that ended is still shown")
	}
	stage.Desk.Set(state)
	stage.Desk.Tell(api.Event{Name: api.EventLeaseLost, Session: "s1", Data: json.RawMessage(`{"id":`)})
	if uses() != 0 {
		t.Error("an event that cannot be read is shown")
	}
}

func TestClockInDoubt(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := licenses.New(stage.Env, stage.Hand())
	s := everything()
	s.Health = []api.Warning{{Code: string(api.ClockWrong), Reason: api.Fail(api.ClockWrong, "minutes", "90")}}
	stage.Desk.Set(s)
	rows := room.View().Licenses[slices.IndexFunc(room.View().Licenses, func(l licenses.License) bool { return l.Product == "minicad" })].Uses
	if rows[0].Status != "In doubt" || rows[0].Tone != view.Attention || len(rows[0].Actions) != 1 {
		t.Errorf("a lease while the clock is wrong: %+v", rows[0])
	}
	if rows[3].Status != "Expired" {
		t.Errorf("an expired lease while the clock is wrong: %+v", rows[3])
	}
}

func TestAway(t *testing.T) {
	stage := viewtest.New(t, api.English)
	room := licenses.New(stage.Env, stage.Hand())
	stage.Desk.Set(everything())
	before := len(room.View().Licenses)
	stage.Desk.Lose()
	v := room.View()
	if len(v.Licenses) != before || !strings.Contains(v.Notice, "2026-03-02 10:30") {
		t.Errorf("without the service: %d licences, %q", len(v.Licenses), v.Notice)
	}
	room.Show("minicad")
	if room.View().Chosen != "minicad" {
		t.Error("a place does not lead to its licence")
	}
}
