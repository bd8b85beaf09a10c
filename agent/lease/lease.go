// Package lease reads and checks the signed token that lets an application
// run: a JWS in compact form, signed with Ed25519 by the vendor's key, bound
// to one product, device and user of the operating system.
//
// It is pure: no clock, disk or network. Parse verifies once; Check is
// arithmetic on what Parse returned, cheap enough for every frame that an
// application draws. Nothing in a token is negotiable: the header holds
// exactly alg EdDSA, typ isc-lease+jwt and the kid of a key that the caller
// compiled in, each once, and every byte has one spelling only.
package lease

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"iscdesk.dev/agent/api"
)

// The fixed members of the protected header.
const (
	Algorithm = "EdDSA"
	Type      = "isc-lease+jwt"
)

// MaxToken bounds a token, in bytes.
const MaxToken = 16 << 10

// Claims is what a verified token says. Times are Unix seconds.
type Claims struct {
	Issuer  string // iss: the marketplace
	Product string // aud
	Subject string // sub: the marketplace's user
	ID      string // jti: the lease
	OSUser  string // os: the operating system's user, such as uid:1000
	Device  string // dev: the machine as protected for this product
	Session string // sid: the application's session
	Nonce   string // nonce: of the call that the token was issued for
	// Features are what the licence includes.
	Features []string // feat
	IssuedAt int64    // iat
	// NotBefore and Expires bound the active stage, Grace ends what follows.
	NotBefore int64 // nbf
	Expires   int64 // exp
	Grace     int64 // grc
}

// KeyID is the kid of a public key: the first 16 hexadecimal digits of the
// SHA-256 of its 32 raw bytes.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// Parse verifies token against the vendor's keys and returns its claims. It
// fails with api.LeaseMalformed, api.LeaseUnknownKey or
// api.LeaseBadSignature. It does not look at times, product, device or user:
// Claims.Check does.
func Parse(token string, keys []ed25519.PublicKey) (Claims, error) {
	if len(token) > MaxToken {
		return Claims{}, malformed(fmt.Errorf("%d bytes", len(token)))
	}
	header, rest, ok1 := strings.Cut(token, ".")
	payload, signature, ok2 := strings.Cut(rest, ".")
	if !ok1 || !ok2 {
		return Claims{}, malformed(errors.New("not three parts"))
	}
	kid, err := parseHeader(header)
	if err != nil {
		return Claims{}, malformed(err)
	}
	sig, err := decode(signature)
	if err != nil || len(sig) != ed25519.SignatureSize {
		return Claims{}, malformed(errors.New("signature is not 64 bytes of base64url"))
	}
	content, err := decode(payload)
	if err != nil {
		return Claims{}, malformed(err)
	}
	key := find(kid, keys)
	if key == nil {
		return Claims{}, api.Fail(api.LeaseUnknownKey).Because(fmt.Errorf("key %s", kid))
	}
	if !ed25519.Verify(key, []byte(token[:len(header)+1+len(payload)]), sig) {
		return Claims{}, api.Fail(api.LeaseBadSignature)
	}
	claims, err := parseClaims(content)
	if err != nil {
		return Claims{}, malformed(err)
	}
	return claims, nil
}

func find(kid string, keys []ed25519.PublicKey) ed25519.PublicKey {
	for _, key := range keys {
		if len(key) == ed25519.PublicKeySize && KeyID(key) == kid {
			return key
		}
	}
	return nil
}

// decode reads base64url without padding and accepts only the one spelling
// that encoding gives: no line breaks, no stray bits in the last character.
func decode(part string) ([]byte, error) {
	content, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil, err
	}
	if base64.RawURLEncoding.EncodeToString(content) != part {
		return nil, errors.New("base64url is not canonical")
	}
	return content, nil
}

func malformed(cause error) error { return api.Fail(api.LeaseMalformed).Because(cause) }
