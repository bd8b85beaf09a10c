package workspace

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"testing"

	"github.com/zeebo/blake3"
	"go.uber.org/goleak"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is what the other side of the socket would be: it keeps the newest
// save of each path and the bindings.
type service struct {
	t        *testing.T
	docs     map[string]document // by cloud path
	bindings map[string]api.OpenedDocument
	begun    api.SaveBegin
	content  bytes.Buffer
	out      io.Reader
	commit   api.SaveCommit
	// OnContent is called when the first content arrives.
	OnContent func()
	// Tear ends the content of a fetch with this error after half of it.
	Tear error
	// Done is the hash of what a save's operation has saved before.
	Done string
}

type document struct {
	kind    api.DocumentKind
	entries []api.FileEntry
	content []byte
}

func newService(t *testing.T) *service {
	t.Setenv(RootEnv, t.TempDir())
	return &service{t: t, docs: map[string]document{}, bindings: map[string]api.OpenedDocument{}}
}

func (s *service) Call(_ context.Context, name string, args, out any) error {
	switch a := args.(type) {
	case api.SaveBegin:
		s.begun = a
		s.content.Reset()
		return s.give(out, api.SaveTicket{Operation: a.Operation, Done: s.Done != ""})
	case api.SaveCommit:
		s.commit = a
		if a.Changed != "" {
			return api.Fail(api.FileChanged, "path", a.Changed)
		}
		if s.Done != "" {
			return s.give(out, api.Saved{Operation: a.Operation, Hash: s.Done})
		}
		return s.save(out)
	case api.FetchBegin:
		d, ok := s.docs[a.Path]
		if !ok {
			return api.Fail(api.NotFound, "what", a.Path)
		}
		s.out = bytes.NewReader(d.content)
		if s.Tear != nil {
			s.out = io.MultiReader(bytes.NewReader(d.content[:len(d.content)/2]), torn{s.Tear})
		}
		return s.give(out, api.FetchHeader{Document: "d", Path: a.Path, Kind: d.kind, Version: 1, Entries: d.entries})
	case api.OpenedDocument:
		s.bindings[a.LocalPath] = a
		return nil
	case api.DocumentLookup:
		b, ok := s.bindings[a.LocalPath]
		if !ok {
			return api.Fail(api.NotFound, "what", a.LocalPath)
		}
		return s.give(out, b)
	}
	s.t.Errorf("unknown call %s", name)
	return api.Fail(api.Unsupported)
}

type torn struct{ err error }

func (r torn) Read([]byte) (int, error) { return 0, r.err }

func (s *service) save(out any) error {
	entries := hashed(s.begun.Entries, s.content.Bytes())
	b, bound := s.bindings[s.begun.LocalPath]
	if !bound {
		b = api.OpenedDocument{LocalPath: s.begun.LocalPath, Path: "/me/" + s.begun.Name}
	}
	b.Kind, b.Hash = s.begun.Kind, entry.HashEntries(entries)
	if s.begun.LocalHash != "" {
		b.Hash = s.begun.LocalHash
	}
	s.bindings[s.begun.LocalPath] = b
	s.docs[b.Path] = document{kind: s.begun.Kind, entries: entries, content: bytes.Clone(s.content.Bytes())}
	return s.give(out, api.Saved{Operation: s.begun.Operation, Path: b.Path})
}

// hashed fills in the hashes, and fails where sizes and content differ.
func hashed(entries []api.FileEntry, content []byte) []api.FileEntry {
	out := append([]api.FileEntry(nil), entries...)
	for i := range out {
		sum := blake3.Sum256(content[:out[i].Size])
		out[i].Hash = hex.EncodeToString(sum[:])
		content = content[out[i].Size:]
	}
	return out
}

// put makes a document as somebody else's program would.
func (s *service) put(path string, kind api.DocumentKind, files ...string) {
	var entries []api.FileEntry
	var content []byte
	for i := 0; i+1 < len(files); i += 2 {
		entries = append(entries, api.FileEntry{Path: files[i], Size: int64(len(files[i+1]))})
		content = append(content, files[i+1]...)
	}
	s.docs[path] = document{kind: kind, entries: hashed(entries, content), content: content}
}

func (s *service) give(out, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, out)
}

func (s *service) WriteContent(p []byte) error {
	if s.OnContent != nil {
		s.OnContent()
		s.OnContent = nil
	}
	s.content.Write(p)
	return nil
}

func (s *service) EndContent() error { return nil }

func (s *service) Content() io.Reader { return s.out }
