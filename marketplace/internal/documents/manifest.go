package documents

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/zeebo/blake3"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
)

// The bounds of a manifest. With MaxManifest bytes of JSON they keep a
// publish in a bounded amount of memory.
const (
	MaxManifest  = 32 << 20
	maxEntries   = 50_000
	maxChunkRefs = 300_000
	maxChunk     = 1 << 20
	maxFileDepth = 64
)

// hash is a BLAKE3-256.
type hash [32]byte

func (h hash) String() string { return hex.EncodeToString(h[:]) }

func hashOf(content []byte) hash { return blake3.Sum256(content) }

// parseHash reads the only form of a hash that is accepted: 64 lower-case
// hexadecimal digits.
func parseHash(text string) (hash, error) {
	var h hash
	if len(text) != 2*len(h) || strings.ToLower(text) != text {
		return h, badHash()
	}
	if _, err := hex.Decode(h[:], []byte(text)); err != nil {
		return h, badHash()
	}
	return h, nil
}

func badHash() error {
	return fault.New(fault.InvalidArgument, "argument", "hash", "reason", "64 lower-case hexadecimal digits are expected")
}

// chunkSize is a chunk as a manifest refers to it.
type chunkSize struct {
	hash hash
	size int
}

// manifestFacts is what a valid manifest comes to.
type manifestFacts struct {
	size   int64
	chunks map[hash]chunkSize // each once
}

// checkManifest holds a manifest to its rules: paths that stay inside, that
// are unique on every disk, sizes that add up, numbers that are bounded.
func checkManifest(kind string, m agentapi.Manifest) (manifestFacts, error) {
	facts := manifestFacts{chunks: map[hash]chunkSize{}}
	if len(m.Entries) == 0 || len(m.Entries) > maxEntries {
		return facts, badManifest("it has between 1 and " + strconv.Itoa(maxEntries) + " entries")
	}
	if kind == string(agentapi.PublishKindSingle) && (len(m.Entries) != 1 || strings.Contains(m.Entries[0].Path, "/")) {
		return facts, badManifest("a single document is one file")
	}
	paths, refs := pathSet{}, 0
	for _, entry := range m.Entries {
		if err := paths.add(entry.Path); err != nil {
			return facts, err
		}
		if refs += len(entry.Chunks); refs > maxChunkRefs {
			return facts, fault.New(fault.TooLarge, "what", "manifest", "limit", strconv.Itoa(maxChunkRefs)+" chunks")
		}
		if err := facts.add(entry); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

// add checks the content of one file. The hash of a file of one chunk or none
// can be checked here; the others are checked by whoever downloads them.
func (f *manifestFacts) add(entry agentapi.ManifestEntry) error {
	whole, err := parseHash(entry.Hash)
	if err != nil {
		return err
	}
	var sum int64
	for _, ref := range entry.Chunks {
		h, err := parseHash(ref.Hash)
		if err != nil {
			return err
		}
		if ref.Size <= 0 || ref.Size > maxChunk {
			return badManifest("a chunk has between 1 byte and 1 MiB")
		}
		if known, ok := f.chunks[h]; ok && known.size != ref.Size {
			return badManifest("a chunk has two sizes")
		}
		f.chunks[h] = chunkSize{h, ref.Size}
		sum += int64(ref.Size)
	}
	switch {
	case sum != entry.Size:
		return badManifest("the chunks of a file do not add up to its size")
	case len(entry.Chunks) == 0 && whole != hashOf(nil),
		len(entry.Chunks) == 1 && entry.Chunks[0].Hash != entry.Hash:
		return badManifest("the hash of a file is not that of its content")
	}
	f.size += sum
	return nil
}

func badManifest(reason string) error {
	return fault.New(fault.InvalidArgument, "argument", "manifest", "reason", reason)
}

// pathSet is the paths of a manifest: as they are compared, to as they are
// spelt, with a mark for those that are folders.
type pathSet map[string]spelling

type spelling struct {
	path   string
	folder bool
}

// add refuses what would leave the folder, what a disk cannot tell from an
// earlier path, and a file where a folder is.
func (s pathSet) add(path string) error {
	if len(path) > maxPath {
		return invalid(path, "the path is longer than 4096 bytes")
	}
	names := strings.Split(path, "/")
	if len(names) > maxFileDepth {
		return invalid(path, "there are more than 64 folders")
	}
	at := ""
	for i, name := range names {
		if err := CheckName(name); err != nil {
			return invalid(path, "not all its parts are names")
		}
		if i > 0 {
			at += "/"
		}
		at += name
		folder := i < len(names)-1
		known, ok := s[folded(at)]
		switch {
		case !ok:
			s[folded(at)] = spelling{at, folder}
		case !folder || !known.folder:
			return invalid(path, "it stands there twice")
		case known.path != at:
			return invalid(path, "it differs from '"+known.path+"' only in case")
		}
	}
	return nil
}
