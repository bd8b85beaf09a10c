package entry

import (
	"strings"

	"iscdesk.dev/agent/api"
)

// Bounds of one document.
const (
	MaxEntries = 100_000
	MaxBytes   = int64(16) << 30
)

// Check tells whether entries may be the content of a document of this kind:
// their number, paths and sizes, no path twice (in any spelling of case), no
// file that is a folder of another. A single document has exactly one entry,
// in no folder.
func Check(kind api.DocumentKind, entries []api.FileEntry) error {
	switch {
	case kind != api.Single && kind != api.Assembly:
		return api.Fail(api.InvalidArgument, "argument", "kind", "reason", "it is neither single nor assembly")
	case len(entries) == 0:
		return api.Fail(api.InvalidArgument, "argument", "entries", "reason", "there are none")
	case len(entries) > MaxEntries:
		return api.Fail(api.TooLarge, "what", "entries", "limit", "100,000")
	case kind == api.Single && (len(entries) != 1 || strings.Contains(entries[0].Path, "/")):
		return api.Fail(api.InvalidArgument, "argument", "entries", "reason", "a single document is one file")
	}
	var total int64
	for _, e := range entries {
		if err := CheckPath(e.Path); err != nil {
			return err
		}
		if e.Size < 0 {
			return api.Fail(api.InvalidArgument, "argument", "size", "reason", "it is negative: "+e.Path)
		}
		if e.Size > MaxBytes-total {
			return api.Fail(api.TooLarge, "what", e.Path, "limit", "16 GiB")
		}
		total += e.Size
	}
	return checkClashes(entries)
}

func checkClashes(entries []api.FileEntry) error {
	files := make(map[string]string, len(entries)) // the path as it is spelt, by what file systems take it for
	folders := map[string]string{}                 // a file in the folder, likewise
	for _, e := range entries {
		key := Fold(e.Path)
		if other, twice := files[key]; twice {
			return invalid(e.Path, api.Explain(sameName(e.Path, other), "other", other))
		}
		files[key] = e.Path
		for i := strings.LastIndexByte(key, '/'); i > 0; i = strings.LastIndexByte(key[:i], '/') {
			if _, known := folders[key[:i]]; known {
				break
			}
			folders[key[:i]] = e.Path
		}
	}
	for _, e := range entries {
		if inside, both := folders[Fold(e.Path)]; both {
			return invalid(e.Path, api.Explain(api.NameFolder, "inside", inside))
		}
	}
	return nil
}

// sameName says what makes two paths one.
func sameName(path, other string) api.Reason {
	if path == other {
		return api.NameTwice
	}
	return api.NameCase
}

// Total is the number of bytes of entries.
func Total(entries []api.FileEntry) int64 {
	var total int64
	for _, e := range entries {
		total += e.Size
	}
	return total
}
