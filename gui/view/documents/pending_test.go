package documents_test

import (
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/documents"
	"iscdesk.dev/gui/view/documents/documentstest"
)

// forbidden are words that no text for people may hold: what is missing from
// the catalogue, a placeholder without a value, a command line.
func forbidden(t *testing.T, text string) {
	t.Helper()
	for _, bad := range []string{"documents.", "{", "}", "iscdesk transfers", "iscdesk files", "%!"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q holds %q", text, bad)
		}
	}
}

func transfer(state string, reason *api.Error, retryIn int64) api.Transfer {
	t := api.Transfer{
		Operation: "op-1", Path: "/team/gear/曲轴.step", State: state, Total: 4_200_000, Sent: 2_100_000,
		Created: documentstest.Now().Unix() - 60, Reason: reason,
	}
	if retryIn != 0 {
		t.RetryAt = documentstest.Now().Unix() + retryIn
	}
	return t
}

type pendingCase struct {
	name     string
	transfer api.Transfer
	paused   bool
	offline  bool
	state    string // what the row says, in English
	zh       string
	tone     view.Tone
	step     string // the one next step; empty: none
	does     string // what it does
	more     []string
}

func pendingCases() []pendingCase {
	at := "/team/gear/曲轴.step"
	return []pendingCase{
		{name: "picking", transfer: transfer("picking", nil, 0), state: "Waits for you to choose", zh: "等待您选择", tone: view.Attention, step: "pick", does: "pick", more: []string{"discard"}},
		{name: "waiting", transfer: transfer("waiting", nil, 0), state: "It is sent next", zh: "随后发送", tone: view.Busy, more: []string{"place", "discard"}},
		{name: "offline", transfer: transfer("waiting", nil, 0), offline: true, state: "as soon as the marketplace can be reached", zh: "连接到云商店后", tone: view.Attention, more: []string{"place", "discard"}},
		{name: "paused", transfer: transfer("waiting", nil, 0), paused: true, state: "Uploads are paused", zh: "上传已暂停", tone: view.Attention, step: "resume", does: "pause false", more: []string{"place", "discard"}},
		{name: "paused, told by the service", transfer: transfer("waiting", api.Fail(api.UploadsPaused), 0), paused: true, state: "Uploads are paused", zh: "上传已暂停", tone: view.Attention, step: "resume", does: "pause false", more: []string{"place", "discard"}},
		{name: "uploading", transfer: transfer("uploading", nil, 0), state: "Sending: 2.1 MB of 4.2 MB", zh: "正在发送", tone: view.Busy},
		{name: "signed out", transfer: transfer("waiting", api.Fail(api.SignedOut), 0), state: "after you have signed in", zh: "登录后", tone: view.Attention, step: "signin", does: "sign in", more: []string{"place", "discard"}},
		{name: "another account", transfer: transfer("waiting", api.Fail(api.SavedByOther), 0), state: "under another account", zh: "另一个账号", tone: view.Attention, step: "signin", does: "sign in", more: []string{"place", "discard"}},
		{name: "tried in vain", transfer: transfer("failed", api.Fail(api.Offline), 12), state: "could not be sent yet", zh: "暂时未能发送", tone: view.Attention, step: "retry", does: "retry op-1", more: []string{"place", "discard"}},
		{name: "tried in vain, as the service lists it", transfer: transfer("waiting", api.Fail(api.MarketplaceFailed, "status", "502"), 12), state: "could not be sent yet", zh: "暂时未能发送", tone: view.Attention, step: "retry", does: "retry op-1", more: []string{"place", "discard"}},
		{name: "not allowed", transfer: transfer("failed", api.Fail(api.PermissionDenied), 0), state: "does not take it like this", zh: "不接受", tone: view.Trouble, step: "place", does: "List /team/gear", more: []string{"retry", "copy", "discard"}},
		{name: "the folder is gone", transfer: transfer("failed", api.Fail(api.NotFound, "what", "/team/gear"), 0), state: "does not take it like this", zh: "不接受", tone: view.Trouble, step: "place", does: "List /", more: []string{"retry", "copy", "discard"}},
		{name: "the name is taken", transfer: transfer("failed", api.Fail(api.Exists, "what", at), 0), state: "does not take it like this", zh: "不接受", tone: view.Trouble, step: "overwrite", does: "redirect op-1 to " + at + " overwrite true", more: []string{"retry", "place", "copy", "discard"}},
		{name: "checked out by somebody", transfer: transfer("failed", api.Fail(api.DocumentCheckedOut, "path", at, "owner", "Wang"), 0), state: "does not take it like this", zh: "不接受", tone: view.Trouble, step: "place", does: "List /team/gear", more: []string{"retry", "copy", "discard"}},
		{name: "no licence", transfer: transfer("failed", api.Fail(api.LicenseFrozen, "product", "minicad"), 0), state: "does not take it like this", zh: "不接受", tone: view.Trouble, step: "licenses", does: "go licenses::", more: []string{"retry", "place", "copy", "discard"}},
		{name: "too large", transfer: transfer("failed", api.Fail(api.TooLarge, "what", at, "limit", "1 GB"), 0), state: "does not take it like this", zh: "不接受", tone: view.Trouble, step: "copy", does: "copy " + at + " to /home/me/keep", more: []string{"retry", "place", "discard"}},
		{name: "damaged here", transfer: transfer("failed", api.Fail(api.ContentDamaged, "what", "曲轴.step"), 0), state: "cannot be read any more", zh: "已无法读取", tone: view.Trouble, step: "retry", does: "retry op-1", more: []string{"discard"}},
	}
}

