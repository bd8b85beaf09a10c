package transfer

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/chunk"
	"iscdesk.dev/marketplace/agentapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func entryOf(path string, pieces ...string) agentapi.ManifestEntry {
	e := agentapi.ManifestEntry{Path: path, Chunks: []agentapi.ChunkRef{}}
	for _, p := range pieces {
		e.Chunks = append(e.Chunks, agentapi.ChunkRef{Hash: chunk.Hash([]byte(p)), Size: len(p)})
		e.Size += int64(len(p))
	}
	e.Hash = chunk.Hash([]byte(strings.Join(pieces, "")))
	return e
}

func TestHostileManifestsAreRefused(t *testing.T) {
	good := func() agentapi.Manifest {
		return agentapi.Manifest{Entries: []agentapi.ManifestEntry{entryOf("a", "one"), entryOf("b/c", "two", "three"), entryOf("empty")}}
	}
	if _, err := CheckManifest(api.Assembly, good()); err != nil {
		t.Fatalf("a good one: %v", err)
	}
	for name, row := range map[string]struct {
		change func(*agentapi.Manifest)
		want   api.Code
	}{
		"a path outside":           {func(m *agentapi.Manifest) { m.Entries[0].Path = "../a" }, api.NameInvalid},
		"an absolute path":         {func(m *agentapi.Manifest) { m.Entries[0].Path = "/a" }, api.NameInvalid},
		"the same twice":           {func(m *agentapi.Manifest) { m.Entries[1].Path = "A" }, api.NameInvalid},
		"a negative size":          {func(m *agentapi.Manifest) { m.Entries[0].Size = -1 }, api.InvalidArgument},
		"sizes that do not add up": {func(m *agentapi.Manifest) { m.Entries[1].Size++ }, api.ContentDamaged},
		"a chunk of nothing":       {func(m *agentapi.Manifest) { m.Entries[0].Chunks[0].Size = 0 }, api.ContentDamaged},
		"a negative chunk":         {func(m *agentapi.Manifest) { m.Entries[1].Chunks[0].Size = -5 }, api.ContentDamaged},
		"a chunk of a gigabyte":    {func(m *agentapi.Manifest) { m.Entries[0].Chunks[0].Size = 1 << 30; m.Entries[0].Size = 1 << 30 }, api.ContentDamaged},
		"a hash that is none":      {func(m *agentapi.Manifest) { m.Entries[0].Chunks[0].Hash = "x" }, api.ContentDamaged},
		"no entries":               {func(m *agentapi.Manifest) { m.Entries = nil }, api.InvalidArgument},
	} {
		m := good()
		row.change(&m)
		if _, err := CheckManifest(api.Assembly, m); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %s", name, err, row.want)
		}
	}
}

// source answers every fetch with what answer makes of the right records.
type source struct {
	content map[string]string
	answer  func([]byte) io.Reader
}

func (s source) FetchChunks(_ context.Context, _ string, _ int, hashes []string) (io.ReadCloser, error) {
	var out []byte
	for _, h := range hashes {
		raw, _ := hex.DecodeString(h)
		out = binary.BigEndian.AppendUint32(append(out, raw...), uint32(len(s.content[h])))
		out = append(out, s.content[h]...)
	}
	return io.NopCloser(s.answer(out)), nil
}

func newSource(pieces ...string) source {
	s := source{content: map[string]string{}, answer: func(b []byte) io.Reader { return bytes.NewReader(b) }}
	for _, p := range pieces {
		s.content[chunk.Hash([]byte(p))] = p
	}
	return s
}

func TestFetchGivesTheContent(t *testing.T) {
	s := newSource("one", "two")
	m := agentapi.Manifest{Entries: []agentapi.ManifestEntry{entryOf("e0"), entryOf("a", "one", "two", "one"), entryOf("b", "two"), entryOf("e1")}}
	for name, answer := range map[string]func([]byte) io.Reader{
		"whole":        func(b []byte) io.Reader { return bytes.NewReader(b) },
		"byte by byte": func(b []byte) io.Reader { return iotest.OneByteReader(bytes.NewReader(b)) },
	} {
		s.answer = answer
		r := Fetch(t.Context(), s, Version{Document: "d", Number: 1, Manifest: m})
		got, err := io.ReadAll(r)
		if err != nil || string(got) != "onetwoonetwo" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAFetchThatIsGivenUpEnds(t *testing.T) {
	s := newSource(strings.Repeat("x", 1000))
	big := make([]string, 5000)
	for i := range big {
		big[i] = strings.Repeat("x", 1000)
	}
	r := Fetch(t.Context(), s, Version{Manifest: agentapi.Manifest{Entries: []agentapi.ManifestEntry{entryOf("a", big...)}}})
	if _, err := io.ReadFull(r, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestAnEntryWhoseHashIsWrong(t *testing.T) {
	s := newSource("one", "two")
	m := agentapi.Manifest{Entries: []agentapi.ManifestEntry{entryOf("a", "one"), entryOf("b", "two")}}
	m.Entries[0].Hash = m.Entries[1].Hash
	r := Fetch(t.Context(), s, Version{Manifest: m})
	if _, err := io.ReadAll(r); !errors.Is(err, api.ContentDamaged) || api.AsError(err).Params["what"] != "a" {
		t.Errorf("got %v", err)
	}
	_ = r.Close()
}

func FuzzReadRecord(f *testing.F) {
	hash := chunk.Hash([]byte("one"))
	good, err := appendRecord(nil, hash, []byte("one"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:20])
	f.Add(bytes.Repeat([]byte{0xff}, 40))
	f.Fuzz(func(t *testing.T, record []byte) {
		got, err := readRecord(bytes.NewReader(record), hash, 3)
		if err == nil && string(got) != "one" {
			t.Errorf("took %q", got)
		}
		if err != nil && !errors.Is(err, api.ContentDamaged) && !errors.Is(err, api.Offline) {
			t.Errorf("%v is no code that is expected", err)
		}
	})
}
