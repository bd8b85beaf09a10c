// Package chunk cuts content at places that the content itself decides, so
// that an edit in the middle of a drawing leaves all other chunks as they
// were, and names chunks by BLAKE3-256.
package chunk

import (
	"encoding/hex"
	"errors"
	"io"

	chunkers "github.com/PlakarKorp/go-cdc-chunkers"
	_ "github.com/PlakarKorp/go-cdc-chunkers/chunkers/fastcdc" // registers the algorithm
	"github.com/zeebo/blake3"

	"iscdesk.dev/marketplace/agentapi"
)

// The sizes of chunks, in bytes. They are part of what makes two machines cut
// alike: a change costs every document one full upload.
const (
	MinSize    = 32 << 10
	NormalSize = 64 << 10
	MaxSize    = 256 << 10
)

// algorithm is FastCDC with masks for NormalSize.
const algorithm = "fastcdc-v1.0.0"

// Splitter cuts and hashes files one after the other, with buffers that it
// keeps. It is for one goroutine.
type Splitter struct {
	cutter *chunkers.Chunker
	piece  *blake3.Hasher
	sum    [32]byte
}

// NewSplitter makes a Splitter; it holds about 1 MiB.
func NewSplitter() (*Splitter, error) {
	opts := &chunkers.ChunkerOpts{MinSize: MinSize, NormalSize: NormalSize, MaxSize: MaxSize}
	cutter, err := chunkers.NewChunkerBuffer(algorithm, eof{}, opts, make([]byte, 4*MaxSize))
	if err != nil {
		return nil, err
	}
	return &Splitter{cutter: cutter, piece: blake3.New()}, nil
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// Split cuts one file: it reads r to its end.
func (s *Splitter) Split(r io.Reader) ([]agentapi.ChunkRef, error) {
	s.cutter.Reset(r)
	var chunks []agentapi.ChunkRef
	for {
		data, err := s.cutter.Next()
		end := errors.Is(err, io.EOF)
		if err != nil && !end {
			return nil, err
		}
		if len(data) > 0 {
			chunks = append(chunks, agentapi.ChunkRef{Hash: s.hash(data), Size: len(data)})
		}
		if end {
			return chunks, nil
		}
	}
}

func (s *Splitter) hash(data []byte) string {
	s.piece.Reset()
	_, _ = s.piece.Write(data) // never fails
	return hex.EncodeToString(s.piece.Sum(s.sum[:0]))
}

// Hash names content that is in memory.
func Hash(data []byte) string {
	sum := blake3.Sum256(data)
	return hex.EncodeToString(sum[:])
}
