package licensing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/web"
)

// reply is an answer of the open API; as an error it writes itself.
type reply struct {
	status int
	value  any
}

// Error implements web.Answer.
func (r reply) Error() string { return http.StatusText(r.status) }

// Answer implements web.Answer.
func (r reply) Answer(w http.ResponseWriter) {
	body, err := json.Marshal(r.value)
	if err != nil {
		r.status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	_, _ = w.Write(body)
}

func gateway(status int, code, message string) reply {
	return reply{status, isv.GatewayError{ErrorCode: code, ErrorMsg: message, RequestID: newID("")}}
}

// call is a signed request under way.
type call struct {
	vendor    Vendor
	signature string
	bodyHash  string
}

type callKey struct{}

// Guard lets in requests that a vendor signed with his AK/SK. The body is
// checked before anything looks at it: it waits in a temporary file, at most
// isv.MaxUploadBytes and what an upload adds to them. A request that changes
// something has its effect once: one that is sent again as it was gets the
// first answer again, and a signature that comes with another body is refused.
func (s *Service) Guard(r *http.Request) (context.Context, error) {
	unauthorized := gateway(http.StatusUnauthorized, "APIGW.0301", "Incorrect IAM authentication information.")
	auth, err := isv.ParseAuthorization(r, s.now())
	if err != nil {
		return nil, unauthorized
	}
	var v Vendor
	err = s.DB.Read(r.Context(), func(tx database.Tx) (err error) {
		v, err = vendorByAK(r.Context(), tx, auth.Access)
		return err
	})
	if err != nil {
		if errors.Is(err, fault.NotFound) {
			return nil, unauthorized
		}
		return nil, err
	}
	body, err := s.spool(r.Body) // a file of its own, until it is closed
	if err != nil {
		return nil, err
	}
	r.Body = body
	c := call{vendor: v, signature: auth.Signature, bodyHash: body.hash}
	if err := auth.Verify(r, v.SK, body.hash); err != nil {
		_ = body.Close()
		return nil, unauthorized
	}
	if r.Method != http.MethodGet {
		if err := s.replay.enter(c, s.now()); err != nil {
			_ = body.Close()
			return nil, err
		}
	}
	return context.WithValue(r.Context(), callKey{}, c), nil
}

// signed makes a handler of the open API.
func (s *Service) signed(h func(Vendor, *http.Request) reply) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		defer func() { _ = r.Body.Close() }()
		c, ok := r.Context().Value(callKey{}).(call)
		if !ok {
			return fault.New(fault.Internal).Because(errors.New("signed route without its guard"))
		}
		answer := h(c.vendor, r)
		if r.Method != http.MethodGet {
			s.replay.leave(c, answer)
		}
		answer.Answer(w)
		return nil
	}
}

// spooled is a body in a temporary file that disappears with Close.
type spooled struct {
	*os.File
	hash string
	done func()
}

// Close closes and removes the file.
func (b *spooled) Close() error {
	defer b.done()
	return errors.Join(b.File.Close(), os.Remove(b.Name()))
}

const (
	// envelope is what the parts of an upload may add to the file itself.
	envelope = 256 << 10
	// maxBodies is how many bodies may wait at once.
	maxBodies = 64
)

func (s *Service) spool(body io.Reader) (*spooled, error) {
	select {
	case s.bodies <- struct{}{}:
	default:
		return nil, gateway(http.StatusTooManyRequests, "APIGW.0308", "The throttling threshold has been reached.")
	}
	done := func() { <-s.bodies }
	f, err := os.CreateTemp(s.TempDir, "iscmarket-upload-")
	if err != nil {
		done()
		return nil, fault.New(fault.Internal).Because(err)
	}
	b := &spooled{File: f, done: done}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(body, isv.MaxUploadBytes+envelope+1))
	if err == nil && n > isv.MaxUploadBytes+envelope {
		err = gateway(http.StatusRequestEntityTooLarge, "APIGW.0201", "Request entity too large.")
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = b.Close()
		return nil, err
	}
	b.hash = hex.EncodeToString(h.Sum(nil))
	return b, nil
}
