package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/core"
	"iscdesk.dev/agent/internal/cloudfile/stage"
	"iscdesk.dev/marketplace/agentapi"
)

const (
	packTime = 10 * time.Minute // a pack over a slow line
	rounds   = 3                // how often chunks that vanish meanwhile are sent again
)

// Store is where content goes.
type Store interface {
	MissingChunks(ctx context.Context, hashes []string) ([]string, error)
	UploadPack(ctx context.Context, pack io.ReadSeeker) error
	Publish(ctx context.Context, in agentapi.Publish) (agentapi.PublishResult, error)
}

// Job is one save to publish.
type Job struct {
	Version agentapi.Publish
	// Open opens the staged content.
	Open func() (*stage.Blob, error)
	// Progress is told how much of the document the store has; Packed is called
	// after each pack, Publishing before the version is published; its error
	// stops the job. Going is asked before each chunk that is sent: its error
	// stops the job there, and what was sent until then need not be sent again.
	Progress   func(sent, total int64)
	Packed     func()
	Publishing func() error
	Going      func() error
}

// place is where a chunk lies in the staged content.
type place struct {
	ref    agentapi.ChunkRef
	offset int64
}

// Send uploads what the store lacks and publishes the version. It may be
// called again after any failure or crash: the operation's id makes it one
// version.
func Send(ctx context.Context, store Store, job Job) (agentapi.PublishResult, error) {
	places, total := layOut(job.Version.Manifest)
	for round := 1; ; round++ {
		if err := upload(ctx, store, job, places, total); err != nil {
			return agentapi.PublishResult{}, err
		}
		if err := job.Publishing(); err != nil {
			return agentapi.PublishResult{}, err
		}
		result, err := store.Publish(ctx, job.Version)
		// not_found may mean a chunk that was collected since it was asked for.
		if errors.Is(err, api.NotFound) && round < rounds {
			continue
		}
		if err == nil && (result.Document.ID == "" || result.Version.Number < 1) {
			err = api.Fail(api.MarketplaceFailed, "status", "no version in the answer")
		}
		return result, err
	}
}

// layOut finds every chunk once, in the order of the content.
func layOut(m agentapi.Manifest) (places []place, total int64) {
	seen := map[string]struct{}{}
	for _, e := range m.Entries {
		for _, ref := range e.Chunks {
			if _, twice := seen[ref.Hash]; !twice {
				seen[ref.Hash] = struct{}{}
				places = append(places, place{ref: ref, offset: total})
			}
			total += int64(ref.Size)
		}
	}
	return places, total
}

func upload(ctx context.Context, store Store, job Job, places []place, total int64) error {
	missing, err := lacking(ctx, store, places)
	if err != nil {
		return err
	}
	left := int64(0)
	for _, p := range missing {
		left += int64(p.ref.Size)
	}
	job.Progress(total-left, total)
	if len(missing) == 0 {
		return nil
	}
	blob, err := job.Open()
	if err != nil {
		return spoilt(err)
	}
	defer func() { _ = blob.Close() }() // it was only read
	var ends []int
	pack := make([]byte, 0, min(left+int64(len(missing))*headSize, packTarget+maxChunk))
	var content []byte
	for len(missing) > 0 {
		if err := job.Going(); err != nil {
			return err
		}
		pack, ends = pack[:0], ends[:0]
		before := total - left
		for len(missing) > 0 && (len(pack) == 0 || len(pack)+headSize+missing[0].ref.Size <= packTarget) {
			p := missing[0]
			if content, err = blob.Chunk(p.ref, p.offset, content); err != nil {
				return spoilt(err)
			}
			if pack, err = appendRecord(pack, p.ref.Hash, content); err != nil {
				return spoilt(err)
			}
			ends = append(ends, len(pack))
			left -= int64(p.ref.Size)
			missing = missing[1:]
		}
		body := &packBody{in: bytes.NewReader(pack), ends: ends, going: job.Going, sent: func(n int) { job.Progress(before+int64(n), total) }}
		if err := send(ctx, store, body); err != nil {
			return err
		}
		job.Progress(total-left, total)
		job.Packed()
	}
	return nil
}

// lacking are the chunks that the store has to be sent.
func lacking(ctx context.Context, store Store, places []place) ([]place, error) {
	if len(places) == 0 {
		return nil, nil
	}
	hashes := make([]string, len(places))
	for i, p := range places {
		hashes[i] = p.ref.Hash
	}
	answer, err := store.MissingChunks(ctx, hashes)
	if err != nil {
		return nil, err
	}
	wanted := make(map[string]struct{}, len(answer))
	for _, hash := range answer {
		wanted[hash] = struct{}{}
	}
	var missing []place
	for _, p := range places {
		if _, ok := wanted[p.ref.Hash]; ok {
			missing = append(missing, p)
		}
	}
	return missing, nil
}

// spoilt marks that the fault lies in the staged content, unless the disk
// merely failed to be read.
func spoilt(err error) error {
	if !errors.Is(err, api.ContentDamaged) {
		return err
	}
	e := api.AsError(err)
	return api.Fail(e.Code, "what", e.Params["what"]).Because(fmt.Errorf("%w: %w", core.ErrSpoilt, err))
}
