package vendor

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// Prefix begins every licence.
const Prefix = "ISCLIC1."

// License is what a licence says.
type License struct {
	Product     string `json:"product"`
	Instance    string `json:"instance"`
	Event       string `json:"event"`
	Fingerprint string `json:"fingerprint"`
	Issued      int64  `json:"issued"`  // Unix seconds
	Expires     int64  `json:"expires"` // Unix seconds; 0: no end
}

// Issue signs a licence.
func Issue(l License, key ed25519.PrivateKey) (string, error) {
	payload, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	signed := Prefix + base64.RawURLEncoding.EncodeToString(payload)
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(signed))), nil
}

// ErrLicense tells that a text is no licence of this vendor.
var ErrLicense = errors.New("not a licence of this vendor")

// Check verifies a licence and gives what it says. Whether the machine and the
// time are right is for the caller to see.
func Check(text string, key ed25519.PublicKey) (License, error) {
	var l License
	dot := strings.LastIndexByte(text, '.')
	if dot < len(Prefix) || !strings.HasPrefix(text, Prefix) {
		return l, ErrLicense
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(text[dot+1:])
	if err != nil || !ed25519.Verify(key, []byte(text[:dot]), signature) {
		return l, ErrLicense
	}
	payload, err := base64.RawURLEncoding.Strict().DecodeString(text[len(Prefix):dot])
	if err != nil {
		return l, ErrLicense
	}
	return l, json.Unmarshal(payload, &l)
}
