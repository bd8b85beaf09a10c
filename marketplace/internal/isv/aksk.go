package isv

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"
)

// Names and limits of the AK/SK signature of open APIs.
const (
	AKSKWindow      = 15 * time.Minute
	UnsignedPayload = "UNSIGNED-PAYLOAD"
	DateHeader      = "X-Sdk-Date"
	ContentHeader   = "X-Sdk-Content-Sha256"

	akskAlgorithm = "SDK-HMAC-SHA256"
	akskDate      = "20060102T150405Z"
	maxSigned     = 64
)

// ErrAuthorization tells that a request carries no usable AK/SK signature.
var ErrAuthorization = errors.New("the Authorization header is missing or malformed")

// Credentials are a vendor's access key id and secret key for open APIs.
type Credentials struct {
	AK string `json:"ak"`
	SK string `json:"sk"`
}

// Sign sets X-Sdk-Date and Authorization. payloadHash is PayloadHash of the
// body, or UnsignedPayload. Every header that r carries is signed, and Host.
func (c Credentials) Sign(r *http.Request, payloadHash string, at time.Time) {
	r.Header.Set(DateHeader, at.UTC().Format(akskDate))
	if payloadHash == UnsignedPayload {
		r.Header.Set(ContentHeader, UnsignedPayload)
	}
	names := []string{"host"}
	for name := range r.Header {
		if lower := strings.ToLower(name); lower != "authorization" && lower != "host" {
			names = append(names, lower)
		}
	}
	sort.Strings(names)
	r.Header.Set("Authorization", fmt.Sprintf("%s Access=%s, SignedHeaders=%s, Signature=%s",
		akskAlgorithm, c.AK, strings.Join(names, ";"), akskSignature(r, names, payloadHash, c.SK)))
}

// PayloadHash is the hash of a body as the AK/SK signature wants it.
func PayloadHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// Authorization is what a request says about its signature.
type Authorization struct {
	Access    string
	Signed    []string // lower-case names of the signed headers, sorted
	Signature string
	// Unsigned tells that the signature does not cover the body.
	Unsigned bool
}

// ParseAuthorization reads the signature of a request and checks its date.
// It proves nothing yet: see Verify.
func ParseAuthorization(r *http.Request, now time.Time) (Authorization, error) {
	rest, found := strings.CutPrefix(r.Header.Get("Authorization"), akskAlgorithm+" ")
	if !found {
		return Authorization{}, ErrAuthorization
	}
	var a Authorization
	for part := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch key {
		case "Access":
			a.Access = value
		case "SignedHeaders":
			a.Signed = strings.Split(value, ";")
		case "Signature":
			a.Signature = value
		}
	}
	if a.Access == "" || a.Signature == "" || len(a.Signed) > maxSigned || !sort.StringsAreSorted(a.Signed) ||
		!slices.Contains(a.Signed, "host") || !slices.Contains(a.Signed, strings.ToLower(DateHeader)) {
		return Authorization{}, ErrAuthorization
	}
	at, err := time.Parse(akskDate, r.Header.Get(DateHeader))
	if err != nil {
		return Authorization{}, ErrAuthorization
	}
	if skew := now.Sub(at); skew > AKSKWindow || skew < -AKSKWindow {
		return Authorization{}, ErrSkew
	}
	if r.Header.Get(ContentHeader) == UnsignedPayload {
		if !slices.Contains(a.Signed, strings.ToLower(ContentHeader)) {
			return Authorization{}, ErrAuthorization
		}
		a.Unsigned = true
	}
	return a, nil
}

// Verify checks the signature with the secret key of a.Access. payloadHash is
// the hash of the body that was really received; it is not looked at when the
// body is unsigned.
func (a Authorization) Verify(r *http.Request, sk, payloadHash string) error {
	if a.Unsigned {
		payloadHash = UnsignedPayload
	}
	want := akskSignature(r, a.Signed, payloadHash, sk)
	if !hmac.Equal([]byte(strings.ToLower(a.Signature)), []byte(want)) {
		return ErrSignature
	}
	return nil
}

func akskSignature(r *http.Request, signed []string, payloadHash, sk string) string {
	canonical := PayloadHash([]byte(canonicalRequest(r, signed, payloadHash)))
	return hex.EncodeToString(mac(sk, []byte(akskAlgorithm+"\n"+r.Header.Get(DateHeader)+"\n"+canonical)))
}

func canonicalRequest(r *http.Request, signed []string, payloadHash string) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + canonicalPath(r.URL.Path) + "\n" + canonicalQuery(r.URL.Query()) + "\n")
	for _, name := range signed {
		b.WriteString(name + ":" + strings.TrimSpace(headerValue(r, name)) + "\n")
	}
	b.WriteString("\n" + strings.Join(signed, ";") + "\n" + payloadHash)
	return b.String()
}

func headerValue(r *http.Request, name string) string {
	if name != "host" {
		return r.Header.Get(name)
	}
	if r.Host != "" {
		return r.Host
	}
	return r.URL.Host
}

// canonicalPath ends with a slash whether or not the path sent does.
func canonicalPath(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = escape(parts[i])
	}
	joined := strings.Join(parts, "/")
	if !strings.HasSuffix(joined, "/") {
		joined += "/"
	}
	return joined
}

func canonicalQuery(q map[string][]string) string {
	var pairs []string
	for name, values := range q {
		for _, v := range values {
			pairs = append(pairs, escape(name)+"="+escape(v))
		}
	}
	sort.Strings(pairs)
	return strings.Join(pairs, "&")
}

// escape is the percent-encoding of RFC 3986: unreserved characters stay.
func escape(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}
