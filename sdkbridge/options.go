package sdkbridge

import (
	"cmp"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
)

// Version is the version of the SDK library.
const Version = "1.0.0"

// The defaults of Options.
const (
	DefaultTimeout         = 5 * time.Second
	DefaultShutdownTimeout = 30 * time.Second
)

// Delivery is how the application gets its events.
type Delivery uint32

// The ways of delivery, numbered as in iscdesk.h.
const (
	DeliverThread Delivery = iota
	DeliverPump
	DeliverDescriptor
)

// Options is what a Session starts with. Empty fields take the defaults that
// iscdesk.h documents.
type Options struct {
	Delivery        Delivery
	Timeout         time.Duration
	ShutdownTimeout time.Duration
	Product         string
	Version         string
	LeaseKeys       string
	Socket          string
	Language        string
	// Workspace is the folder that documents are opened into; empty: what the
	// environment says, else what the user has set, else iscdesk in his home.
	Workspace string
	usual     string // that last one
	// Getenv reads the environment; nil: os.Getenv. The C library reads the
	// host's live environment, which Go would have copied when it was loaded.
	Getenv func(string) string
	// Callback receives the events in the deliveries that call back. It may be
	// set later.
	Callback Callback
}

// Callback receives one event. It runs with no lock held.
type Callback func(EventType, string)

func (o Options) withDefaults() (Options, error) {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Delivery > DeliverDescriptor {
		return o, api.Fail(api.InvalidArgument, "argument", "delivery", "reason", "not one of the ISC_DELIVER_ numbers")
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.ShutdownTimeout <= 0 {
		o.ShutdownTimeout = DefaultShutdownTimeout
	}
	if o.Language == "" {
		o.Language = Locale(o.Getenv)
	}
	if o.Workspace == "" {
		o.Workspace = o.Getenv(workspace.RootEnv)
	}
	home := hostHome(o.Getenv)
	if home == "" {
		home, _ = os.UserHomeDir() // without a home the name is relative, and says so when it is used
	}
	o.usual = filepath.Join(home, "iscdesk")
	id := identify(o.Product, o.Version, o.Getenv, os.Executable, os.ReadFile)
	o.Product, o.Version = id.product, id.version
	return o, checkTexts(map[string]string{
		"product": o.Product, "version": o.Version, "socket": o.Socket,
	}, cmp.Or(o.Workspace, o.usual))
}

// Locale is the process' locale for messages, by the rules of POSIX, else the
// language of the user's system.
func Locale(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			return v
		}
	}
	return hostLanguage()
}

// parseKeys reads public keys as 'iscmarket product-key' prints them: 32 bytes
// in base64 or hexadecimal, each perhaps after its key id and a colon,
// separated by commas or white space.
func parseKeys(text string) ([]ed25519.PublicKey, error) {
	var keys []ed25519.PublicKey
	for _, field := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\r\n;", r) }) {
		_, value, named := strings.Cut(field, ":")
		if !named {
			value = field
		}
		key := decodeKey(value)
		if len(key) != ed25519.PublicKeySize {
			return nil, api.Fail(api.LeaseUnknownKey)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func decodeKey(text string) ed25519.PublicKey {
	if len(text) == hex.EncodedLen(ed25519.PublicKeySize) {
		if key, err := hex.DecodeString(text); err == nil {
			return key
		}
	}
	text = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	key, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return key
}
