package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/server"
	"iscdesk.dev/agent/session"
)

func noise(size int) []byte {
	b := make([]byte, size)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	return b
}

func begin(content []byte) api.SaveBegin {
	return api.SaveBegin{
		Operation: "operation-1", Kind: api.Single, Name: "part.step",
		Entries: []api.FileEntry{{Path: "part.step", Size: int64(len(content))}},
	}
}

func commit() api.SaveCommit { return api.SaveCommit{Operation: "operation-1"} }

// save sends content and commits it.
func save(t *testing.T, c *session.Client, b api.SaveBegin, content []byte) (api.Saved, error) {
	t.Helper()
	var saved api.Saved
	if err := c.Call(t.Context(), api.CallSaveBegin, b, nil); err != nil {
		return saved, err
	}
	if err := errors.Join(c.WriteContent(content), c.EndContent()); err != nil {
		t.Fatal(err)
	}
	return saved, c.Call(t.Context(), api.CallSaveCommit, commit(), &saved)
}

func TestSaveAndFetch(t *testing.T) {
	r := newRig(t)
	c := r.transfer(alice)
	content := noise(5<<20 + 17)
	saved, err := save(t, c, begin(content), content)
	if err != nil || saved.Size != int64(len(content)) {
		t.Fatalf("%+v, %v", saved, err)
	}
	if !bytes.Equal(r.Engines(alice).Document(saved.Path), content) {
		t.Fatal("the content is another")
	}
	for range 2 { // one connection, one transfer after the other
		var header api.FetchHeader
		if err := c.Call(t.Context(), api.CallFetchBegin, api.FetchBegin{Path: saved.Path}, &header); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(c.Content())
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("fetched %d bytes, %v", len(got), err)
		}
	}
	if err := r.transfer(bob).Call(t.Context(), api.CallFetchBegin, api.FetchBegin{Path: saved.Path}, nil); !errors.Is(err, api.NotFound) {
		t.Errorf("bob fetches alice's document: %v", err)
	}
}

func TestSavesThatGoWrong(t *testing.T) {
	content := noise(3000)
	for _, row := range []struct {
		name   string
		change func(*api.SaveBegin)
		fault  error
		want   api.Code
	}{
		{"more content than announced", func(b *api.SaveBegin) { b.Entries[0].Size-- }, nil, api.InvalidArgument},
		{"the disk is full", func(*api.SaveBegin) {}, api.Fail(api.DiskFull), api.DiskFull},
		{"a negative size", func(b *api.SaveBegin) { b.Entries[0].Size = -1 }, nil, api.InvalidArgument},
		{"no entry", func(b *api.SaveBegin) { b.Entries = nil }, nil, api.InvalidArgument},
		{"no operation", func(b *api.SaveBegin) { b.Operation = "" }, nil, api.InvalidArgument},
		{"no kind", func(b *api.SaveBegin) { b.Kind = "" }, nil, api.InvalidArgument},
		{"no name", func(b *api.SaveBegin) { b.Name = "" }, nil, api.InvalidArgument},
		{"a relative path", func(b *api.SaveBegin) { b.Path = "x" }, nil, api.InvalidArgument},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t)
			r.Engines(alice).WriteFault = row.fault
			b := begin(content)
			row.change(&b)
			if _, err := save(t, r.transfer(alice), b, content); !errors.Is(err, row.want) {
				t.Fatalf("got %v", err)
			}
			if r.Engines(alice).Document("/"+alice+"/part.step") != nil {
				t.Error("it was kept all the same")
			}
		})
	}
}

