package proxy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// mirror answers with what it is sent, without a network.
type mirror struct{ idle int }

func (e *mirror) RoundTrip(r *http.Request) (*http.Response, error) {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(content))}, nil
}

func (e *mirror) CloseIdleConnections() { e.idle++ }

// exchange sends content and reads it back.
func exchange(ctx context.Context, t *testing.T, s *Share, content string) (sent, received time.Duration, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://market.example/", strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	body := r.Body
	start := time.Now()
	answer, err := s.Transport(&mirror{}).RoundTrip(r)
	if r.Body != body {
		t.Error("the caller's request was changed")
	}
	if err != nil {
		return 0, 0, err
	}
	sent = time.Since(start)
	start = time.Now()
	got, err := io.ReadAll(answer.Body)
	if err == nil && string(got) != content {
		t.Errorf("%d bytes came back, %d were sent", len(got), len(content))
	}
	return sent, time.Since(start), errors.Join(err, answer.Body.Close())
}

func TestAShareBoundsBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		content := strings.Repeat("x", 1<<20)
		s := NewShare()
		if up, down, err := exchange(t.Context(), t, s, content); err != nil || up > 0 || down > 0 {
			t.Errorf("without bounds: %s up, %s down, %v", up, down, err)
		}
		s.Set(256<<10, 512<<10)
		// The first quarter of a second goes at once.
		if up, down, err := exchange(t.Context(), t, s, content); err != nil || up < 3500*time.Millisecond || up > 4*time.Second || down < 1500*time.Millisecond || down > 2*time.Second {
			t.Errorf("1 MiB with 256 KiB/s up and 512 KiB/s down: %s up, %s down, %v", up, down, err)
		}
		s.Set(0, 0)
		if up, down, err := exchange(t.Context(), t, s, content); err != nil || up > 0 || down > 0 {
			t.Errorf("without bounds again: %s up, %s down, %v", up, down, err)
		}
	})
}

func TestAShareIsOfEverythingTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewShare()
		s.Set(64<<10, 0)
		ended := make(chan error, 2)
		start := time.Now()
		for range 2 {
			go func() {
				_, _, err := exchange(t.Context(), t, s, strings.Repeat("x", 256<<10))
				ended <- err
			}()
		}
		if err := errors.Join(<-ended, <-ended); err != nil {
			t.Fatal(err)
		}
		// 512 KiB, of which a quarter of a second goes at once.
		if took := time.Since(start); took < 7*time.Second || took > 8*time.Second {
			t.Errorf("two uploads of 256 KiB took %s at 64 KiB/s", took)
		}
	})
}

func TestAShareCanBecomeSmallerMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewShare()
		s.Set(1<<20, 0)
		time.AfterFunc(time.Second, func() { s.Set(8<<10, 0) })
		up, _, err := exchange(t.Context(), t, s, strings.Repeat("x", 2<<20))
		if err != nil || up < 30*time.Second {
			t.Errorf("2 MiB, the second one at 8 KiB/s: %s, %v", up, err)
		}
	})
}

func TestWhatWaitsForItsShareEndsWithTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewShare()
		s.Set(1<<10, 0)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		if _, _, err := exchange(ctx, t, s, strings.Repeat("x", 1<<20)); !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestAPacedTransportLetsGoOfIdleConnections(t *testing.T) {
	e := &mirror{}
	(&http.Client{Transport: NewShare().Transport(e)}).CloseIdleConnections()
	if e.idle != 1 {
		t.Errorf("let go %d times", e.idle)
	}
}
