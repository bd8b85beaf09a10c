package message

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
)

// world is an engine on a real database, with a clock of its own.
type world struct {
	*Engine
	t    *testing.T
	path string
	now  time.Time

	mu      sync.Mutex
	changed int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, path: filepath.Join(t.TempDir(), "agent.db"), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	w.open()
	return w
}

// open opens the engine, as a start of the service does.
func (w *world) open() {
	w.t.Helper()
	db, err := store.Open(w.path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = db.Close() })
	w.Engine, err = New(w.t.Context(), Config{
		DB: db, Notify: w, Now: func() time.Time { return w.now },
		Name: func(product string) string {
			if product == "minicad" {
				return "MiniCAD"
			}
			return ""
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) Changed(section string) {
	if section == api.SectionMessages {
		w.mu.Lock()
		w.changed++
		w.mu.Unlock()
	}
}

func (w *world) happens(name, product string, data any) {
	w.t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Event(w.t.Context(), api.Event{Name: name, Product: product, Time: w.now.UnixMilli(), Data: text})
}

func (w *world) list() []api.Message {
	w.t.Helper()
	list, err := w.List(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// kinds are the kinds of all messages, the oldest first.
func (w *world) kinds() []api.MessageKind {
	all := []api.MessageKind{}
	for _, m := range w.list() {
		all = append([]api.MessageKind{m.Kind}, all...)
	}
	return all
}

// happening is an event with what it says in both languages; empty: nothing.
type happening struct {
	name, product string
	data          any
	en, zh        string
	kind          api.MessageKind
}

func happenings() []happening {
	frozen := api.Fail(api.LicenseFrozen, "product", "minicad")
	change := func(what string) api.LicenseChange {
		return api.LicenseChange{Product: "minicad", Instance: "i1", Change: what, ExpireTime: 1_800_000_000}
	}
	return []happening{
		{api.EventDocumentPublished, "minicad", api.Published{Operation: "o1", Path: "/me/轴.stp", Version: 3}, "'/me/轴.stp' is published as version 3.", "“/me/轴.stp”已发布为版本 3。", api.MessagePublished},
		{api.EventDocumentPublished, "", api.Published{Operation: "o2", Path: "/me/a.stp", Reason: api.Fail(api.PermissionDenied)}, "'/me/a.stp' could not be published. It is safe on this machine.", "“/me/a.stp”未能发布,内容安全地存放在本机。", api.MessageNotPublished},
		{api.EventDocumentPublished, "", api.Published{Operation: "o3", LocalPath: "/home/a/b.stp", Reason: api.Fail(api.PermissionDenied)}, "'/home/a/b.stp' could not be published. It is safe on this machine.", "“/home/a/b.stp”未能发布,内容安全地存放在本机。", api.MessageNotPublished},
		{api.EventDocumentPublished, "", api.Published{Operation: "o4", Path: "/me/a (2).stp", ConflictOf: "/me/a.stp", Version: 1, Reason: api.Fail(api.DocumentConflict, "path", "/me/a.stp", "copy", "/me/a (2).stp")}, "Somebody published a newer version of '/me/a.stp'. Yours is kept as '/me/a (2).stp'.", "他人已发布“/me/a.stp”的新版本。您的版本保留为“/me/a (2).stp”。", api.MessageConflict},
		{api.EventDocumentPublished, "", api.Published{Operation: "o5", Path: "/me/a.stp", Reason: api.Fail(api.Cancelled)}, "", "", ""},
		{api.EventLicenseVerify, "minicad", api.LicenseAnswer{Request: "r1", State: api.LicenseGranted}, "The licence of MiniCAD is here.", "已获得 MiniCAD 的许可证。", api.MessageLicenseGranted},
		{api.EventLicenseVerify, "other", api.LicenseAnswer{Request: "r2", State: api.LicenseRefused, Reason: api.Fail(api.LicenseNotEntitled)}, "The licence of other was refused.", "other 的许可证申请被拒绝。", api.MessageLicenseRefused},
		{api.EventLicenseVerify, "minicad", api.LicenseAnswer{Request: "r3", State: api.LicenseGranted, Cached: true}, "", "", ""},
		{api.EventLicenseVerify, "minicad", api.LicenseAnswer{Request: "r4", State: api.LicensePendingState, Reason: api.Fail(api.Offline)}, "", "", ""},
		{api.EventLicenseChanged, "minicad", api.LicenseChange{Product: "minicad", Instance: "i1", Change: "frozen", Reason: frozen}, "The licence of MiniCAD is frozen.", "MiniCAD 的许可证已冻结。", api.MessageLicenseFrozen},
		{api.EventLicenseChanged, "minicad", change("unfrozen"), "The licence of MiniCAD works again.", "MiniCAD 的许可证已恢复。", api.MessageLicenseUnfrozen},
		{api.EventLicenseChanged, "minicad", change("released"), "The licence of MiniCAD was released.", "MiniCAD 的许可证已释放。", api.MessageLicenseReleased},
		{api.EventLicenseChanged, "minicad", change("renewed"), "The licence of MiniCAD was renewed.", "MiniCAD 的许可证已续期。", api.MessageLicenseRenewed},
		{api.EventLicenseChanged, "minicad", change("expired"), "The licence of MiniCAD has expired.", "MiniCAD 的许可证已到期。", api.MessageLicenseExpired},
		{api.EventLicenseChanged, "minicad", change("something new"), "", "", ""},
		{api.EventLeaseLost, "minicad", api.LeaseLoss{ID: "l1", Reason: api.Fail(api.LeaseRevoked)}, "MiniCAD runs without its licence now. Save your work.", "MiniCAD 已失去许可证。请保存您的工作。", api.MessageLeaseLost},
		{api.EventTrialExpired, "", api.TrialOver{Product: "minicad", Request: "r5"}, "The trial of MiniCAD is over.", "MiniCAD 的试用已结束。", api.MessageTrialOver},
		{api.EventUpgradeNotice, "minicad", api.UpgradeNotice{Available: true, Version: "2.0"}, "MiniCAD 2.0 is available.", "MiniCAD 有新版本 2.0。", api.MessageUpgrade},
		{api.EventUpgradeNotice, "minicad", api.UpgradeNotice{}, "", "", ""},
		{api.EventUpgradeNotice, "minicad", api.UpgradeNotice{Available: true, Version: "3.0", Forced: true}, "MiniCAD has to be upgraded to 3.0.", "MiniCAD 必须升级到 3.0。", api.MessageUpgradeForced},
		{api.EventUpgrade, "minicad", api.UpgradeOrder{Version: "2.0"}, "", "", ""},
		{api.EventUpgrade, "minicad", api.UpgradeOrder{Version: "4.0", Forced: true}, "MiniCAD has to be upgraded to 4.0.", "MiniCAD 必须升级到 4.0。", api.MessageUpgradeForced},
		{api.EventInstallProgress, "minicad", api.InstallProgress{Product: "minicad", Version: "1.0", State: "downloading"}, "", "", ""},
		{api.EventInstallProgress, "minicad", api.InstallProgress{Product: "minicad", Version: "1.0", State: "installed"}, "MiniCAD 1.0 is installed.", "MiniCAD 1.0 已安装。", api.MessageInstalled},
		{api.EventInstallProgress, "minicad", api.InstallProgress{Product: "minicad", State: "broken", Reason: api.Fail(api.Offline)}, "", "", ""},
		{api.EventInstallProgress, "minicad", api.InstallProgress{Product: "minicad", State: "broken", Reason: api.Fail(api.InstallFailed)}, "MiniCAD could not be installed.", "MiniCAD 未能安装。", api.MessageNotInstalled},
		{api.EventInstallProgress, "minicad", api.InstallProgress{Product: "minicad", State: "absent"}, "MiniCAD was uninstalled.", "MiniCAD 已卸载。", api.MessageUninstalled},
		{api.EventSolve, "", api.Solve{ID: "s1", State: "running", Path: "/me/beam.inp"}, "", "", ""},
		{api.EventSolve, "", api.Solve{ID: "s1", State: "succeeded", Path: "/me/beam.inp", Result: "/me/beam-results"}, "The solve of '/me/beam.inp' has ended. Its results are in '/me/beam-results'.", "“/me/beam.inp”求解完成,结果位于“/me/beam-results”。", api.MessageSolveSucceeded},
		{api.EventSolve, "", api.Solve{ID: "s2", State: "failed", Path: "/me/beam.inp", Reason: api.Fail(api.SolveFailed)}, "The solve of '/me/beam.inp' failed.", "“/me/beam.inp”求解失败。", api.MessageSolveFailed},
		{api.EventSolve, "", api.Solve{ID: "s3", State: "cancelled", Path: "/me/beam.inp"}, "", "", ""},
		{api.EventHeartbeat, "", api.Heartbeat{}, "", "", ""},
	}
}

func TestWhatIsSaidOfEachEvent(t *testing.T) {
	told := map[api.MessageKind]bool{api.MessageSignedOut: true} // below
	for _, h := range happenings() {
		w := newWorld(t)
		w.happens(h.name, h.product, h.data)
		list := w.list()
		if h.kind == "" {
			if len(list) != 0 || w.changed != 0 {
				t.Errorf("%s %+v says %+v", h.name, h.data, list)
			}
			continue
		}
		told[h.kind] = true
		if len(list) != 1 || w.changed != 1 {
			t.Errorf("%s %+v: %d messages, told %d times", h.name, h.data, len(list), w.changed)
			continue
		}
		m := list[0]
		if m.Kind != h.kind || m.Text(api.English) != h.en || m.Text(api.Chinese) != h.zh || m.Level == "" || m.Time != w.now.UnixMilli() || m.Read || m.ID == "" {
			t.Errorf("%s: %+v\n%s\n%s", h.name, m, m.Text(api.English), m.Text(api.Chinese))
		}
	}
	for _, row := range api.MessageTable() {
		if !told[row.Kind] {
			t.Errorf("nothing makes a message of kind %s", row.Kind)
		}
	}
}

func TestTheWordingOfEveryKind(t *testing.T) {
	hole := regexp.MustCompile(`\{[a-z]+\}`)
	kinds := map[api.MessageKind]bool{}
	for _, row := range api.MessageTable() {
		if kinds[row.Kind] {
			t.Errorf("%s stands twice in the table", row.Kind)
		}
		kinds[row.Kind] = true
		if level(row.Kind) != row.Level || row.Level == "" {
			t.Errorf("%s has the level %q", row.Kind, row.Level)
		}
		in := func(text string) map[string]bool {
			set := map[string]bool{}
			for _, h := range hole.FindAllString(text, -1) {
				set[h] = true
			}
			return set
		}
		if diff := cmp.Diff(in(row.EN), in(row.ZH)); diff != "" {
			t.Errorf("%s: other placeholders in Chinese: %s", row.Kind, diff)
		}
		if !strings.HasSuffix(row.EN, ".") || strings.Contains(row.EN, "!") || strings.ContainsFunc(row.EN, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: English %q", row.Kind, row.EN)
		}
		if !strings.HasSuffix(row.ZH, "。") || !strings.ContainsFunc(row.ZH, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: Chinese %q", row.Kind, row.ZH)
		}
	}
}

func TestWhatComesAgainIsToldOnce(t *testing.T) {
	w := newWorld(t)
	refused := api.Published{Operation: "o1", Path: "/me/a.stp", Reason: api.Fail(api.PermissionDenied)}
	w.happens(api.EventDocumentPublished, "", refused)
	w.happens(api.EventDocumentPublished, "", refused)
	w.open() // a restart tells everything again
	w.happens(api.EventDocumentPublished, "", refused)
	refused.Reason, refused.Version = nil, 2
	w.happens(api.EventDocumentPublished, "", refused)
	w.happens(api.EventDocumentPublished, "", refused)
	frozen := api.LicenseChange{Product: "minicad", Instance: "i1", Change: "frozen"}
	w.happens(api.EventLicenseChanged, "minicad", frozen)
	w.happens(api.EventLicenseChanged, "minicad", frozen)
	w.happens(api.EventLicenseChanged, "minicad", api.LicenseChange{Product: "minicad", Instance: "i1", Change: "unfrozen"})
	w.happens(api.EventLicenseChanged, "minicad", frozen)
	w.happens(api.EventUpgradeNotice, "minicad", api.UpgradeNotice{Available: true, Version: "2.0", Forced: true})
	w.happens(api.EventUpgrade, "minicad", api.UpgradeOrder{Version: "2.0", Forced: true})
	want := []api.MessageKind{
		api.MessageNotPublished, api.MessagePublished,
		api.MessageLicenseFrozen, api.MessageLicenseUnfrozen, api.MessageLicenseFrozen, api.MessageUpgradeForced,
	}
	if diff := cmp.Diff(want, w.kinds()); diff != "" {
		t.Error(diff)
	}
}

func TestSignedOutByTheMarketplace(t *testing.T) {
	w := newWorld(t)
	for _, state := range []api.AccountState{
		api.AccountSignedOut, api.AccountSigningIn, api.AccountSignedIn, api.AccountExpired, api.AccountExpired,
		api.AccountSigningIn, api.AccountSignedIn, api.AccountSignedOut, api.AccountSignedIn, api.AccountExpired,
	} {
		w.AccountChanged(api.Account{State: state})
	}
	if diff := cmp.Diff([]api.MessageKind{api.MessageSignedOut, api.MessageSignedOut}, w.kinds()); diff != "" {
		t.Error(diff)
	}
}

func TestRead(t *testing.T) {
	w := newWorld(t)
	for _, operation := range []string{"a", "b", "c"} {
		w.happens(api.EventDocumentPublished, "", api.Published{Operation: operation, Path: "/me/" + operation, Version: 1})
	}
	w.changed = 0
	newest := w.list()[0]
	if newest.Path != "/me/c" {
		t.Errorf("the first is %+v", newest)
	}
	for _, ids := range [][]string{{newest.ID, "no number", "999"}, {newest.ID}} {
		if err := w.Read(t.Context(), ids); err != nil {
			t.Fatal(err)
		}
	}
	if list := w.list(); !list[0].Read || list[1].Read || list[2].Read || w.changed != 1 {
		t.Errorf("%+v, told %d times", list, w.changed)
	}
	if err := w.Read(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	w.open()
	for _, m := range w.list() {
		if !m.Read {
			t.Errorf("unread: %+v", m)
		}
	}
}

func TestWhatIsKept(t *testing.T) {
	w := newWorld(t)
	publish := func(n int) {
		w.happens(api.EventDocumentPublished, "", api.Published{Operation: w.now.String() + string(rune(n)), Path: "/me/a", Version: n + 1})
	}
	publish(0)
	w.now = w.now.Add(keepFor - time.Second)
	publish(1)
	if n := len(w.list()); n != 2 {
		t.Errorf("%d messages before 90 days are over", n)
	}
	w.now = w.now.Add(2 * time.Second)
	if n := len(w.list()); n != 1 {
		t.Errorf("%d messages when they are", n)
	}
	for n := range keepMessages + 20 {
		publish(n)
	}
	var rows, marks int
	if err := w.table.db.QueryRow(`SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM message_marks)`).Scan(&rows, &marks); err != nil {
		t.Fatal(err)
	}
	if list := w.list(); len(list) != keepMessages || rows != keepMessages || list[0].Params["version"] != "520" || marks > keepMarks {
		t.Errorf("%d messages, %d rows, %d marks, the newest %+v", len(list), rows, marks, list[0])
	}
}

// TestAnAccountReadsItsOwnMessages: they name documents and products, and the
// next to sign in on this account of the machine need not be the same person.
func TestAnAccountReadsItsOwnMessages(t *testing.T) {
	w := newWorld(t)
	anna := api.Account{State: api.AccountSignedIn, Marketplace: "https://m", UserID: "anna"}
	ben := api.Account{State: api.AccountSignedIn, Marketplace: "https://m", UserID: "ben"}
	out := api.Account{State: api.AccountSignedOut, Marketplace: "https://m"}
	published := func(operation string) {
		w.happens(api.EventDocumentPublished, "", api.Published{Operation: operation, Path: "/me/" + operation, Version: 1})
	}
	paths := func() string {
		var all []string
		for _, m := range w.list() {
			all = append(all, m.Path)
		}
		return strings.Join(all, " ")
	}
	w.AccountChanged(anna)
	published("a")
	w.AccountChanged(out)
	if got := paths(); got != "" {
		t.Errorf("while nobody is signed in: %s", got)
	}
	told := w.changed
	w.AccountChanged(ben)
	if w.changed != told+1 {
		t.Error("nobody hears that the messages are others")
	}
	published("b")
	if got := paths(); got != "/me/b" {
		t.Errorf("the second account reads %s", got)
	}
	if err := w.Read(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	w.open() // the service starts again
	w.AccountChanged(anna)
	if list := w.list(); len(list) != 1 || list[0].Path != "/me/a" || list[0].Read {
		t.Errorf("the first account reads %+v", list)
	}
}
