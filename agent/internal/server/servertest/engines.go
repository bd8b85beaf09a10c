package servertest

import (
	"bytes"
	"context"
	"io"
	"sort"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/server"
)

type account struct{ e *Engines }

func (a account) State() api.Account {
	if a.e.SignedOut {
		return api.Account{State: api.AccountSignedOut}
	}
	return api.Account{State: api.AccountSignedIn, UserName: a.e.Owner, Online: a.e.Online}
}

func (a account) LoginBegin(context.Context, api.LoginBegin) (api.LoginBegun, error) {
	return api.LoginBegun{URL: "https://market.example/authorize", State: "state-" + a.e.Owner}, a.e.Fault
}

func (a account) LoginComplete(context.Context, api.LoginComplete) (api.Account, error) {
	return a.State(), a.e.Fault
}

func (a account) LoginCancel(_ context.Context, in api.LoginCancel) error {
	a.e.note("login cancelled " + in.State + in.Device)
	return a.e.Fault
}

func (a account) DeviceBegin(context.Context) (api.DeviceLogin, error) {
	return api.DeviceLogin{ID: "device-1", UserCode: "ABCD-EFGH"}, a.e.Fault
}

func (a account) DeviceAwait(ctx context.Context, id string) (api.Account, error) {
	if id == "never" {
		<-ctx.Done()
		return api.Account{}, ctx.Err()
	}
	return a.State(), a.e.Fault
}

func (a account) Logout(context.Context) error {
	a.e.note("logout")
	return a.e.Fault
}

type licenses struct{ e *Engines }

func (l licenses) List(context.Context) ([]api.License, error) {
	return []api.License{{Product: "cad", Instance: "instance-of-" + l.e.Owner, Status: "active"}}, l.e.Fault
}

func (l licenses) Request(ctx context.Context, app api.Session, _ api.LicenseRequest) (api.LicenseTicket, error) {
	if l.e.Gate != nil {
		select {
		case <-l.e.Gate:
		case <-ctx.Done():
			return api.LicenseTicket{}, ctx.Err()
		}
	}
	l.e.note("request " + app.ID)
	return api.LicenseTicket{Request: "request-of-" + l.e.Owner}, l.e.Fault
}

func (l licenses) Verdict(_ context.Context, app api.Session, v api.LicenseVerdict) error {
	l.e.note("verdict " + app.ID + " " + v.Message)
	return l.e.Fault
}

func (l licenses) File(_ context.Context, _ api.Session, request string) (api.FetchHeader, io.ReadCloser, error) {
	if request != "request-of-"+l.e.Owner {
		return api.FetchHeader{}, nil, api.Fail(api.NotFound, "what", request)
	}
	content := "licence of " + l.e.Owner
	return api.FetchHeader{Entries: []api.FileEntry{{Path: "cad.lic", Size: int64(len(content))}}}, io.NopCloser(bytes.NewBufferString(content)), l.e.Fault
}

func (l licenses) Acquire(_ context.Context, app api.Session, r api.LeaseRequest) (api.LeaseGrant, error) {
	return api.LeaseGrant{ID: "lease-" + app.ID, Token: r.Nonce}, l.e.Fault
}

func (l licenses) Release(context.Context, api.Session, api.LeaseRelease) error { return l.e.Fault }

func (l licenses) Deadline(session string) int64 {
	l.e.mu.Lock()
	defer l.e.mu.Unlock()
	return l.e.deadlines[session]
}

func (l licenses) SessionOpened(app api.Session) { l.e.note("opened " + app.ID) }
func (l licenses) SessionClosed(app api.Session) { l.e.note("closed " + app.ID) }

type files struct{ e *Engines }

func (f files) List(_ context.Context, path string) (api.Listing, error) {
	f.e.mu.Lock()
	defer f.e.mu.Unlock()
	l := api.Listing{Path: path}
	for p, content := range f.e.documents {
		l.Entries = append(l.Entries, api.Entry{Path: p, Size: int64(len(content))})
	}
	sort.Slice(l.Entries, func(i, j int) bool { return l.Entries[i].Path < l.Entries[j].Path })
	return l, f.e.Fault
}

func (f files) History(context.Context, string) ([]api.Version, error) { return nil, f.e.Fault }
func (f files) CreateFolder(context.Context, string) error             { return f.e.Fault }

func (f files) Restore(_ context.Context, r api.RestoreRequest) (api.Version, error) {
	return api.Version{Number: r.Version + 1, Operation: r.Operation}, f.e.Fault
}

func (f files) CheckOut(_ context.Context, path string) (api.Entry, error) {
	return api.Entry{Path: path, Mine: true}, f.e.Fault
}

func (f files) CheckIn(_ context.Context, path string) (api.Entry, error) {
	return api.Entry{Path: path}, f.e.Fault
}

func (f files) Pick(_ context.Context, app api.Session) (api.PickTicket, error) {
	return api.PickTicket{Pick: "pick-" + app.ID}, f.e.Fault
}

func (f files) Picks() []api.Pick { return nil }

func (f files) AnswerPick(_ context.Context, id string, a api.PickAnswer) error {
	f.e.note("picked " + id + " " + a.Path)
	return f.e.Fault
}

func (f files) SessionClosed(app api.Session) { f.e.note("files closed " + app.ID) }

