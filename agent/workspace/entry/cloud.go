package entry

import (
	"strings"
	"unicode/utf8"

	"iscdesk.dev/agent/api"
)

// CheckCloudPath tells whether path may be the path of a document in the
// cloud: /<space>/<folder>/…/<name>, at least a space and a name. Names are
// those of the cloud, wider than those of entries; the workspace maps what a
// system does not allow.
func CheckCloudPath(path string) error {
	if strings.Count(path, "/") < 2 {
		return invalid(path, api.Explain(api.PathNoSpace))
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
		return invalid(path, api.Explain(api.PathLong))
	case !utf8.ValidString(path):
		return invalid(path, api.Explain(api.NameEncoding))
	case !strings.HasPrefix(path, "/"):
		return invalid(path, api.Explain(api.PathRelative))
	}
	for name := range strings.SplitSeq(path[1:], "/") {
		if reason := nameFault(name); reason != "" {
			return invalid(path, api.Explain(reason))
		}
	}
	return nil
}

// CheckName tells whether name may be the name of a document in the cloud.
func CheckName(name string) error {
	if !utf8.ValidString(name) {
		return invalid(name, api.Explain(api.NameEncoding))
	}
	if reason := nameFault(name); reason != "" {
		return invalid(name, api.Explain(reason))
	}
	return nil
}
