package cloudfile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloud"
	"iscdesk.dev/agent/internal/cloudfile/chunk"
	"iscdesk.dev/marketplace/agentapi"
)

// market is a marketplace for tests: documents, versions and chunks in
// memory behind the real HTTP API, with knobs for what can go wrong. The
// bearer token is the name of the user.
type market struct {
	*httptest.Server
	t testing.TB

	mu      sync.Mutex
	chunks  map[string][]byte
	docs    map[string]*doc // by id
	folders map[string]bool
	done    map[string]agentapi.PublishResult // by operation

	// Fail decides before a call whether it fails, with which error.
	Fail func(call string) *api.Error
	// CutPacks cuts that many packs off in their middle, after keeping a part.
	CutPacks int
	// LoseAnswers ends that many publications without an answer, after the fact.
	LoseAnswers int
	// CutFetches cuts that many fetches of chunks off in their middle.
	CutFetches int
	// Spoil changes a byte of the next fetched chunk.
	Spoil int
	// OnChunk hears of every chunk that has arrived.
	OnChunk func(hash string)
	// Calls counts the calls by name.
	Calls map[string]int
}

type doc struct {
	agentapi.Document
	versions []agentapi.Version
	content  []agentapi.Manifest
	aside    bool
}

func newMarket(t testing.TB) *market {
	m := &market{t: t, chunks: map[string][]byte{}, docs: map[string]*doc{}, folders: map[string]bool{"/": true}, done: map[string]agentapi.PublishResult{}, Calls: map[string]int{}}
	mux := http.NewServeMux()
	for pattern, call := range map[string]func(http.ResponseWriter, *http.Request) (any, *api.Error){
		"GET /spaces": func(http.ResponseWriter, *http.Request) (any, *api.Error) {
			return agentapi.SpaceList{Spaces: []agentapi.Space{{ID: "t", Name: "team"}, {ID: "p", Name: "me", Personal: true}}}, nil
		},
		"GET /entries":                              m.entries,
		"POST /folders":                             m.createFolder,
		"GET /documents":                            m.find,
		"GET /documents/{id}/versions":              m.history,
		"GET /documents/{id}/versions/{n}/manifest": m.manifest,
		"POST /documents/{id}/versions/{n}/chunks":  m.fetch,
		"POST /documents/{id}/checkout":             m.checkOut,
		"POST /documents/{id}/checkin":              m.checkIn,
		"POST /documents/{id}/restore":              m.restore,
		"GET /documents/{id}":                       m.get,
		"POST /documents/{id}/trash":                m.trash,
		"POST /documents/{id}/untrash":              m.untrash,
		"POST /documents/{id}/resolve":              m.resolve,
		"GET /operations/{id}":                      m.operation,
		"GET /trash":                                m.trashed,
		"GET /search":                               m.search,
		"POST /chunks/missing":                      m.missing,
		"POST /packs":                               m.pack,
		"POST /versions":                            m.publish,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+cloud.Prefix+path, m.answer(pattern, call))
	}
	m.Server = httptest.NewServer(mux)
	t.Cleanup(m.Close)
	return m
}

func (m *market) answer(name string, call func(http.ResponseWriter, *http.Request) (any, *api.Error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		m.Calls[name]++
		fail := m.Fail
		m.mu.Unlock()
		var out any
		var err *api.Error
		if fail != nil {
			err = fail(name)
		}
		if err == nil {
			out, err = call(w, r)
		}
		if err != nil {
			status := http.StatusInternalServerError
			if row, ok := api.Lookup(err.Code); ok {
				status = row.HTTP
			}
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(agentapi.Error{Code: string(err.Code), Params: err.Params})
			return
		}
		if out != nil {
			_ = json.NewEncoder(w).Encode(out)
		}
	}
}

// set changes knobs while the marketplace runs.
func (m *market) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
}

func (m *market) takes(knob *int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if *knob == 0 {
		return false
	}
	*knob--
	return true
}

