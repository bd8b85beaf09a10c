package vendor

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"iscdesk.dev/marketplace/internal/isv"
)

// Credentials are what the marketplace gives a vendor: the content of the
// credentials file.
type Credentials struct {
	Marketplace string `json:"marketplace"` // base URL
	Vendor      string `json:"vendor"`      // id
	AccessKey   string `json:"accessKey"`   // signs callbacks
	isv.Credentials
}

// ReadCredentials reads a credentials file.
func ReadCredentials(path string) (Credentials, error) {
	var c Credentials
	body, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	if c.Marketplace == "" || c.AccessKey == "" || c.AK == "" || c.SK == "" {
		return c, fmt.Errorf("%s: marketplace, accessKey, ak and sk are needed", path)
	}
	c.Marketplace = strings.TrimSuffix(c.Marketplace, "/")
	return c, nil
}

// Config is what a Server is made of. Log, TLS and Now may be nil.
type Config struct {
	Credentials Credentials
	// State is the folder of the database and the key.
	State string
	Knobs Knobs
	// RetryEvery is how long the server waits before it calls a marketplace
	// again that did not answer; 2 s.
	RetryEvery time.Duration
	TLS        *tls.Config
	Now        func() time.Time
	Log        *slog.Logger
}

const keyFile = "vendor.key"

// Key reads the vendor's signing key, or makes it.
func Key(state string) (ed25519.PrivateKey, error) {
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(state, keyFile)
	body, err := os.ReadFile(path)
	if err == nil {
		seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(body)))
		if err != nil || len(seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("%s is damaged", path)
		}
		return ed25519.NewKeyFromSeed(seed), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed) // never fails
	return ed25519.NewKeyFromSeed(seed), writeNew(path, []byte(base64.StdEncoding.EncodeToString(seed)+"\n"))
}

// writeNew writes a file that its owner alone may read, durably, and never
// over another.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}
