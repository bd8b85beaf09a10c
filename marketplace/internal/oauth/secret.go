package oauth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// newSecret is 256 random bits in a form that fits URLs and forms.
func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// newID names a row. It is no secret.
func newID() string { return rand.Text() }

// digest is what is stored of a secret. The secrets have 256 random bits, so
// a plain hash is enough.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// derive makes the secret that is handed out in exchange for another one. The
// purpose keeps the kinds of secret apart.
func (s *Server) derive(purpose, from string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(purpose))
	mac.Write([]byte{0})
	mac.Write([]byte(from))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