// TestPendingRows walks every state of a save: its words in both languages, how
// urgent it is, and that its one next step does what it says.
func TestPendingRows(t *testing.T) {
	for _, tt := range pendingCases() {
		for lang, says := range map[api.Language]string{api.English: tt.state, api.Chinese: tt.zh} {
			t.Run(tt.name+" "+string(lang), func(t *testing.T) {
				stage := documentstest.New(t, lang)
				stage.Folder = "/home/me/keep"
				stage.Set(func(s *api.State) {
					s.Transfers, s.Uploads.Paused, s.Account.Online = []api.Transfer{tt.transfer}, tt.paused, !tt.offline
				})
				rows := stage.Room.View().Pending.Rows
				if rows.Len() != 1 {
					t.Fatalf("%d rows", rows.Len())
				}
				row := rows.At(0)
				if !strings.Contains(row.State, says) || row.Tone != tt.tone || row.Name != "曲轴.step" {
					t.Errorf("%q, tone %d, name %q; want %q, %d", row.State, row.Tone, row.Name, says, tt.tone)
				}
				for _, text := range []string{row.State, row.Where, row.Reason, row.Step.Label, rows.Row(0).Detail} {
					forbidden(t, text)
				}
				if row.Step.Name != tt.step {
					t.Fatalf("step %q, want %q", row.Step.Name, tt.step)
				}
				var more []string
				for _, a := range row.More {
					more = append(more, a.Name)
					forbidden(t, a.Label+a.Confirm)
				}
				if !slices.Equal(more, tt.more) {
					t.Errorf("more %q, want %q", more, tt.more)
				}
				if tt.step != "" {
					stage.Press(tt.step, row.Step)
					stage.Until(tt.does, func(documents.View) bool {
						return slices.Contains(append(stage.Notes(), stage.Cloud.Calls()...), tt.does)
					})
				}
			})
		}
	}
}

func TestPendingSaysWhyWithItsReason(t *testing.T) {
	stage := documentstest.New(t, api.English)
	stage.Set(func(s *api.State) {
		s.Transfers = []api.Transfer{transfer("failed", api.Fail(api.DocumentCheckedOut, "path", "/team/gear/曲轴.step", "owner", "Wang Wu"), 0)}
	})
	row := stage.Room.View().Pending.Rows.At(0)
	if !strings.Contains(row.Reason, "Wang Wu") {
		t.Errorf("the reason does not say who: %q", row.Reason)
	}
	if line := stage.Room.View().Pending.Rows.Row(0); !strings.Contains(line.Detail, "Wang Wu") || len(line.Actions) != 1 {
		t.Errorf("the line says %q with %d buttons", line.Detail, len(line.Actions))
	}
}

func TestFollowingSaveOfADocument(t *testing.T) {
	stage := documentstest.New(t, api.English)
	second := transfer("waiting", nil, 0)
	second.Operation = "op-2"
	stage.Set(func(s *api.State) { s.Transfers = []api.Transfer{transfer("uploading", nil, 0), second} })
	rows := stage.Room.View().Pending.Rows
	if got := rows.At(1).State; !strings.Contains(got, "follows the earlier save") {
		t.Errorf("the second says %q", got)
	}
}

func TestCountdown(t *testing.T) {
	now := documentstest.Now().Unix()
	for _, tt := range []struct {
		retryAt int64
		en, zh  string
	}{
		{0, "", ""},
		{now - 5, "The next attempt is made now.", "即将再次尝试。"},
		{now, "The next attempt is made now.", "即将再次尝试。"},
		{now + 12, "Next attempt in 12 s.", "12 秒后再次尝试。"},
		{now + 200, "Next attempt in 3 min 20 s.", "3 分 20 秒后再次尝试。"},
	} {
		if got := documentstest.New(t, api.English).Room.Countdown(tt.retryAt); got != tt.en {
			t.Errorf("in %d s: %q, want %q", tt.retryAt-now, got, tt.en)
		}
		if got := documentstest.New(t, api.Chinese).Room.Countdown(tt.retryAt); got != tt.zh {
			t.Errorf("in %d s: %q, want %q", tt.retryAt-now, got, tt.zh)
		}
	}
}

func TestPauseAll(t *testing.T) {
	stage := documentstest.New(t, api.English)
	p := stage.Room.View().Pending
	if p.Empty == nil || p.Banner.Text != "" {
		t.Errorf("nothing is pending: %+v", p)
	}
	stage.Press("pause", p.Pause)
	stage.Await("pause true")
	stage.Set(func(s *api.State) { s.Uploads.Paused = true })
	p = stage.Room.View().Pending
	if !strings.Contains(p.Banner.Text, "stays safe on this machine") || p.Pause.Label != "" {
		t.Errorf("paused: %+v", p.Banner)
	}
	stage.Press("resume", *p.Banner.Action)
	stage.Await("pause false")
}

