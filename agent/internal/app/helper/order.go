package helper

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
)

// Action is what the helper is to do.
type Action string

// The actions.
const (
	Install   Action = "install"
	Uninstall Action = "uninstall"
)

// Order is the helper's second argument, as JSON.
type Order struct {
	Product string `json:"product"`
	// Version is what to install; of Uninstall it is what is removed.
	Version string `json:"version"`
	// File is the package's file name; it tells the format.
	File string `json:"file,omitempty"`
	// Seconds is how long a script may take; 0: DefaultLimit.
	Seconds int `json:"seconds,omitempty"`
}

// The time that a script may take.
const (
	DefaultLimit = 15 * time.Minute
	maxLimit     = 4 * time.Hour
)

func (o Order) limit() time.Duration {
	d := time.Duration(o.Seconds) * time.Second
	if d <= 0 {
		return DefaultLimit
	}
	return min(d, maxLimit)
}

// Answer is the one line that the helper prints.
type Answer struct {
	// Error is empty when the action succeeded.
	Error *api.Error `json:"error,omitempty"`
	// Log is the path of the script's log, and Tail its end.
	Log  string `json:"log,omitempty"`
	Tail string `json:"tail,omitempty"`
	// Folder is where the version in use lies, and Launch the program in it that
	// starts it; empty: the vendor names none.
	Folder string `json:"folder,omitempty"`
	Launch string `json:"launch,omitempty"`
}

var (
	productName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$`)
	versionName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_+~-]*(\.[A-Za-z0-9_+~-]+)*$`)
	deviceName  = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)
)

const maxName = 64

// CheckProduct tells whether a product's name may become a folder's name. It
// fails with api.NameInvalid.
func CheckProduct(name string) error {
	return checkName(name, productName.MatchString(name))
}

// CheckVersion tells whether a version may become a folder's name beside the
// helper's own. It fails with api.NameInvalid.
func CheckVersion(name string) error {
	own := strings.EqualFold(name, currentName) || strings.HasSuffix(name, partialSuffix) || strings.HasSuffix(name, oldSuffix)
	return checkName(name, versionName.MatchString(name) && !own)
}

func checkName(name string, ok bool) error {
	if ok && len(name) <= maxName && !deviceName.MatchString(name) {
		return nil
	}
	if len(name) > maxName {
		name = name[:maxName]
	}
	return api.Fail(api.NameInvalid, "name", strings.ToValidUTF8(name, "?"), "reason", "letters, digits and . _ - only, 64 at most")
}

func parseOrder(text string) (Order, error) {
	var o Order
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return o, api.Fail(api.InvalidArgument, "argument", "order", "reason", err.Error())
	}
	if err := CheckProduct(o.Product); err != nil {
		return o, err
	}
	return o, CheckVersion(o.Version)
}
