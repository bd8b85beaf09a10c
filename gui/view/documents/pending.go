package documents

import (
	"context"
	"path"
	"slices"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
)

// Pending is the list of what is saved here and not published yet.
type Pending struct {
	Summary string
	// Empty stands in place of the rows; nil: there are some.
	Empty *view.Empty
	// Banner explains, while uploads are paused, what that means, with the way on.
	Banner view.Banner
	// Pause pauses all uploads; no Label: they are paused.
	Pause view.Action
	Rows  PendingRows
	// Chooser is open while another place is being chosen for one of them.
	Chooser *Chooser
}

// PendingRows are the rows of the list. They are worded when they are drawn.
type PendingRows struct {
	room     *Room
	snapshot desk.Snapshot
	behind   []bool // it follows an earlier save of the same document
}

// Len is the number of rows.
func (p PendingRows) Len() int { return len(p.behind) }

// At is a row.
func (p PendingRows) At(i int) PendingRow {
	if i < 0 || i >= p.Len() {
		return PendingRow{Progress: -1}
	}
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	return p.room.pendingRow(p.snapshot, p.snapshot.State.Transfers[i], p.behind[i])
}

// Find is the row of an operation, -1 where there is none.
func (p PendingRows) Find(operation string) int {
	return slices.IndexFunc(p.snapshot.State.Transfers, func(t api.Transfer) bool { return t.Operation == operation })
}

// Counts tells whether the time until an attempt is to be counted down.
func (p PendingRows) Counts() bool {
	return slices.ContainsFunc(p.snapshot.State.Transfers, func(t api.Transfer) bool { return t.RetryAt != 0 })
}

// Row is how a list draws a row.
func (p PendingRows) Row(i int) view.Row {
	row := p.At(i)
	line := view.Row{
		ID: row.Operation, Icon: view.IconUpload, Title: row.Name, Detail: row.Where, Status: row.Short, Tone: row.Tone,
		Running: row.Progress >= 0, Progress: max(row.Progress, 0), Menu: row.More,
	}
	switch {
	case row.Error != "":
		line.Detail, line.Tone = row.Error, view.Trouble
	case row.Reason != "":
		line.Detail = row.Reason
	}
	if next := p.room.Countdown(row.RetryAt); next != "" {
		line.Detail = next + " " + line.Detail
	}
	if row.Step.Label != "" {
		line.Actions = []view.Action{row.Step}
	}
	return line
}

// PendingRow is one save on its way.
type PendingRow struct {
	Operation string
	Name      string
	Where     string // the folder that it goes to, with size and time of the save
	State     string
	Short     string // State in a word or two
	Tone      view.Tone
	// Progress goes from 0 to 1; negative: there is none to show.
	Progress float64
	Reason   string
	// RetryAt is when the next attempt is due (Unix seconds, 0: not known);
	// Room.Countdown words it, so that a clock needs to draw nothing else.
	RetryAt int64
	// Step is the one next step; no Label: it goes its way by itself.
	Step view.Action
	More []view.Action
	// Error is why what the user has just asked for did not happen.
	Error string
	Busy  bool
}

// rowState is what the room knows of a row beyond what the service says.
type rowState struct {
	busy bool
	err  error
}

// Countdown tells when the next attempt is due.
func (r *Room) Countdown(retryAt int64) string {
	return countdown(r.env.Words(), retryAt, r.env.Now())
}

func countdown(w *i18n.Words, retryAt int64, now time.Time) string {
	if retryAt == 0 {
		return ""
	}
	left := time.Unix(retryAt, 0).Sub(now)
	seconds := int64((left + time.Second - 1) / time.Second)
	switch {
	case seconds <= 0:
		return w.T("documents.pending.next_now")
	case seconds < 60:
		return w.T("documents.pending.next_seconds", "seconds", seconds)
	}
	return w.T("documents.pending.next_minutes", "minutes", seconds/60, "seconds", seconds%60)
}

// pending words the list. The caller holds mu.
func (r *Room) pending(s desk.Snapshot) Pending {
	w, list := r.env.Words(), s.State.Transfers
	p := Pending{Chooser: r.chooserView(s)}
	if s.State.Uploads.Paused {
		resume := view.Action{Name: "resume", Label: w.T("documents.pending.resume"), Do: func() { r.pause(false) }, Primary: true}
		p.Banner = view.Banner{Tone: view.Attention, Text: w.T("documents.pending.paused"), Action: &resume}
	} else {
		p.Pause = view.Action{Name: "pause", Label: w.T("documents.pending.pause"), Do: func() { r.pause(true) }}
	}
	if len(list) == 0 {
		p.Empty = &view.Empty{Icon: view.IconGood, Title: w.T("documents.pending.none"), Text: w.T("documents.pending.none_hint")}
		return p
	}
	p.Summary = w.T("documents.pending.summary", "count", w.Number(len(list)))
	p.Rows = PendingRows{room: r, snapshot: s, behind: make([]bool, len(list))}
	queued := make(map[string]bool, len(list))
	for i, t := range list {
		p.Rows.behind[i] = t.Path != "" && queued[t.Path]
		queued[t.Path] = true
	}
	return p
}