func (f files) Opened(context.Context, api.OpenedDocument) error { return f.e.Fault }

func (f files) Lookup(_ context.Context, l api.DocumentLookup) (api.OpenedDocument, error) {
	return api.OpenedDocument{LocalPath: l.LocalPath, Document: "document-of-" + f.e.Owner}, f.e.Fault
}

func (f files) BeginSave(_ context.Context, _ api.Session, b api.SaveBegin) (server.Save, error) {
	if f.e.Fault != nil {
		return nil, f.e.Fault
	}
	return &save{engines: f.e, begin: b}, nil
}

func (f files) Fetch(_ context.Context, b api.FetchBegin) (api.FetchHeader, io.ReadCloser, error) {
	content := f.e.Document(b.Path)
	if content == nil {
		return api.FetchHeader{}, nil, api.Fail(api.NotFound, "what", b.Path)
	}
	var r io.Reader = bytes.NewReader(content)
	if f.e.Broken > 0 {
		r = &breaking{Reader: r, left: f.e.Broken}
	}
	return api.FetchHeader{Path: b.Path, Entries: []api.FileEntry{{Path: "x", Size: int64(len(content))}}}, io.NopCloser(r), f.e.Fault
}

func (f files) Search(_ context.Context, q, path string) (api.Listing, error) {
	f.e.note("search " + q + " " + path)
	return api.Listing{Path: path}, f.e.Fault
}

func (f files) Recent(context.Context) ([]api.Recent, error) {
	return []api.Recent{{Path: "/recent-of-" + f.e.Owner}}, f.e.Fault
}

func (f files) Trash(_ context.Context, path string) (api.TrashedDocument, error) {
	return api.TrashedDocument{Path: path}, f.e.Fault
}

func (f files) Trashed(context.Context, string) (api.Trashed, error) {
	return api.Trashed{}, f.e.Fault
}

func (f files) Untrash(_ context.Context, in api.Untrash) (api.Entry, error) {
	return api.Entry{ID: in.ID, Path: in.Path}, f.e.Fault
}

func (f files) Uploads() api.Uploads {
	f.e.mu.Lock()
	defer f.e.mu.Unlock()
	return f.e.uploads
}

func (f files) PauseUploads(_ context.Context, in api.Uploads) error {
	f.e.mu.Lock()
	f.e.uploads = in
	f.e.mu.Unlock()
	f.e.Events.Changed(api.SectionTransfers)
	return f.e.Fault
}

func (f files) Conflicts(context.Context) ([]api.Conflict, error) {
	return []api.Conflict{{ID: "conflict-of-" + f.e.Owner}}, f.e.Fault
}

func (f files) EndConflict(_ context.Context, id string, answer api.ConflictAnswer) error {
	f.e.note("conflict " + id + " " + string(answer.Keep))
	return f.e.Fault
}

func (f files) Transfers() []api.Transfer               { return nil }
func (f files) Retry(_ context.Context, _ string) error { return f.e.Fault }
func (f files) Discard(context.Context, string) error   { return f.e.Fault }

func (f files) Redirect(context.Context, string, api.Redirect) error { return f.e.Fault }

type apps struct{ e *Engines }

func (a apps) List(context.Context) ([]api.App, error) { return nil, a.e.Fault }

func (a apps) Check(_ context.Context, app api.Session) error {
	a.e.note("check " + app.ID)
	return a.e.Fault
}

func (a apps) Answer(context.Context, api.Session, api.UpgradeAnswer) error { return a.e.Fault }
func (a apps) AnswerUser(context.Context, api.UserUpgradeAnswer) error      { return a.e.Fault }

func (a apps) Install(_ context.Context, product string) error {
	a.e.note("install " + product)
	return a.e.Fault
}

func (a apps) Uninstall(_ context.Context, product string) error {
	a.e.note("uninstall " + product)
	return a.e.Fault
}

func (a apps) SessionOpened(app api.Session) { a.e.note("apps opened " + app.ID) }
func (a apps) SessionClosed(app api.Session) { a.e.note("apps closed " + app.ID) }

type solves struct{ e *Engines }

func (s solves) List(context.Context) ([]api.Solve, error) { return nil, s.e.Fault }
func (s solves) Cancel(_ context.Context, _ string) error  { return s.e.Fault }

type health struct{ e *Engines }

func (h health) Warnings() []api.Warning { return nil }

func (h health) Doctor(context.Context) []api.Check {
	if h.e.Panic {
		panic("the doctor is ill")
	}
	return []api.Check{{Name: "socket", OK: true}}
}

type settings struct{ e *Engines }

func (s settings) Settings() api.Settings {
	now := api.DefaultSettings()
	now.Workspace = s.e.Workspace
	return now
}

func (s settings) Change(_ context.Context, c api.SettingsChange) (api.Settings, error) {
	now := s.Settings()
	if c.Theme != nil {
		now.Theme = *c.Theme
	}
	return now, s.e.Fault
}

type messages struct{ e *Engines }

func (m messages) List(context.Context) ([]api.Message, error) {
	return []api.Message{{ID: "1", Kind: api.MessagePublished, Path: "/of/" + m.e.Owner}}, m.e.Fault
}

func (m messages) Read(_ context.Context, ids []string) error {
	m.e.note("read " + strings.Join(ids, " "))
	return m.e.Fault
}
