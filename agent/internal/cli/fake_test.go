package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

// fakeService answers from its fields. Knobs that are nil answer with what is
// natural; what a test does not expect fails it.
type fakeService struct {
	Service // panics for what is not overridden
	t       *testing.T

	state    api.State
	stateErr error
	folders  map[string][]api.Entry
	listErr  error
	messages []api.WatchMessage
	checks   []api.Check
	policy   api.Policy
	logs     api.Logs
	complete func(api.LoginComplete) (api.Account, error)
	begun    api.LoginBegun
	onBegin  func(api.LoginBegin)
	saved    api.Saved
	opened   map[string]api.OpenedDocument // by file name
	history  map[string][]api.Version

	settings api.Settings // Language empty: the usual ones
	changes  []api.SettingsChange
	happened []api.Message

	saves   []SaveOrder
	fetches []FetchOrder
	answers map[string]api.PickAnswer
	moved   []string
}

func (f *fakeService) State(context.Context) (api.State, error) { return f.state, f.stateErr }
func (f *fakeService) Apps(context.Context) ([]api.App, error)  { return f.state.Apps, f.stateErr }

func (f *fakeService) Solves(context.Context) ([]api.Solve, error) { return f.state.Solves, f.stateErr }
func (f *fakeService) Policy(context.Context) (api.Policy, error)  { return f.policy, nil }

func (f *fakeService) Settings(context.Context) (api.Settings, error) {
	if f.settings.Language == "" {
		return api.DefaultSettings(), f.stateErr
	}
	return f.settings, f.stateErr
}

func (f *fakeService) ChangeSettings(_ context.Context, c api.SettingsChange) (api.Settings, error) {
	f.changes = append(f.changes, c)
	return f.Settings(context.Background())
}

func (f *fakeService) Messages(context.Context) ([]api.Message, error) { return f.happened, f.stateErr }

func (f *fakeService) ReadMessages(_ context.Context, ids ...string) error {
	f.moved = append(f.moved, "read "+strings.Join(ids, " "))
	return nil
}

func (f *fakeService) Uninstall(_ context.Context, product string) error {
	f.moved = append(f.moved, "uninstall "+product)
	return f.stateErr
}

func (f *fakeService) Doctor(context.Context) ([]api.Check, error) { return f.checks, nil }
func (f *fakeService) Logs(context.Context) (api.Logs, error)      { return f.logs, f.stateErr }
func (f *fakeService) Licenses(context.Context) ([]api.License, error) {
	return f.state.Licenses, f.stateErr
}

func (f *fakeService) Watch(context.Context) (Watch, error) {
	return &fakeWatch{f.messages}, f.stateErr
}

func (f *fakeService) Retry(_ context.Context, operation string) error {
	f.moved = append(f.moved, operation)
	return nil
}

func (f *fakeService) Redirect(_ context.Context, operation string, to api.Redirect) error {
	f.moved = append(f.moved, operation+" to "+to.Path)
	return nil
}

func (f *fakeService) Discard(_ context.Context, operation string) error {
	f.moved = append(f.moved, "discard "+operation)
	return nil
}

func (f *fakeService) CreateFolder(_ context.Context, p string) error {
	f.moved = append(f.moved, p)
	return nil
}

func (f *fakeService) List(_ context.Context, folder string) (api.Listing, error) {
	if f.listErr != nil {
		return api.Listing{}, f.listErr
	}
	entries, ok := f.folders[folder]
	for _, e := range f.folders[path.Dir(folder)] {
		if !ok && e.Name == path.Base(folder) {
			return api.Listing{}, api.Fail(api.InvalidArgument, "argument", "path", "reason", "it is a document")
		}
	}
	if !ok {
		return api.Listing{}, api.Fail(api.NotFound, "what", folder)
	}
	for i := range entries {
		entries[i].Path = path.Join(folder, entries[i].Name)
	}
	return api.Listing{Path: folder, Entries: entries}, nil
}

func (f *fakeService) History(_ context.Context, p string) ([]api.Version, error) {
	versions, ok := f.history[p]
	if !ok {
		return nil, api.Fail(api.NotFound, "what", p)
	}
	return versions, nil
}

func (f *fakeService) AnswerPick(_ context.Context, id string, answer api.PickAnswer) error {
	if f.answers == nil {
		f.answers = map[string]api.PickAnswer{}
	}
	f.answers[id] = answer
	return nil
}

func (f *fakeService) Save(_ context.Context, order SaveOrder) (api.Saved, error) {
	f.saves = append(f.saves, order)
	return f.saved, nil
}

func (f *fakeService) Lookup(_ context.Context, local string) (api.OpenedDocument, error) {
	opened, ok := f.opened[filepath.Base(local)]
	if !ok {
		return opened, api.Fail(api.NotFound, "what", local)
	}
	return opened, nil
}

func (f *fakeService) Fetch(_ context.Context, order FetchOrder) (Fetched, error) {
	f.fetches = append(f.fetches, order)
	return Fetched{LocalPath: order.Local, Path: order.Cloud, Version: 3, Kind: api.Single}, nil
}

func (f *fakeService) CheckOut(_ context.Context, p string) (api.Entry, error) {
	f.moved = append(f.moved, p)
	return api.Entry{Path: p, Mine: true}, nil
}

func (f *fakeService) LoginBegin(_ context.Context, b api.LoginBegin) (api.LoginBegun, error) {
	if f.onBegin != nil {
		f.onBegin(b)
	}
	return f.begun, nil
}

func (f *fakeService) LoginCancel(context.Context, api.LoginCancel) error { return nil }

func (f *fakeService) LoginComplete(_ context.Context, c api.LoginComplete) (api.Account, error) {
	return f.complete(c)
}

// fakeWatch gives its messages and then ends as a service that stops.
type fakeWatch struct{ messages []api.WatchMessage }

func (w *fakeWatch) Close() {}

func (w *fakeWatch) Next(context.Context) (api.WatchMessage, error) {
	if len(w.messages) == 0 {
		return api.WatchMessage{}, api.Fail(api.ShuttingDown)
	}
	m := w.messages[0]
	w.messages = w.messages[1:]
	return m, nil
}

func event(name string, data any) api.WatchMessage {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err) // the types of package api always encode
	}
	return api.WatchMessage{Event: &api.Event{Seq: 1, Name: name, Data: raw}}
}

// ran is how a command line ended.
type ran struct {
	out, err string
	exit     int
}

// run runs a command line against the fake.
func (f *fakeService) run(t *testing.T, in string, args ...string) ran {
	t.Helper()
	return f.runWith(t, environment(), strings.NewReader(in), args...)
}

func (f *fakeService) runWith(t *testing.T, env func(string) string, in io.Reader, args ...string) ran {
	t.Helper()
	f.t = t
	return runFor(t, f, env, in, args...)
}

// runFor runs a command line against a service.
func runFor(t *testing.T, service Service, env func(string) string, in io.Reader, args ...string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	exit := Run(t.Context(), Env{
		In: in, Out: &out, Err: &errs, Getenv: env, Version: "1.2.3",
		Interruptible: func() {}, Connect: func(string) Service { return service },
	}, args)
	return ran{out.String(), errs.String(), exit}
}
