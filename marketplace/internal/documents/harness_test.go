package documents_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/zeebo/blake3"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/documents"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/objects"
	"iscdesk.dev/marketplace/internal/web"
)

// pushed is a push that remembers.
type pushed struct {
	mu   sync.Mutex
	sent []string
}

func (p *pushed) Send(users []string, m agentapi.PushMessage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, fmt.Sprint(users, " ", m.Type, " ", m.ID))
}

func (p *pushed) SendTenant(tenant string, m agentapi.PushMessage) {
	p.Send([]string{"tenant " + tenant}, m)
}

func (p *pushed) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	sent := p.sent
	p.sent = nil
	return sent
}

// fullStore is a store that has no room when it is told so.
type fullStore struct {
	objects.Store
	full atomic.Bool
}

func (f *fullStore) Put(ctx context.Context, key string, content io.Reader) error {
	if f.full.Load() {
		return objects.ErrFull
	}
	return f.Store.Put(ctx, key, content)
}

// market is the documents behind real HTTP. Whoever calls names himself in a
// header: signing in is another package's matter.
type market struct {
	testing.TB
	engine *documents.Engine
	push   *pushed
	server *httptest.Server
	full   *fullStore
	dir    string
	url    string
}

func open(t testing.TB) *market {
	t.Helper()
	m := &market{TB: t, push: &pushed{}, dir: t.TempDir()}
	db, err := database.OpenSQLite(filepath.Join(m.dir, "market.db"))
	m.must(err)
	store, err := objects.OpenFolder(filepath.Join(m.dir, "objects"))
	m.must(err)
	m.full = &fullStore{Store: store}
	m.engine, err = documents.New(t.Context(), db, m.full, m.push)
	m.must(err)
	m.must(m.engine.AddSharedSpace(t.Context(), "sample", "shared"))
	m.must(m.engine.AddSharedSpace(t.Context(), "other", "shared"))
	mux := web.NewMux(slog.New(slog.NewTextHandler(t.Output(), nil)), map[web.Access]web.Guard{web.Bearer: guard})
	m.engine.Routes(mux)
	handler, err := mux.Handler()
	m.must(err)
	m.server = httptest.NewServer(handler)
	m.url = m.server.URL + "/api/agent/v1"
	t.Cleanup(func() {
		m.server.Close()
		m.must(errors.Join(store.Close(), db.Close()))
	})
	return m
}

func guard(r *http.Request) (context.Context, error) {
	for _, u := range []web.User{engineerUser(), colleagueUser(), strangerUser()} {
		if r.Header.Get("Test-User") == u.ID {
			return web.WithUser(r.Context(), u), nil
		}
	}
	return nil, fault.New(fault.SignedOut)
}

func engineerUser() web.User {
	return web.User{ID: "u1", UserName: "engineer", Tenant: "sample"}
}

func colleagueUser() web.User {
	return web.User{ID: "u2", UserName: "colleague", Tenant: "sample"}
}

func strangerUser() web.User {
	return web.User{ID: "u3", UserName: "stranger", Tenant: "other"}
}

func (m *market) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// user calls the marketplace as one of the users.
type user struct {
	*market
	id string
}

func (m *market) engineer() user  { return user{m, "u1"} }
func (m *market) colleague() user { return user{m, "u2"} }
func (m *market) stranger() user  { return user{m, "u3"} }

func (u user) send(method, path string, body io.Reader) (int, []byte) {
	u.Helper()
	r, err := http.NewRequestWithContext(u.Context(), method, u.url+path, body)
	u.must(err)
	r.Header.Set("Test-User", u.id)
	response, err := http.DefaultClient.Do(r)
	u.must(err)
	content, err := io.ReadAll(response.Body)
	u.must(errors.Join(err, response.Body.Close()))
	return response.StatusCode, content
}

// call sends and reads JSON; the error of an answer is its code.
func call[T any](u user, method, path string, body any) (T, error) {
	u.Helper()
	var (
		value T
		input io.Reader
	)
	if body != nil {
		content, err := json.Marshal(body)
		u.must(err)
		input = bytes.NewReader(content)
	}
	status, content := u.send(method, path, input)
	if status >= 400 {
		return value, u.failure(status, content)
	}
	if len(content) > 0 {
		u.must(json.Unmarshal(content, &value))
	}
	return value, nil
}

type failure struct {
	status int
	answer agentapi.Error
}

func (f *failure) Error() string {
	return fmt.Sprintf("%d %s %v", f.status, f.answer.Code, f.answer.Params)
}

