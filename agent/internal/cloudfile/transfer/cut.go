package transfer

import (
	"context"
	"io"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/chunk"
	"iscdesk.dev/agent/internal/cloudfile/stage"
	"iscdesk.dev/marketplace/agentapi"
)

// Uncut describes content whose chunks are not known yet.
func Uncut(entries []api.FileEntry) agentapi.Manifest {
	m := agentapi.Manifest{Entries: make([]agentapi.ManifestEntry, len(entries))}
	for i, e := range entries {
		m.Entries[i] = agentapi.ManifestEntry{Path: e.Path, Size: e.Size, Hash: e.Hash, Executable: e.Executable}
	}
	return m
}

// IsCut tells whether the chunks of every file are known.
func IsCut(m agentapi.Manifest) bool {
	for _, e := range m.Entries {
		if e.Chunks == nil {
			return false
		}
	}
	return true
}

// Cut finds the chunks of staged content and checks on the way that every file
// is still what its hash says. It gives m with the chunks; cutting again gives
// the same ones. It ends with ctx.
func Cut(ctx context.Context, open func() (*stage.Blob, error), m agentapi.Manifest) (agentapi.Manifest, error) {
	splitter, err := chunk.NewSplitter()
	if err != nil {
		return agentapi.Manifest{}, api.Fail(api.Internal).Because(err)
	}
	blob, err := open()
	if err != nil {
		return agentapi.Manifest{}, spoilt(err)
	}
	content := blob.Content(Entries(m))
	defer func() { _ = content.Close() }() // it was only read
	out := agentapi.Manifest{Entries: make([]agentapi.ManifestEntry, len(m.Entries))}
	for i, e := range m.Entries {
		if e.Chunks, err = cutFile(splitter, io.LimitReader(until{ctx, content}, e.Size), e); err != nil {
			return agentapi.Manifest{}, spoilt(err)
		}
		out.Entries[i] = e
	}
	return out, nil
}

// cutFile reads a file to its end. One that is too small to be cut is one
// chunk, with the hash that it has already.
func cutFile(splitter *chunk.Splitter, content io.Reader, e agentapi.ManifestEntry) ([]agentapi.ChunkRef, error) {
	switch {
	case e.Size == 0:
		return []agentapi.ChunkRef{}, nil // a list in JSON, not null
	case e.Size <= chunk.MinSize:
		_, err := io.Copy(io.Discard, content)
		return []agentapi.ChunkRef{{Hash: e.Hash, Size: int(e.Size)}}, err
	}
	return splitter.Split(content)
}

// until reads as long as nobody has given up.
type until struct {
	ctx context.Context // a reader has no other way to hear of it
	in  io.Reader
}

func (u until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, api.Fail(api.Cancelled).Because(err)
	}
	return u.in.Read(p)
}
