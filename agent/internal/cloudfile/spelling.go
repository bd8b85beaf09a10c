package cloudfile

import (
	"golang.org/x/text/unicode/norm"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

// checkSpelling refuses a document with two paths that look the same and are
// only written with other code points, as é is one or two of them: some
// systems take the two for one file. entry.Check refuses everything else; this
// is here because the tables are too large for the SDK library.
func checkSpelling(entries []api.FileEntry) error {
	seen := make(map[string]string, len(entries))
	for _, e := range entries {
		key := entry.Fold(norm.NFC.String(e.Path))
		if other, twice := seen[key]; twice {
			return api.Fail(api.NameInvalid, "name", e.Path, "reason",
				"'"+other+"' looks the same and is only written with other code points, so some systems take the two for one file; rename one of them")
		}
		seen[key] = e.Path
	}
	return nil
}
