package documents

import (
	"fmt"
	"path"
	"strings"
	"time"
)

// conflictName is what a document is called that could not become a version of
// name: "beam (conflict engineer 2026-03-01 142233).step". From the second
// attempt on it carries a number.
func conflictName(name, user string, at time.Time, attempt int) string {
	extension := path.Ext(name)
	stem := strings.TrimSuffix(name, extension)
	if stem == "" {
		stem, extension = name, ""
	}
	mark := fmt.Sprintf(" (conflict %s %s", user, at.UTC().Format("2006-01-02 150405"))
	if attempt > 1 {
		mark += fmt.Sprintf(" %d", attempt)
	}
	mark += ")"
	if room := maxName - len(mark) - len(extension); len(stem) > room {
		stem = strings.ToValidUTF8(stem[:max(0, room)], "")
	}
	return stem + mark + extension
}