func user(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func (m *market) view(d *doc, r *http.Request) agentapi.Document {
	out := d.Document
	out.Current = d.versions[len(d.versions)-1]
	out.Checkout.Mine = out.Checkout.UserID != "" && out.Checkout.UserID == user(r)
	return out
}

func (m *market) at(path string) *doc {
	for _, d := range m.docs {
		if d.Path == path && !d.aside {
			return d
		}
	}
	return nil
}

func (m *market) entries(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	path := r.URL.Query().Get("path")
	out := agentapi.EntryList{Path: path, Entries: []agentapi.Entry{}}
	for _, d := range m.docs {
		if folder, name, _ := cutLast(d.Path); folder == path && !d.aside {
			out.Entries = append(out.Entries, agentapi.Entry{Name: name, Path: d.Path, Document: m.view(d, r)})
		}
	}
	return out, nil
}

func (m *market) createFolder(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	var in agentapi.FolderCreate
	_ = json.NewDecoder(r.Body).Decode(&in)
	m.mu.Lock()
	defer m.mu.Unlock()
	for p := in.Path; p != "/"; p, _, _ = cutLast(p) {
		m.folders[p] = true
	}
	return nil, nil
}

func (m *market) find(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if d := m.at(r.URL.Query().Get("path")); d != nil {
		return m.view(d, r), nil
	}
	return nil, api.Fail(api.NotFound, "what", r.URL.Query().Get("path"))
}

func (m *market) byID(r *http.Request) (*doc, *api.Error) {
	if d := m.docs[r.PathValue("id")]; d != nil && !d.aside {
		return d, nil
	}
	return nil, api.Fail(api.NotFound, "what", r.PathValue("id"))
}

func (m *market) history(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, err := m.byID(r)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(d.versions)
	slices.Reverse(out)
	return agentapi.VersionList{Versions: out}, nil
}

func (m *market) version(r *http.Request) (agentapi.Manifest, *api.Error) {
	d, err := m.byID(r)
	n, _ := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 1 || n > len(d.content) {
		return agentapi.Manifest{}, api.Fail(api.NotFound, "what", "version")
	}
	return d.content[n-1], nil
}

func (m *market) manifest(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.version(r)
}

func (m *market) fetch(w http.ResponseWriter, r *http.Request) (any, *api.Error) {
	var in agentapi.HashList
	_ = json.NewDecoder(r.Body).Decode(&in)
	var out []byte
	m.mu.Lock()
	for _, hash := range in.Hashes {
		raw, _ := hex.DecodeString(hash)
		out = binary.BigEndian.AppendUint32(append(out, raw...), uint32(len(m.chunks[hash])))
		out = append(out, m.chunks[hash]...)
	}
	m.mu.Unlock()
	if m.takes(&m.Spoil) {
		out[len(out)-1] ^= 1
	}
	if m.takes(&m.CutFetches) {
		_, _ = w.Write(out[:len(out)/2])
		_ = http.NewResponseController(w).Flush()
		hangUp(w)
		return nil, nil
	}
	_, _ = w.Write(out)
	return nil, nil
}

// hangUp closes the connection in the middle of an answer, or before there is
// any.
func hangUp(w http.ResponseWriter) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = c.Close()
	}
}

func (m *market) checkOut(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, err := m.byID(r)
	if err != nil {
		return nil, err
	}
	if by := d.Checkout.UserID; by != "" && by != user(r) {
		return nil, api.Fail(api.DocumentCheckedOut, "path", d.Path, "owner", by)
	}
	d.Checkout = agentapi.Checkout{UserID: user(r), UserName: user(r)}
	return m.view(d, r), nil
}

func (m *market) checkIn(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, err := m.byID(r)
	if err != nil {
		return nil, err
	}
	d.Checkout = agentapi.Checkout{}
	return m.view(d, r), nil
}

func (m *market) restore(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	var in agentapi.Restore
	_ = json.NewDecoder(r.Body).Decode(&in)
	m.mu.Lock()
	defer m.mu.Unlock()
	d, err := m.byID(r)
	if err != nil {
		return nil, err
	}
	v := m.add(d, d.content[in.Version-1], in.OperationID)
	return agentapi.PublishResult{Document: m.view(d, r), Version: v}, nil
}

func (m *market) missing(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	var in agentapi.HashList
	_ = json.NewDecoder(r.Body).Decode(&in)
	m.mu.Lock()
	defer m.mu.Unlock()
	out := agentapi.HashList{Hashes: []string{}}
	for _, hash := range in.Hashes {
		if _, ok := m.chunks[hash]; !ok {
			out.Hashes = append(out.Hashes, hash)
		}
	}
	return out, nil
}

