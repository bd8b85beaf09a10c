package workspace

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

// LocalName maps one part of a path in the cloud to a file name that every
// system accepts. See the package comment for the rule.
func LocalName(name string) string {
	var b strings.Builder
	for i, r := range name {
		last := i+len(string(r)) == len(name)
		switch {
		case r < ' ' || r == 0x7f || strings.ContainsRune(`<>:"/\|?*`, r),
			last && (r == '.' || r == ' '),
			r == '%' && hexFollows(name[i+1:]),
			i == 0 && entry.ReservedName(name):
			fmt.Fprintf(&b, "%%%02X", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func hexFollows(rest string) bool {
	return len(rest) >= 2 && isHex(rest[0]) && isHex(rest[1])
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// checkLocal refuses a local path that is not UTF-8. The service knows the path
// as text: two folders that differ in such bytes only would be one to it, and a
// file of the one be saved as the document of the other.
func checkLocal(path string) error {
	if !utf8.ValidString(path) {
		return api.Fail(api.NameInvalid, "name", strings.ToValidUTF8(path, "\uFFFD"), "reason", "it is not valid UTF-8")
	}
	return nil
}

// localPath maps the path of a document to one below the root.
func localPath(cloud string) (string, error) {
	if err := entry.CheckCloudPath(cloud); err != nil {
		return "", err
	}
	var parts []string
	for part := range strings.SplitSeq(cloud[1:], "/") {
		local := LocalName(part)
		if len(local) > entry.MaxName {
			return "", api.Fail(api.NameInvalid, "name", part, "reason", "it is too long for a file name")
		}
		parts = append(parts, local)
	}
	return filepath.Join(parts...), nil
}
