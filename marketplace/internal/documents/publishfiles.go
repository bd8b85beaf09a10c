package documents

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/zeebo/blake3"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/web"
)

// PublishFiles publishes what the marketplace itself has made, such as the
// results of a solve: all files below the root of source. The manifest of p is
// filled in. What is made again need not be the same to the byte: a repeated
// operation gets the first answer.
func (e *Engine) PublishFiles(ctx context.Context, user web.User, p agentapi.Publish, source fs.FS) (agentapi.PublishResult, error) {
	up := &uploader{engine: e, user: user}
	err := fs.WalkDir(source, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		entry, err := up.file(ctx, source, path)
		p.Manifest.Entries = append(p.Manifest.Entries, entry)
		return err
	})
	if err != nil {
		return agentapi.PublishResult{}, err
	}
	if err := up.flush(ctx); err != nil {
		return agentapi.PublishResult{}, err
	}
	return e.publishOnce(ctx, user, p)
}

// uploader cuts files into chunks and uploads them in packs. It holds at most
// one pack in memory.
type uploader struct {
	engine *Engine
	user   web.User
	pack   bytes.Buffer
}

func (u *uploader) file(ctx context.Context, source fs.FS, path string) (entry agentapi.ManifestEntry, err error) {
	file, err := source.Open(path)
	if err != nil {
		return entry, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	entry = agentapi.ManifestEntry{Path: path, Chunks: []agentapi.ChunkRef{}}
	whole, chunk := blake3.New(), make([]byte, maxChunk)
	for {
		n, err := io.ReadFull(file, chunk)
		if n > 0 {
			h := hashOf(chunk[:n])
			entry.Chunks = append(entry.Chunks, agentapi.ChunkRef{Hash: h.String(), Size: n})
			entry.Size += int64(n)
			_, _ = whole.Write(chunk[:n]) // a hash takes everything
			if err := u.add(ctx, h, chunk[:n]); err != nil {
				return entry, err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			entry.Hash = hash(whole.Sum(nil)).String()
			return entry, nil
		}
		if err != nil {
			return entry, err
		}
	}
}

func (u *uploader) add(ctx context.Context, h hash, content []byte) error {
	if u.pack.Len()+headerSize+len(content) > MaxPack {
		if err := u.flush(ctx); err != nil {
			return err
		}
	}
	return writeRecord(&u.pack, h, content)
}

func (u *uploader) flush(ctx context.Context) error {
	if u.pack.Len() == 0 {
		return nil
	}
	err := u.engine.Upload(ctx, u.user, &u.pack)
	u.pack.Reset()
	return err
}
