package sdkbridge

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"iscdesk.dev/agent/api"
)

// The names under which an application that does not say who it is is looked
// up.
const (
	productEnv   = "ISCDESK_PRODUCT"
	versionEnv   = "ISCDESK_PRODUCT_VERSION"
	identityFile = "iscdesk-app.json"
	noVersion    = "0.0.0"
)

// identity is who the application is, as the catalogue knows it.
type identity struct{ product, version string }

// identify completes what the application said of itself: from the
// environment, else from iscdesk-app.json beside the executable, else from the
// executable's name. The version always comes from where the product came
// from, so that no version is taken for another product's.
func identify(product, version string, getenv func(string) string,
	executable func() (string, error), readFile func(string) ([]byte, error),
) identity {
	if product == "" {
		if product = getenv(productEnv); product != "" && version == "" {
			version = getenv(versionEnv)
		}
	}
	if product != "" {
		return identity{product, orElse(version, noVersion)}
	}
	exe, err := executable()
	if err != nil {
		exe = "unknown"
	}
	var file struct{ Product, Version string }
	if text, err := readFile(filepath.Join(filepath.Dir(exe), identityFile)); err == nil {
		if json.Unmarshal(text, &file) == nil && file.Product != "" {
			return identity{file.Product, orElse(version, orElse(file.Version, noVersion))}
		}
	}
	name := filepath.Base(exe)
	return identity{strings.TrimSuffix(name, filepath.Ext(name)), orElse(version, noVersion)}
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// maxText bounds the short texts that an application hands in, in bytes.
const maxText = 4096

// checkTexts refuses texts and a path that are not UTF-8, hold a NUL or are too
// long.
func checkTexts(texts map[string]string, path string) error {
	for name, text := range texts {
		if err := checkText(name, text, maxText); err != nil {
			return err
		}
	}
	return checkText("path", path, maxPath)
}

func checkText(name, text string, limit int) error {
	switch {
	case len(text) > limit:
		return api.Fail(api.TooLarge, "what", name, "limit", strconv.Itoa(limit)+" bytes")
	case !utf8.ValidString(text):
		return api.Fail(api.InvalidArgument, "argument", name, "reason", "not UTF-8")
	case strings.ContainsRune(text, 0):
		return api.Fail(api.InvalidArgument, "argument", name, "reason", "holds a NUL")
	}
	return nil
}