func TestCommitOfAnotherOperation(t *testing.T) {
	r := newRig(t)
	c := r.transfer(alice)
	if err := c.Call(t.Context(), api.CallSaveCommit, commit(), nil); !errors.Is(err, api.NotFound) {
		t.Errorf("without a save: %v", err)
	}
	if err := c.Call(t.Context(), api.CallSaveBegin, begin(nil), nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Call(t.Context(), api.CallSaveCommit, api.SaveCommit{Operation: "other"}, nil); !errors.Is(err, api.NotFound) {
		t.Errorf("of another: %v", err)
	}
	if err := c.Call(t.Context(), api.CallSaveCommit, commit(), nil); err != nil {
		t.Errorf("of its own: %v", err)
	}
}

func TestASaveThatIsNotCommittedIsGivenUp(t *testing.T) {
	r := newRig(t, limits(func(l *server.Limits) { l.ContentWait = 500 * time.Millisecond }))
	gone, silent, again := r.transfer(alice), r.transfer(alice), r.transfer(alice)
	for _, c := range []*session.Client{gone, silent, again} {
		if err := c.Call(t.Context(), api.CallSaveBegin, begin(noise(100)), nil); err != nil {
			t.Fatal(err)
		}
	}
	_ = gone.Close()
	if _, err := save(t, again, begin(noise(100)), noise(100)); err != nil {
		t.Fatal(err)
	}
	r.eventually("all three are given up", func() bool { return r.Engines(alice).Aborted() == 3 })
}

func TestContentWithoutASaveIsAProtocolError(t *testing.T) {
	r := newRig(t)
	c := r.raw(alice)
	h := hello("transfer")
	h.Role = api.RoleTransfer
	if _, err := c.Write(helloFrame(h)); err != nil {
		t.Fatal(err)
	}
	if m := next(t, c); m.Error != nil {
		t.Fatal(m.Error)
	}
	if _, err := c.Write(frame(2, 2, "x")); err != nil {
		t.Fatal(err)
	}
	if m := next(t, c); !errors.Is(m.Error, api.Protocol) {
		t.Errorf("got %v", m.Error)
	}
	if _, err := io.Copy(io.Discard, c); err != nil {
		t.Errorf("still open: %v", err)
	}
}

func TestAFetchThatBreaks(t *testing.T) {
	r := newRig(t)
	e := r.Engines(alice)
	e.Broken = 1 << 20
	e.Put("/doc", noise(3<<20))
	c := r.transfer(alice)
	if err := c.Call(t.Context(), api.CallFetchBegin, api.FetchBegin{Path: "/doc"}, nil); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c.Content())
	if len(got) != 1<<20 || !errors.Is(err, api.ContentDamaged) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if err := c.Call(t.Context(), api.CallHeartbeat, nil, nil); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// endless is a document without an end that counts what was read of it.
type endless struct{ read chan int }

func (e endless) Read(p []byte) (int, error) {
	e.read <- len(p)
	return len(p), nil
}

func (e endless) Close() error {
	close(e.read)
	return nil
}

type endlessFiles struct {
	server.Files
	doc endless
}

func (f endlessFiles) Fetch(context.Context, api.FetchBegin) (api.FetchHeader, io.ReadCloser, error) {
	return api.FetchHeader{}, f.doc, nil
}

func TestASlowReaderSlowsTheSource(t *testing.T) {
	doc := endless{read: make(chan int)}
	r := newRig(t, limits(func(l *server.Limits) { l.WriteWait = 300 * time.Millisecond }))
	r.Change = func(u *server.User) { u.Files = endlessFiles{u.Files, doc} }
	c := r.transfer(alice)
	if err := c.Call(t.Context(), api.CallFetchBegin, api.FetchBegin{Path: "/doc"}, nil); err != nil {
		t.Fatal(err)
	}
	taken := 0
	for n := range doc.read { // closed when the server has given up the reader
		taken += n
	}
	const most = 4 << 20 // what the kernel holds, and a piece
	if taken == 0 || taken > most {
		t.Errorf("%d bytes were read for a peer that takes none", taken)
	}
}

func TestLicenseFile(t *testing.T) {
	r := newRig(t)
	fetch := func(user string) (string, error) {
		c := r.transfer(user)
		var header api.FetchHeader
		err := c.Call(t.Context(), api.CallLicenseFile, api.LicenseFileFetch{Request: "request-of-" + alice}, &header)
		if err != nil {
			return "", err
		}
		b, err := io.ReadAll(c.Content())
		return string(b), err
	}
	if got, err := fetch(alice); err != nil || got != "licence of "+alice {
		t.Errorf("alice: %q, %v", got, err)
	}
	if got, err := fetch(bob); !errors.Is(err, api.NotFound) {
		t.Errorf("bob: %q, %v", got, err)
	}
}

func TestATransferTakesOnlyTransfers(t *testing.T) {
	r := newRig(t)
	c := r.transfer(alice)
	err := c.Call(t.Context(), api.CallLicenseRequest, api.LicenseRequest{Kind: api.LicenseString}, nil)
	if !errors.Is(err, api.Unsupported) {
		t.Errorf("got %v", err)
	}
	if _, body := r.call(alice, api.RouteState, ""); strings.Contains(body, "transfer-of-") {
		t.Errorf("it stands among the sessions: %s", body)
	}
}