func (u user) failure(status int, body []byte) error {
	u.Helper()
	f := &failure{status: status}
	u.must(json.Unmarshal(body, &f.answer))
	return f
}

// expect holds an error to a status and code.
func (m *market) expect(what string, err error, status int, code fault.Code) {
	m.Helper()
	f, ok := errors.AsType[*failure](err)
	if !ok || f.status != status || f.answer.Code != string(code) {
		m.Errorf("%s: %v, want %d %s", what, err, status, code)
	}
}

func hashOf(content []byte) string {
	sum := blake3.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func record(content []byte) []byte {
	sum := blake3.Sum256(content)
	return append(binary.BigEndian.AppendUint32(sum[:], uint32(len(content))), content...)
}

// file is a manifest entry cut into the given chunks.
func file(path string, chunks ...string) agentapi.ManifestEntry {
	e := agentapi.ManifestEntry{Path: path, Chunks: []agentapi.ChunkRef{}}
	whole := blake3.New()
	for _, c := range chunks {
		e.Chunks = append(e.Chunks, agentapi.ChunkRef{Hash: hashOf([]byte(c)), Size: len(c)})
		e.Size += int64(len(c))
		_, _ = whole.WriteString(c)
	}
	e.Hash = hex.EncodeToString(whole.Sum(nil))
	return e
}

func (u user) upload(chunks ...string) {
	u.Helper()
	var pack bytes.Buffer
	for _, c := range chunks {
		pack.Write(record([]byte(c)))
	}
	if status, body := u.send(http.MethodPost, "/packs", &pack); status != http.StatusNoContent {
		u.Fatalf("upload: %d %s", status, body)
	}
}

// single is the publication of a single file of one chunk.
func single(operation, path string, base int, content string) agentapi.Publish {
	return agentapi.Publish{
		OperationID: operation, Path: path, Kind: agentapi.PublishKindSingle, BaseVersion: base,
		Manifest: agentapi.Manifest{Entries: []agentapi.ManifestEntry{file("part.step", content)}},
	}
}

func (u user) publish(p agentapi.Publish) (agentapi.PublishResult, error) {
	u.Helper()
	return call[agentapi.PublishResult](u, http.MethodPost, "/versions", p)
}

// save uploads and publishes a single file.
func (u user) save(operation, path string, base int, content string) agentapi.PublishResult {
	u.Helper()
	u.upload(content)
	result, err := u.publish(single(operation, path, base, content))
	u.must(err)
	return result
}

func (u user) find(path string) (agentapi.Document, error) {
	u.Helper()
	return call[agentapi.Document](u, http.MethodGet, "/documents?path="+url.QueryEscape(path), nil)
}

// read gives the content of the newest version of a single document.
func (u user) read(path string) string {
	u.Helper()
	doc, err := u.find(path)
	u.must(err)
	return u.readVersion(doc.ID, doc.Current.Number)
}

func (u user) readVersion(id string, number int) string {
	u.Helper()
	base := fmt.Sprintf("/documents/%s/versions/%d", id, number)
	manifest, err := call[agentapi.Manifest](u, http.MethodGet, base+"/manifest", nil)
	u.must(err)
	var wanted agentapi.HashList
	for _, c := range manifest.Entries[0].Chunks {
		wanted.Hashes = append(wanted.Hashes, c.Hash)
	}
	body, err := json.Marshal(wanted)
	u.must(err)
	status, records := u.send(http.MethodPost, base+"/chunks", bytes.NewReader(body))
	if status != http.StatusOK {
		u.Fatalf("chunks: %v", u.failure(status, records))
	}
	var content []byte
	for i := 0; len(records) > 0; i++ {
		size := int(binary.BigEndian.Uint32(records[32:36]))
		chunk := records[36 : 36+size]
		if got := hex.EncodeToString(records[:32]); got != wanted.Hashes[i] || got != hashOf(chunk) {
			u.Fatalf("record %d is %s, asked for %s", i, got, wanted.Hashes[i])
		}
		content = append(content, chunk...)
		records = records[36+size:]
	}
	return string(content)
}

func (u user) names(path string) []string {
	u.Helper()
	list, err := call[agentapi.EntryList](u, http.MethodGet, "/entries?path="+url.QueryEscape(path), nil)
	u.must(err)
	names := []string{}
	for _, e := range list.Entries {
		names = append(names, e.Name)
	}
	return names
}

// objectFiles gives the files below a sort of object.
func (m *market) objectFiles(sort string) []string {
	m.Helper()
	var files []string
	err := filepath.WalkDir(filepath.Join(m.dir, "objects", sort), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return nil
	})
	m.must(err)
	return files
}
