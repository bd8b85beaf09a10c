package documents

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// Content is the content of one version.
type Content struct {
	Document agentapi.Document
	Version  agentapi.Version
	Manifest agentapi.Manifest

	engine *Engine
	user   web.User
	stored storedVersion
}

// Open gives the content of a version; NotFound if the user sees no such
// document or it has no such version.
func (e *Engine) Open(ctx context.Context, user web.User, id string, number int) (*Content, error) {
	c := &Content{engine: e, user: user}
	err := e.read(ctx, user, func(v view) error {
		n, err := v.document(ctx, id)
		if err != nil {
			return err
		}
		if c.stored, err = v.version(ctx, id, number); err != nil {
			return err
		}
		c.Version = c.stored.Version
		c.Document, err = v.describe(ctx, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	sum, err := parseHash(c.Version.Hash)
	if err != nil {
		return nil, err
	}
	body, err := e.loadManifest(ctx, c.stored.object, sum)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(body, &c.Manifest); err != nil {
		return nil, damagedBecause(sum, err)
	}
	return c, nil
}

// CopyFile writes the content of one file of the manifest. Every chunk is held
// to its hash before it is written.
func (c *Content) CopyFile(ctx context.Context, w io.Writer, entry agentapi.ManifestEntry) error {
	hashes := make([]hash, 0, len(entry.Chunks))
	for _, ref := range entry.Chunks {
		h, err := parseHash(ref.Hash)
		if err != nil {
			return err
		}
		hashes = append(hashes, h)
	}
	return c.engine.eachChunk(ctx, c.user, c.stored.manifest, hashes, func(_ hash, content []byte) error {
		_, err := w.Write(content)
		return err
	})
}

// Fetch gives chunks of a version to f, in the order asked for. NotFound if
// one of them does not belong to it; then f has not been called.
func (e *Engine) Fetch(ctx context.Context, user web.User, id string, number int, texts []string, f func(h hash, content []byte) error) error {
	hashes, err := parseHashes(texts)
	if err != nil {
		return err
	}
	var stored storedVersion
	err = e.read(ctx, user, func(v view) error {
		if _, err := v.document(ctx, id); err != nil {
			return err
		}
		stored, err = v.version(ctx, id, number)
		return err
	})
	if err != nil {
		return err
	}
	return e.eachChunk(ctx, user, stored.manifest, hashes, f)
}

// eachChunk reads chunks of a manifest, one at a time.
func (e *Engine) eachChunk(ctx context.Context, user web.User, manifest int64, hashes []hash, f func(hash, []byte) error) (err error) {
	var places []location
	err = e.read(ctx, user, func(v view) error {
		places, err = locate(ctx, v, manifest, hashes)
		return err
	})
	if err != nil {
		return err
	}
	reader := &chunkReader{store: e.store}
	defer func() { err = errors.Join(err, reader.close()) }()
	for _, place := range places {
		if ctx.Err() != nil {
			return fault.New(fault.Cancelled).Because(ctx.Err())
		}
		content, err := reader.read(ctx, place)
		if err != nil {
			return err
		}
		if err := f(place.hash, content); err != nil {
			return err
		}
	}
	return nil
}
