package vendor

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"sync"
	"time"

	"iscdesk.dev/marketplace/internal/isv"
)

// Knobs make the sample vendor misbehave as real ones do.
type Knobs struct {
	// Code answers getLicenseAsync instead of the real result; empty: no
	// misbehaviour. 000000 and 000004 still issue a licence.
	Code string `json:"code,omitempty"`
	// NewCode answers newInstance.
	NewCode string `json:"newCode,omitempty"`
	// AnswerDelay holds back the answers to callbacks, in milliseconds.
	AnswerDelay int64 `json:"answerDelay,omitempty"`
	// UploadDelay holds back the upload of a licence, in milliseconds.
	UploadDelay int64 `json:"uploadDelay,omitempty"`
	// NoUpload issues licences and never uploads them.
	NoUpload bool `json:"noUpload,omitempty"`
	// Down drops the connections of callbacks without an answer.
	Down bool `json:"down,omitempty"`
}

func (k Knobs) check() error {
	for _, code := range []string{k.Code, k.NewCode} {
		if code != "" && !regexp.MustCompile(`^\d{6}$`).MatchString(code) {
			return errors.New("a result code has six digits")
		}
	}
	if k.AnswerDelay < 0 || k.UploadDelay < 0 {
		return errors.New("a delay is negative")
	}
	return nil
}

// knobs is what is set now.
type knobs struct {
	mu  sync.Mutex
	now Knobs
}

func (k *knobs) get() Knobs {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now
}

func (k *knobs) set(to Knobs) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now = to
}

// ControlPath is where the knobs are read (GET) and set (PUT, JSON), by
// programs of the same machine only.
const ControlPath = "/control"

// control reads and sets the knobs. Browsers are kept out: they name the page
// that they come from, or cannot send JSON unasked.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !net.ParseIP(host).IsLoopback() || r.Header.Get("Origin") != "" || r.Header.Get("Referer") != "" {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	if r.Method == http.MethodPut {
		var k Knobs
		err := json.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(&k)
		if err == nil {
			err = k.check()
		}
		if err != nil || r.Header.Get("Content-Type") != "application/json" {
			http.Error(w, "the knobs are not valid", http.StatusBadRequest)
			return
		}
		s.knobs.set(k)
		s.nudge()
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s.knobs.get())
}

// forced is the answer that the knobs want for an activity.
func (k Knobs) forced(activity string) string {
	switch activity {
	case isv.ActivityGetLicense:
		return k.Code
	case isv.ActivityNewInstance:
		return k.NewCode
	}
	return ""
}

func (k Knobs) uploadDelay() time.Duration { return time.Duration(k.UploadDelay) * time.Millisecond }
