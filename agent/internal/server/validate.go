package server

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"iscdesk.dev/agent/api"
)

// Lengths that no honest client exceeds, in bytes.
const (
	maxName = 256
	maxPath = 4096
	maxText = 16 << 10
	maxIDs  = 1000 // in one call
)

// check validates the shape of what a peer sent: lengths, characters, ranges.
// Whether it makes sense is the engine's to say.
func check(v any) error {
	switch in := v.(type) {
	case *api.LoginBegin:
		return checkRedirect(in.RedirectURI)
	case *api.LoginComplete:
		return first(checkName("state", in.State), checkText("code", in.Code, maxText))
	case *api.LoginCancel:
		return first(checkText("state", in.State, maxName), checkText("device", in.Device, maxName))
	case *api.PathRef:
		return checkCloudPath("path", in.Path)
	case *api.RestoreRequest:
		return first(checkCloudPath("path", in.Path), checkCount("version", in.Version, 1), checkName("operation", in.Operation))
	case *api.PickAnswer:
		if in.Cancelled {
			return nil
		}
		return first(checkCloudPath("path", in.Path), checkCount("version", in.Version, 0))
	case *api.Untrash:
		if in.Path == "" {
			return checkName("id", in.ID)
		}
		return first(checkName("id", in.ID), checkCloudPath("path", in.Path))
	case *api.ConflictAnswer:
		if in.Keep != api.KeepMine && in.Keep != api.KeepTheirs && in.Keep != api.KeepBoth {
			return invalid("keep", "neither mine nor theirs nor both")
		}
		return first(checkCount("theirs", in.Theirs, 0), checkCount("mine", in.Mine, 0))
	case *api.UserUpgradeAnswer:
		return checkName("product", in.Product)
	case *api.MessagesRead:
		return checkIDs("ids", in.IDs)
	default:
		return checkCall(v)
	}
}

// checkCall validates what the calls of a session bring.
func checkCall(v any) error {
	switch in := v.(type) {
	case *api.LicenseRequest:
		if in.Kind != api.LicenseString && in.Kind != api.LicenseFile {
			return invalid("kind", "neither string nor file")
		}
		return first(checkText("deviceInfo", in.DeviceInfo, maxText), checkText("tag", in.Tag, maxText))
	case *api.LicenseVerdict:
		return checkText("message", in.Message, maxText)
	case *api.LicenseFileFetch:
		return checkName("request", in.Request)
	case *api.LeaseRequest:
		return first(checkText("nonce", in.Nonce, maxName), checkNames("features", in.Features))
	case *api.LeaseRelease:
		return checkName("id", in.ID)
	case *api.SolveRef:
		return checkName("id", in.ID)
	case *api.OpenedDocument:
		return first(checkLocalPath(in.LocalPath), checkCloudPath("path", in.Path), checkName("document", in.Document),
			checkCount("version", in.Version, 1), checkText("hash", in.Hash, maxName))
	case *api.DocumentLookup:
		return checkLocalPath(in.LocalPath)
	case *api.SaveBegin:
		return checkSave(in)
	case *api.SaveCommit:
		return first(checkName("operation", in.Operation), checkText("changed", in.Changed, maxPath))
	case *api.FetchBegin:
		return first(checkCloudPath("path", in.Path), checkCount("version", in.Version, 0))
	}
	return nil
}

func checkSave(in *api.SaveBegin) error {
	if in.Kind != api.Single && in.Kind != api.Assembly {
		return invalid("kind", "neither single nor assembly")
	}
	err := first(checkName("operation", in.Operation), checkName("name", in.Name),
		checkText("comment", in.Comment, maxText), checkText("tag", in.Tag, maxText))
	if err == nil && in.LocalPath != "" {
		err = checkLocalPath(in.LocalPath)
	}
	if err == nil && in.Path != "" {
		err = checkCloudPath("path", in.Path)
	}
	if err == nil && in.Kind == api.Single && len(in.Entries) != 1 {
		err = invalid("entries", "a single document has exactly one")
	}
	for i := 0; err == nil && i < len(in.Entries); i++ {
		err = checkText("entries", in.Entries[i].Path, maxPath)
		if err == nil && in.Entries[i].Size < 0 {
			err = invalid("entries", "a size is negative")
		}
	}
	return err
}

func checkHello(h api.Hello) error {
	if h.Role != api.RoleSession && h.Role != api.RoleTransfer {
		return invalid("role", "neither session nor transfer")
	}
	return first(checkName("session", h.Session), checkText("product", h.Product, maxName),
		checkText("version", h.Version, maxName), checkText("library", h.Library, maxName))
}

// checkRedirect allows only the loopback addresses of this machine, so that a
// code never travels to another.
func checkRedirect(uri string) error {
	u, err := url.Parse(uri)
	if err != nil || len(uri) > maxPath || u.Scheme != "http" || u.User != nil || u.Port() == "" {
		return invalid("redirectUri", "not a loopback address with a port")
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if err != nil || !ip.IsLoopback() {
		return invalid("redirectUri", "not a loopback address with a port")
	}
	return nil
}

func checkCloudPath(key, path string) error {
	if !strings.HasPrefix(path, "/") {
		return invalid(key, "does not begin with /")
	}
	return checkText(key, path, maxPath)
}

// checkLocalPath bounds a path that is kept as a key and never opened.
func checkLocalPath(path string) error {
	if path == "" {
		return invalid("localPath", "empty")
	}
	if len(path) > maxPath || strings.ContainsRune(path, 0) {
		return invalid("localPath", "too long, or with a NUL")
	}
	return nil
}

func checkNames(key string, names []string) error {
	if len(names) > maxName {
		return invalid(key, "too many")
	}
	for _, n := range names {
		if err := checkName(key, n); err != nil {
			return err
		}
	}
	return nil
}

// checkIDs bounds a list of what the service itself has named.
func checkIDs(key string, ids []string) error {
	if len(ids) > maxIDs {
		return invalid(key, "too many")
	}
	for _, id := range ids {
		if err := checkName(key, id); err != nil {
			return err
		}
	}
	return nil
}

func checkName(key, name string) error {
	if name == "" {
		return invalid(key, "empty")
	}
	return checkText(key, name, maxName)
}

func checkText(key, text string, limit int) error {
	if len(text) > limit {
		return invalid(key, "too long")
	}
	if !utf8.ValidString(text) {
		return invalid(key, "not UTF-8")
	}
	if limit < maxText && strings.ContainsFunc(text, unicode.IsControl) {
		return invalid(key, "control characters")
	}
	return nil
}

func checkCount(key string, n, least int) error {
	if n < least {
		return invalid(key, "too small")
	}
	return nil
}

func invalid(argument, reason string) error {
	return api.Fail(api.InvalidArgument, "argument", argument, "reason", reason)
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
