package lease

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"
)

// key is a fixed signing key: tests and corpus stay the same from run to run.
func key() ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("lease test key"))
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

func trusted() []ed25519.PublicKey { return []ed25519.PublicKey{public(key())} }

// seal signs header and payload as they stand, well-formed or not.
func seal(k ed25519.PrivateKey, header, payload string) string {
	enc := base64.RawURLEncoding.EncodeToString
	signed := enc([]byte(header)) + "." + enc([]byte(payload))
	return signed + "." + enc(ed25519.Sign(k, []byte(signed)))
}

func goodHeader() string {
	return `{"alg":"EdDSA","typ":"isc-lease+jwt","kid":"` + KeyID(public(key())) + `"}`
}

func goodClaims() map[string]any {
	return map[string]any{
		"iss": "https://market.example", "aud": "minicad", "sub": "u1", "jti": "lease-1", "os": "uid:1000", "dev": "d1",
		"sid": "s1", "nonce": "n1", "feat": []string{"mesh", "solve"}, "iat": 10000, "nbf": 10000, "exp": 20000, "grc": 30000,
	}
}

func payload(tb testing.TB, change func(map[string]any)) string {
	tb.Helper()
	claims := goodClaims()
	if change != nil {
		change(claims)
	}
	content, err := json.Marshal(claims)
	if err != nil {
		tb.Fatal(err)
	}
	return string(content)
}

func goodToken(tb testing.TB) string {
	tb.Helper()
	return seal(key(), goodHeader(), payload(tb, nil))
}
