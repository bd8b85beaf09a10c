package isv

import (
	"crypto/hmac"
	"encoding/base64"
	"strings"
)

// BodySignHeader carries the signature of a vendor's answer.
const BodySignHeader = "Body-Sign"

// BodySign is the value of the Body-Sign header for an answer, blanks and
// quotes as documented.
func BodySign(accessKey string, body []byte) string {
	return `sign_type="HMAC-SHA256", signature= "` + base64.StdEncoding.EncodeToString(mac(accessKey, body)) + `"`
}

// CheckBodySign verifies the header of an answer. Vendors of the POST
// generation may leave it away: an empty value is accepted, a wrong one never.
func CheckBodySign(header, accessKey string, body []byte) error {
	if header == "" {
		return nil
	}
	_, rest, found := strings.Cut(header, "signature=")
	if !found {
		return ErrUnsigned
	}
	got, err := base64.StdEncoding.DecodeString(strings.Trim(strings.TrimSpace(rest), `"`))
	if err != nil {
		return ErrUnsigned
	}
	if !hmac.Equal(got, mac(accessKey, body)) {
		return ErrSignature
	}
	return nil
}