func TestDiscardSaysWhatIsLostAndWhere(t *testing.T) {
	stage := documentstest.New(t, api.English)
	stage.Set(func(s *api.State) {
		s.Transfers = []api.Transfer{transfer("failed", api.Fail(api.PermissionDenied), 0)}
	})
	row := stage.Room.View().Pending.Rows.At(0)
	discard := row.More[len(row.More)-1]
	if !discard.Danger {
		t.Error("it is not marked as dangerous")
	}
	for _, part := range []string{"曲轴.step", "4.2 MB", "on this machine", "deleted for good", "The cloud keeps what was published before"} {
		if !strings.Contains(discard.Confirm, part) {
			t.Errorf("%q does not say %q", discard.Confirm, part)
		}
	}
	stage.Press("discard", discard)
	stage.Await("discard op-1")
}

func TestFailureStandsAtItsRow(t *testing.T) {
	stage := documentstest.New(t, api.English)
	stage.Cloud.Errors["retry op-1"] = api.Fail(api.Busy)
	stage.Set(func(s *api.State) { s.Transfers = []api.Transfer{transfer("failed", api.Fail(api.Offline), 30)} })
	stage.Press("retry", stage.Room.View().Pending.Rows.At(0).Step)
	stage.Until("the error", func(v documents.View) bool {
		return strings.Contains(v.Pending.Rows.At(0).Error, "Too many requests")
	})
	stage.Set(func(s *api.State) { s.Transfers = nil })
	stage.Set(func(s *api.State) { s.Transfers = []api.Transfer{transfer("waiting", nil, 0)} })
	if got := stage.Room.View().Pending.Rows.At(0).Error; got != "" {
		t.Errorf("the error of a save that is gone is still there: %q", got)
	}
}

func TestChooserChecksTheNameAndWhatIsThere(t *testing.T) {
	for _, tt := range []struct {
		name, typed, folder string
		fault, note, label  string
		does                string
	}{
		{"a free name", "neu.step", "/team", "", "", "Publish here", "redirect op-1 to /team/neu.step overwrite false"},
		{"a taken name", "DICHTUNG.step", "/team", "", "becomes its newest version", "Publish as a new version", "redirect op-1 to /team/Dichtung.step overwrite true"},
		{"a folder's name", "gear", "/team", "A folder of the name", "", "", ""},
		{"checked out by somebody", "hers.step", "/team", "checked out by Wang", "", "", ""},
		{"no name", "", "/team", "Give it a name", "", "", ""},
		{"a slash", "a/b", "/team", "holds a slash", "", "", ""},
		{"for Windows", "a?.step", "/team", "Windows does not allow", "", "", ""},
		{"a device", "con.step", "/team", "reserves", "", "", ""},
		{"a dot at the end", "a.", "/team", "ends in a dot", "", "", ""},
		{"long", strings.Repeat("长", 90), "/team", "longer than", "", "", ""},
		{"control", "a\x07", "/team", "control character", "", "", ""},
		{"no space", "a.step", "/", "", "Open a space", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stage := documentstest.New(t, api.English)
			stage.Cloud.Put(api.Entry{Path: "/team/Dichtung.step", Version: 2})
			stage.Cloud.Put(api.Entry{Path: "/team/hers.step", Version: 2, CheckedOutBy: "Wang"})
			stage.Cloud.Put(api.Entry{Path: "/team/gear", Folder: true})
			stage.Set(func(s *api.State) { s.Transfers = []api.Transfer{transfer("failed", api.Fail(api.NotFound), 0)} })
			stage.Press("place", stage.Room.View().Pending.Rows.At(0).Step)
			v := stage.Until("the spaces", func(v documents.View) bool { return v.Pending.Chooser != nil && v.Pending.Chooser.Loading == "" })
			if tt.folder != "/" {
				stage.Press(tt.folder, v.Pending.Chooser.Folders...)
			}
			stage.Room.ChooserName(tt.typed)
			c := stage.Until("the folder", func(v documents.View) bool {
				return v.Pending.Chooser.Folder == tt.folder && v.Pending.Chooser.Loading == ""
			}).Pending.Chooser
			if !strings.Contains(c.Fault, tt.fault) || (tt.fault == "") != (c.Fault == "") || !strings.Contains(c.Note, tt.note) {
				t.Errorf("fault %q, note %q", c.Fault, c.Note)
			}
			forbidden(t, c.Fault+c.Note+c.OK.Label)
			if tt.does == "" {
				if c.OK.Do != nil || c.OK.Why == "" {
					t.Errorf("it can be chosen: %+v", c.OK)
				}
				return
			}
			if c.OK.Label != tt.label {
				t.Errorf("the button says %q", c.OK.Label)
			}
			stage.Press("ok", c.OK)
			stage.Await(tt.does)
			stage.Until("closed", func(v documents.View) bool { return v.Pending.Chooser == nil })
		})
	}
}