func (m *market) pack(w http.ResponseWriter, r *http.Request) (any, *api.Error) {
	in := bufio.NewReader(r.Body)
	cut := m.takes(&m.CutPacks)
	if cut {
		whole, _ := io.ReadAll(r.Body)
		in = bufio.NewReader(bytes.NewReader(whole[:len(whole)/2]))
	}
	for {
		var head [36]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			break
		}
		content := make([]byte, binary.BigEndian.Uint32(head[32:]))
		if _, err := io.ReadFull(in, content); err != nil {
			break
		}
		hash := hex.EncodeToString(head[:32])
		if chunk.Hash(content) != hash {
			return nil, api.Fail(api.ContentDamaged, "what", hash)
		}
		m.mu.Lock()
		m.chunks[hash] = content
		told := m.OnChunk
		m.mu.Unlock()
		if told != nil {
			told(hash)
		}
	}
	if cut {
		hangUp(w)
	}
	return nil, nil
}

func (m *market) publish(w http.ResponseWriter, r *http.Request) (any, *api.Error) {
	var in agentapi.Publish
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, api.Fail(api.Protocol)
	}
	result, err := m.accept(in, r)
	if err == nil && m.takes(&m.LoseAnswers) {
		hangUp(w)
		return nil, nil
	}
	return result, err
}

func (m *market) accept(in agentapi.Publish, r *http.Request) (agentapi.PublishResult, *api.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if before, ok := m.done[in.OperationID]; ok {
		return before, nil
	}
	for _, e := range in.Manifest.Entries {
		for _, c := range e.Chunks {
			if _, ok := m.chunks[c.Hash]; !ok {
				return agentapi.PublishResult{}, api.Fail(api.NotFound, "what", c.Hash)
			}
		}
	}
	if folder, _, _ := cutLast(in.Path); strings.Count(folder, "/") > 1 && !m.folders[folder] {
		return agentapi.PublishResult{}, api.Fail(api.NotFound, "what", folder)
	}
	d := m.docs[in.DocumentID]
	if in.DocumentID != "" && (d == nil || d.aside) {
		return agentapi.PublishResult{}, api.Fail(api.NotFound, "what", in.DocumentID)
	}
	if d == nil {
		d = m.at(in.Path)
	}
	var out agentapi.PublishResult
	switch {
	case d != nil && d.Checkout.UserID != "" && d.Checkout.UserID != user(r):
		return out, api.Fail(api.DocumentCheckedOut, "path", d.Path, "owner", d.Checkout.UserName)
	case d == nil:
		d = m.create(in.Path, in.Kind)
	case in.DocumentID == "" && in.Overwrite:
	case in.DocumentID == "" || len(d.versions) != in.BaseVersion:
		out.ConflictOf = m.view(d, r)
		d = m.create(fmt.Sprintf("%s (conflict %d)", d.Path, len(m.docs)), in.Kind)
	}
	out.Version = m.add(d, in.Manifest, in.OperationID)
	out.Document = m.view(d, r)
	m.done[in.OperationID] = out
	return out, nil
}

func (m *market) create(path string, kind agentapi.PublishKind) *doc {
	_, name, _ := cutLast(path)
	d := &doc{Document: agentapi.Document{ID: fmt.Sprint("d", len(m.docs)+1), Path: path, Name: name, Kind: agentapi.DocumentKind(kind)}}
	m.docs[d.ID] = d
	return d
}

func (m *market) add(d *doc, content agentapi.Manifest, operation string) agentapi.Version {
	v := agentapi.Version{Number: len(d.versions) + 1, OperationID: operation, Author: "somebody"}
	for _, e := range content.Entries {
		v.Size += e.Size
	}
	d.versions, d.content = append(d.versions, v), append(d.content, content)
	return v
}

// put publishes content as somebody else would, past the engine.
func (m *market) put(path, operation string, content []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.at(path)
	if d == nil {
		d = m.create(path, agentapi.PublishKindSingle)
	}
	hash := chunk.Hash(content)
	m.chunks[hash] = content
	_, name, _ := cutLast(path)
	m.add(d, agentapi.Manifest{Entries: []agentapi.ManifestEntry{{
		Path: name, Size: int64(len(content)), Hash: hash, Chunks: []agentapi.ChunkRef{{Hash: hash, Size: len(content)}},
	}}}, operation)
}

// contents are the contents of all versions of all documents whose path begins
// so, in the order of the versions.
func (m *market) contents(prefix string) (out []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var docs []*doc
	for _, d := range m.docs {
		if strings.HasPrefix(d.Path, prefix) {
			docs = append(docs, d)
		}
	}
	slices.SortFunc(docs, func(a, b *doc) int { return strings.Compare(a.Path, b.Path) })
	for _, d := range docs {
		for _, c := range d.content {
			var b bytes.Buffer
			for _, e := range c.Entries {
				for _, x := range e.Chunks {
					b.Write(m.chunks[x.Hash])
				}
			}
			out = append(out, b.String())
		}
	}
	return out
}