func (r *Room) pendingRow(s desk.Snapshot, t api.Transfer, behind bool) PendingRow {
	w := r.env.Words()
	row := PendingRow{
		Operation: t.Operation, Name: path.Base(t.Path), Progress: -1, RetryAt: t.RetryAt,
		Where: w.T("documents.pending.where", "folder", path.Dir(t.Path), "size", w.Bytes(t.Total), "time", w.Time(t.Created)),
	}
	if t.Path == "" {
		row.Name = w.T("documents.pending.nameless")
		row.Where = w.T("documents.pending.where_open", "size", w.Bytes(t.Total), "time", w.Time(t.Created))
	}
	key, tone := pendingKey(s.State, t, behind)
	row.State, row.Short, row.Tone = r.pendingText(key, t), w.T("documents.short."+key), tone
	if t.State == uploading && t.Total > 0 {
		row.Progress = min(1, float64(t.Sent)/float64(t.Total))
	}
	first := stepOf(t, s.State.Uploads)
	if first != stepSignIn && first != stepResume && t.Reason != nil { // those two say all with the state
		row.Reason = pendingReason(w, t)
	}
	if first != stepNone {
		row.Step = r.stepAction(first, t)
		row.Step.Primary = true
	}
	for _, other := range others(t, first) {
		row.More = append(row.More, r.stepAction(other, t))
	}
	if t.State != uploading {
		row.More = append(row.More, r.discardAction(t))
	}
	if state := r.rows[t.Operation]; state.busy || state.err != nil {
		row.Busy, row.Error = state.busy, w.Error(state.err)
	}
	return row
}

// pendingState words where a save stands.
func (r *Room) pendingState(s desk.Snapshot, t api.Transfer, behind bool) (string, view.Tone) {
	key, tone := pendingKey(s.State, t, behind)
	return r.pendingText(key, t), tone
}

func (r *Room) pendingText(key string, t api.Transfer) string {
	w := r.env.Words()
	return w.T("documents.pending."+key, "sent", w.Bytes(t.Sent), "total", w.Bytes(t.Total))
}

// pendingKey tells where a save stands, and how much it wants the eye.
func pendingKey(s api.State, t api.Transfer, behind bool) (string, view.Tone) {
	code := api.Code("")
	if t.Reason != nil {
		code = t.Reason.Code
	}
	switch {
	case t.State == picking:
		return "picking", view.Attention
	case t.State == uploading:
		return "uploading", view.Busy
	case code == api.SavedByOther:
		return "other_account", view.Attention
	case code == api.SignedOut, code == api.LoginFailed:
		return "signed_out", view.Attention
	case refused(t) && code == api.ContentDamaged:
		return "damaged", view.Trouble
	case refused(t):
		return "refused", view.Trouble
	case s.Uploads.Paused:
		return "waits_paused", view.Attention
	case t.State == failed, t.RetryAt > 0:
		return "retrying", view.Attention
	case !s.Account.Online:
		return "offline", view.Attention
	case behind:
		return "behind", view.Busy
	}
	return "waiting", view.Busy
}

// pendingReason words why a save is not published. The table's text on damage
// speaks of fetching again, which nobody can do with what was saved here.
func pendingReason(w *i18n.Words, t api.Transfer) string {
	if refused(t) && t.Reason.Code == api.ContentDamaged {
		return w.T("documents.pending.damaged_reason")
	}
	return w.Error(t.Reason)
}

func (r *Room) stepAction(s step, t api.Transfer) view.Action {
	a := view.Action{Name: string(s), Label: r.env.Words().T("documents.step." + string(s))}
	switch s {
	case stepPick:
		a.Do = r.cfg.Pick
	case stepResume:
		a.Do = func() { r.pause(false) }
	case stepSignIn:
		a.Do = func() { r.cfg.SignIn() }
	case stepRetry:
		a.Do = func() { r.retry(t.Operation) }
	case stepPlace:
		a.Do = func() { r.choosePlace(t) }
	case stepOverwrite:
		a.Do = func() { r.redirect(t.Operation, api.Redirect{Path: t.Path, Overwrite: true}) }
	case stepLicenses:
		a.Do = func() { r.env.Go(view.Place{Room: view.Licenses}) }
	case stepCopy:
		a.Do = func() { r.copyPending(t) }
	}
	return a
}

// discardAction is the one thing here that destroys content, and says where.
func (r *Room) discardAction(t api.Transfer) view.Action {
	w := r.env.Words()
	name := path.Base(t.Path)
	if t.Path == "" {
		name = w.T("documents.pending.nameless")
	}
	return view.Action{
		Name: "discard", Label: w.T("documents.step.discard"), Danger: true,
		Confirm: w.T("documents.step.discard_confirm", "name", name, "size", w.Bytes(t.Total), "time", w.Time(t.Created)),
		Do:      func() { r.discard(t.Operation) },
	}
}

func (r *Room) pause(paused bool) {
	r.env.Desk.Do(func(ctx context.Context, s desk.Service) error { return s.PauseUploads(ctx, paused) }, func(err error) {
		if err != nil {
			r.env.Tell(err)
		}
	})
}

func (r *Room) retry(operation string) {
	r.onRow(operation, func(ctx context.Context, s desk.Service) error { return s.Retry(ctx, operation) })
}

func (r *Room) redirect(operation string, to api.Redirect) {
	r.onRow(operation, func(ctx context.Context, s desk.Service) error { return s.Redirect(ctx, operation, to) })
}

func (r *Room) discard(operation string) {
	r.onRow(operation, func(ctx context.Context, s desk.Service) error { return s.Discard(ctx, operation) })
}

// onRow does something with one save and shows at its row how it ended.
func (r *Room) onRow(operation string, call func(context.Context, desk.Service) error) {
	r.change(func() { r.rows[operation] = rowState{busy: true} })
	r.env.Desk.Do(call, func(err error) {
		r.change(func() {
			if err == nil {
				delete(r.rows, operation)
			} else {
				r.rows[operation] = rowState{err: err}
			}
		})
	})
}
