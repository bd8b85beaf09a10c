package cloudfile

import (
	"encoding/json"
	"net/http"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// What the marketplace for tests does with documents that are set aside.

func (m *market) get(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, err := m.byID(r)
	if err != nil {
		return nil, err
	}
	return m.view(d, r), nil
}

func (m *market) operation(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if done, ok := m.done[r.PathValue("id")]; ok {
		return done, nil
	}
	return nil, api.Fail(api.NotFound, "what", r.PathValue("id"))
}

func (m *market) search(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	q, path := r.URL.Query().Get("q"), strings.TrimSuffix(r.URL.Query().Get("path"), "/")
	out := agentapi.EntryList{Path: path, Entries: []agentapi.Entry{}}
	for _, d := range m.docs {
		if !d.aside && strings.HasPrefix(d.Path, path+"/") && strings.Contains(strings.ToLower(d.Name), strings.ToLower(q)) {
			out.Entries = append(out.Entries, agentapi.Entry{Name: d.Name, Path: d.Path, Document: m.view(d, r)})
		}
	}
	return out, nil
}

func (m *market) trashed(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := agentapi.TrashList{Documents: []agentapi.TrashedDocument{}}
	for _, d := range m.docs {
		if d.aside {
			out.Documents = append(out.Documents, agentapi.TrashedDocument{Document: m.view(d, r), By: "somebody"})
		}
	}
	return out, nil
}

func (m *market) trash(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	var in agentapi.TrashRequest
	_ = json.NewDecoder(r.Body).Decode(&in)
	m.mu.Lock()
	defer m.mu.Unlock()
	d, err := m.byID(r)
	if err == nil {
		err = m.replaceable(d, in.Version, r)
	}
	if err != nil {
		return nil, err
	}
	d.aside = true
	return agentapi.TrashedDocument{Document: m.view(d, r), By: user(r)}, nil
}

func (m *market) untrash(_ http.ResponseWriter, r *http.Request) (any, *api.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.docs[r.PathValue("id")]
	switch {
	case d == nil:
		return nil, api.Fail(api.NotFound, "what", r.PathValue("id"))
	case m.at(d.Path) != nil:
		return nil, api.Fail(api.Exists, "what", d.Path)
	}
	d.aside = false
	return m.view(d, r), nil
}

// replaceable refuses as the marketplace does.
func (m *market) replaceable(d *doc, version int, r *http.Request) *api.Error {
	if by := d.Checkout.UserID; by != "" && by != user(r) {
		return api.Fail(api.DocumentCheckedOut, "path", d.Path, "owner", by)
	}
	if version != 0 && version != len(d.versions) {
		return api.Fail(api.DocumentChanged, "path", d.Path)
	}
	return nil
}

func (m *market) resolve(w http.ResponseWriter, r *http.Request) (any, *api.Error) {
	var in agentapi.Resolve
	_ = json.NewDecoder(r.Body).Decode(&in)
	result, err := m.end(in, r)
	if err == nil && m.takes(&m.LoseAnswers) {
		hangUp(w)
		return nil, nil
	}
	return result, err
}

func (m *market) end(in agentapi.Resolve, r *http.Request) (agentapi.PublishResult, *api.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if before, ok := m.done[in.OperationID]; ok {
		return before, nil
	}
	d, err := m.byID(r)
	if err != nil {
		return agentapi.PublishResult{}, err
	}
	copied := m.docs[in.CopyID]
	if err := m.replaceable(copied, in.CopyVersion, r); err != nil {
		return agentapi.PublishResult{}, err
	}
	if in.Keep == agentapi.Mine {
		if err := m.replaceable(d, in.Version, r); err != nil {
			return agentapi.PublishResult{}, err
		}
		m.add(d, copied.content[len(copied.content)-1], in.OperationID)
	}
	copied.aside = true
	view := m.view(d, r)
	m.done[in.OperationID] = agentapi.PublishResult{Document: view, Version: view.Current}
	return m.done[in.OperationID], nil
}

// newest is the content of a document as its users see it.
func (m *market) newest(path string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.at(path)
	if d == nil {
		return ""
	}
	var b strings.Builder
	for _, e := range d.content[len(d.content)-1].Entries {
		for _, x := range e.Chunks {
			b.Write(m.chunks[x.Hash])
		}
	}
	return b.String()
}

// shown are the paths of the documents that users see.
func (m *market) shown() (paths []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.docs {
		if !d.aside {
			paths = append(paths, d.Path)
		}
	}
	return paths
}
