package licensing

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"time"
)

// clockSkew is how far a machine's clock may be behind ours before a fresh
// lease looks as if it were not valid yet.
const clockSkew = 5 * time.Minute

// header is the protected header of a lease; nothing in it is negotiable.
type header struct {
	Algorithm string `json:"alg"`
	Type      string `json:"typ"`
	Key       string `json:"kid"`
}

// claims is the payload of a lease. Times are Unix seconds.
type claims struct {
	Issuer    string   `json:"iss"`
	Product   string   `json:"aud"`
	Subject   string   `json:"sub"`
	ID        string   `json:"jti"`
	OSUser    string   `json:"os"`
	Device    string   `json:"dev"`
	Session   string   `json:"sid"`
	Nonce     string   `json:"nonce"`
	Features  []string `json:"feat"`
	IssuedAt  int64    `json:"iat"`
	NotBefore int64    `json:"nbf"`
	Expires   int64    `json:"exp"`
	Grace     int64    `json:"grc"`
}

// sign makes the token: a JWS in compact form.
func sign(c claims, key ed25519.PrivateKey) (string, error) {
	h, err := json.Marshal(header{"EdDSA", "isc-lease+jwt", keyID(key.Public().(ed25519.PublicKey))})
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	input := base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(payload)
	return input + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(input))), nil
}

// keyID is the first 16 hexadecimal digits of the SHA-256 of a public key.
func keyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}
