package isv

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// CallbackWindow is how far the clocks of marketplace and vendor may differ.
const CallbackWindow = 60 * time.Second

// maxNonce bounds what a caller can make the replay cache keep.
const maxNonce = 128

// What is wrong with the signature of a callback.
var (
	ErrUnsigned  = errors.New("signature, timestamp or nonce is missing or malformed")
	ErrSkew      = errors.New("timestamp is too far from this machine's time")
	ErrSignature = errors.New("signature does not match")
	ErrReplay    = errors.New("this call was received before")
)

// CallbackSignature computes the signature of a callback of the POST
// generation. timestamp is in Unix milliseconds, body the raw bytes sent.
func CallbackSignature(accessKey, nonce, timestamp string, body []byte) string {
	payload := hex.EncodeToString(mac(accessKey, body))
	return strings.ToUpper(hex.EncodeToString(mac(accessKey, []byte(accessKey+nonce+timestamp+payload))))
}

// SignCallback adds signature, timestamp and nonce to the query of a call.
func SignCallback(q url.Values, accessKey, nonce string, at time.Time, body []byte) {
	timestamp := strconv.FormatInt(at.UnixMilli(), 10)
	q.Set("signature", CallbackSignature(accessKey, nonce, timestamp, body))
	q.Set("timestamp", timestamp)
	q.Set("nonce", nonce)
}

// Verifier checks the callbacks that a vendor receives. It is safe for use by
// many goroutines.
type Verifier struct {
	AccessKey string
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Nonces remembers what was received; nil: replays are not noticed.
	Nonces *Nonces
}

// Verify checks the signature in q over body. A nonce is only remembered for a
// call that is genuine, so that a forger cannot burn nonces.
func (v *Verifier) Verify(q url.Values, body []byte) error {
	signature, timestamp, nonce := q.Get("signature"), q.Get("timestamp"), q.Get("nonce")
	ms, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || signature == "" || nonce == "" || len(nonce) > maxNonce {
		return ErrUnsigned
	}
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	at := now()
	if skew := at.Sub(time.UnixMilli(ms)); skew > CallbackWindow || skew < -CallbackWindow {
		return ErrSkew
	}
	want := CallbackSignature(v.AccessKey, nonce, timestamp, body)
	if !hmac.Equal([]byte(strings.ToUpper(signature)), []byte(want)) {
		return ErrSignature
	}
	if v.Nonces != nil && !v.Nonces.Add(nonce, at.Add(2*CallbackWindow), at) {
		return ErrReplay
	}
	return nil
}

func mac(key string, data []byte) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write(data)
	return h.Sum(nil)
}
