package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"

	"golang.org/x/time/rate"
)

// burst is how much of a share may pass at once while nothing bounds it.
const burst = 1 << 20

// Share bounds how much one user sends and receives, whichever connections he
// shares with others: it holds back the bodies of his requests and of their
// answers. It may be changed while they flow.
type Share struct{ up, down *rate.Limiter }

// NewShare makes a share without bounds.
func NewShare() *Share {
	return &Share{up: rate.NewLimiter(rate.Inf, burst), down: rate.NewLimiter(rate.Inf, burst)}
}

// Set bounds the share from now on, in bytes per second; 0: no bound.
func (s *Share) Set(up, down int64) {
	adjust(s.up, up)
	adjust(s.down, down)
}

func adjust(l *rate.Limiter, perSecond int64) {
	if perSecond <= 0 {
		l.SetLimit(rate.Inf)
		l.SetBurst(burst)
		return
	}
	l.SetBurst(int(min(max(perSecond/4, leastPiece), burst)))
	l.SetLimit(rate.Limit(perSecond))
}

// Transport sends requests by way of next, at the pace of the share.
func (s *Share) Transport(next http.RoundTripper) *Paced { return &Paced{RoundTripper: next, share: s} }

// Paced is a transport under a Share.
type Paced struct {
	http.RoundTripper
	share *Share
}

// RoundTrip sends a request and gives its answer, both at the share's pace.
func (p *Paced) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		paced := *r // a transport must not change the caller's request
		paced.Body = &pacedBody{ReadCloser: r.Body, ctx: r.Context(), pace: p.share.up}
		paced.GetBody = nil
		r = &paced
	}
	answer, err := p.RoundTripper.RoundTrip(r)
	if err == nil && answer.Body != nil && answer.Body != http.NoBody {
		answer.Body = &pacedBody{ReadCloser: answer.Body, ctx: r.Context(), pace: p.share.down}
	}
	return answer, err
}

// CloseIdleConnections lets go of connections that nobody uses.
func (p *Paced) CloseIdleConnections() {
	if c, ok := p.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// pacedBody is read no faster than its pace, and until ctx ends.
type pacedBody struct {
	io.ReadCloser
	ctx  context.Context // the request's
	pace *rate.Limiter
}

// Read reads one piece and then waits for its share of time.
func (b *pacedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), b.pace.Burst())])
	for left := n; left > 0; {
		piece := min(left, b.pace.Burst())
		waited := b.pace.WaitN(b.ctx, piece)
		switch {
		case waited == nil:
			left -= piece
		case piece > b.pace.Burst() && b.ctx.Err() == nil: // it has become smaller just now
		default:
			return n, errors.Join(err, waited)
		}
	}
	return n, err
}
