package transfer

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/chunk"
)

const (
	hashSize   = 32
	headSize   = hashSize + 4
	maxChunk   = 1 << 20 // what the API allows; ours are smaller
	packTarget = 8 << 20
)

// appendRecord adds a chunk to a pack.
func appendRecord(pack []byte, hash string, content []byte) ([]byte, error) {
	raw, err := hex.DecodeString(hash)
	if err != nil || len(raw) != hashSize {
		return pack, api.Fail(api.ContentDamaged, "what", hash).Because(err)
	}
	pack = append(pack, raw...)
	pack = binary.BigEndian.AppendUint32(pack, uint32(len(content))) // at most maxChunk
	return append(pack, content...), nil
}

// readRecord reads the chunk that must come next and checks it.
func readRecord(r io.Reader, hash string, size int) ([]byte, error) {
	var head [headSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, cut(err)
	}
	if hex.EncodeToString(head[:hashSize]) != hash || binary.BigEndian.Uint32(head[hashSize:]) != uint32(size) { // checked by checkManifest
		return nil, api.Fail(api.ContentDamaged, "what", hash)
	}
	content := make([]byte, size)
	if _, err := io.ReadFull(r, content); err != nil {
		return nil, cut(err)
	}
	if chunk.Hash(content) != hash {
		return nil, api.Fail(api.ContentDamaged, "what", hash)
	}
	return content, nil
}

// cut names the end of a connection inside an answer.
func cut(err error) error {
	if _, coded := errors.AsType[*api.Error](err); coded {
		return err
	}
	return api.Fail(api.Offline).Because(err)
}
