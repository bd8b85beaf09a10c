package entry

import (
	"strings"
	"unicode/utf8"
)

// CheckCloudPath tells whether path may be the path of a document in the
// cloud: /<space>/<folder>/…/<name>, at least a space and a name. Names are
// those of the cloud, wider than those of entries; the workspace maps what a
// system does not allow.
func CheckCloudPath(path string) error {
	if strings.Count(path, "/") < 2 {
		return invalid(path, "a document lies in a space: /space/name")
	}
	return CheckFolderPath(path)
}

// CheckFolderPath tells whether path may be the path of a folder or a space
// in the cloud, "/" included.
func CheckFolderPath(path string) error {
	switch {
	case path == "/":
		return nil
	case len(path) > MaxPath:
		return invalid(path, "it is longer than 1,024 bytes")
	case !utf8.ValidString(path):
		return invalid(path, "it is not valid UTF-8")
	case !strings.HasPrefix(path, "/"):
		return invalid(path, "a path in the cloud begins with /")
	}
	for name := range strings.SplitSeq(path[1:], "/") {
		if reason := nameFault(name); reason != "" {
			return invalid(path, reason)
		}
	}
	return nil
}

// CheckName tells whether name may be the name of a document in the cloud.
func CheckName(name string) error {
	if !utf8.ValidString(name) {
		return invalid(name, "it is not valid UTF-8")
	}
	if reason := nameFault(name); reason != "" {
		return invalid(name, reason)
	}
	return nil
}
