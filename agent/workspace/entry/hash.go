package entry

import (
	"encoding/hex"
	"sort"
	"strconv"
	"strings"

	"github.com/zeebo/blake3"

	"iscdesk.dev/agent/api"
)

// HashEntries identifies the content of a document: BLAKE3-256, in lower-case
// hexadecimal, over the line "iscdesk entries 1" and then, for each entry in
// the byte order of the paths, its path, a zero byte, its size in decimal, a
// zero byte, its hash in hexadecimal and a line feed. The order of entries
// and their Executable marks do not matter, and the path of an only entry
// without folder counts as empty: a single document is the same under any
// name.
func HashEntries(entries []api.FileEntry) string {
	order := make([]int, len(entries))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(a, b int) bool { return entries[order[a]].Path < entries[order[b]].Path })
	h := blake3.New()
	line := []byte("iscdesk entries 1\n")
	_, _ = h.Write(line) // never fails
	for _, i := range order {
		e := entries[i]
		line = line[:0]
		if len(entries) > 1 || strings.Contains(e.Path, "/") {
			line = append(line, e.Path...)
		}
		line = append(line, 0)
		line = append(strconv.AppendInt(line, e.Size, 10), 0)
		line = append(append(line, e.Hash...), '\n')
		_, _ = h.Write(line)
	}
	return hex.EncodeToString(h.Sum(nil))
}
