package documents

import (
	"encoding/binary"
	"errors"
	"io"

	"iscdesk.dev/marketplace/internal/fault"
)

// A pack is a sequence of records: the hash of a chunk, its length, its
// content.
const (
	// MaxPack bounds the packs that agents upload.
	MaxPack    = 16 << 20
	headerSize = len(hash{}) + 4
)

// packReader reads records and holds each chunk to its hash.
type packReader struct {
	source io.Reader
	buffer []byte
}

// next gives the next chunk, which is valid until the next call; io.EOF after
// the last one.
func (p *packReader) next() (hash, []byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(p.source, header[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return hash{}, nil, io.EOF
		}
		return hash{}, nil, torn(err)
	}
	h := hash(header[:len(hash{})])
	size := binary.BigEndian.Uint32(header[len(hash{}):])
	if size == 0 || size > maxChunk {
		return h, nil, damaged(h)
	}
	if p.buffer == nil {
		p.buffer = make([]byte, maxChunk)
	}
	content := p.buffer[:size]
	if _, err := io.ReadFull(p.source, content); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return h, nil, torn(err)
	}
	if hashOf(content) != h {
		return h, nil, damaged(h)
	}
	return h, content, nil
}

// writeRecord writes one record of a pack.
func writeRecord(w io.Writer, h hash, content []byte) error {
	header := binary.BigEndian.AppendUint32(h[:], uint32(len(content))) // a chunk has at most 1 MiB
	if _, err := w.Write(header); err != nil {
		return err
	}
	_, err := w.Write(content)
	return err
}

func damaged(h hash) error { return fault.New(fault.ContentDamaged, "what", h.String()) }

// torn tells that the pack ended inside a record, or could not be read.
func torn(err error) error { return fault.New(fault.ContentDamaged, "what", "pack").Because(err) }
