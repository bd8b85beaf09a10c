package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"iscdesk.dev/agent/api"
)

// Bounds of a call.
const (
	maxAnswer   = 32 << 20
	callTimeout = 2 * time.Minute
)

// Tokens gives the access token of the signed-in user.
type Tokens interface {
	// Token returns a token that is good now, refreshing it first where it has
	// to. It fails with api.SignedOut, or api.Offline where the refresh needs a
	// network that is not there.
	Token(ctx context.Context) (string, error)
	// Rejected says that the marketplace refused this token; the next Token
	// returns another one.
	Rejected(token string)
}

// Client calls the agent API of one marketplace for one user. It is safe for
// any number of goroutines.
type Client struct {
	base   *url.URL // nil: no marketplace is configured
	http   *http.Client
	tokens Tokens
}

// New makes a client of the marketplace at base, an https address, or a plain
// http one on this machine. Without a base every call fails with
// api.NotConfigured.
func New(base string, client *http.Client, tokens Tokens) (*Client, error) {
	if base == "" {
		return &Client{http: client, tokens: tokens}, nil
	}
	u, err := parseBase(base)
	if err != nil {
		return nil, err
	}
	return &Client{base: u, http: client, tokens: tokens}, nil
}

// Call sends in as JSON (nil: no body) to path and reads the answer into out
// (nil: it is dropped). path stands below Prefix and holds its query, both
// escaped by the caller: "/entries?path=%2F". The error is always an
// *api.Error.
func (c *Client) Call(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var body io.Reader
	contentType := ""
	if in != nil {
		content, err := json.Marshal(in)
		if err != nil {
			return api.Fail(api.Internal).Because(err)
		}
		body, contentType = bytes.NewReader(content), "application/json"
	}
	answer, err := c.Stream(ctx, method, path, body, contentType, nil) //nolint:bodyclose // drain closes it
	if err != nil {
		return err
	}
	defer drain(answer.Body)
	if out == nil {
		return nil
	}
	return c.decode(ctx, answer, out)
}

func (c *Client) decode(ctx context.Context, answer *http.Response, out any) error {
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return transport(ctx, err)
	case len(content) > maxAnswer:
		return failed("answer too long", nil)
	}
	if err := json.Unmarshal(content, out); err != nil {
		return failed("malformed answer", err)
	}
	return nil
}

// Stream sends body as it is and hands the answer's body over unread; the
// caller closes it. An answer from status 300 on is an error instead. A
// refused token is refreshed and the request sent again, which needs a body
// that is an io.Seeker (or none): a body that can be read but once fails with
// api.MarketplaceFailed then, and the caller begins anew.
func (c *Client) Stream(ctx context.Context, method, path string, body io.Reader, contentType string, header http.Header) (*http.Response, error) {
	for attempt := 0; ; attempt++ {
		if c.base == nil {
			return nil, api.Fail(api.NotConfigured)
		}
		token, err := c.tokens.Token(ctx)
		if err != nil {
			return nil, tokenError(ctx, err)
		}
		answer, err := c.send(ctx, method, path, body, contentType, header, token)
		if err != nil {
			return nil, err
		}
		if answer.StatusCode != http.StatusUnauthorized {
			return accept(answer)
		}
		drain(answer.Body)
		c.tokens.Rejected(token)
		if attempt > 0 {
			return nil, api.Fail(api.SignedOut)
		}
		if err := rewind(body); err != nil {
			return nil, failed("401", err)
		}
	}
}

func (c *Client) send(ctx context.Context, method, path string, body io.Reader, contentType string, header http.Header, token string) (*http.Response, error) {
	if c.base == nil {
		return nil, api.Fail(api.NotConfigured)
	}
	if seeker, ok := body.(io.Seeker); ok {
		// The transport closes a body that is an io.Closer, and a retry reads it again.
		body = unclosed{body, seeker}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.address(path), body)
	if err != nil {
		return nil, api.Fail(api.Internal).Because(err)
	}
	if sized, ok := body.(unclosed); ok {
		if request.ContentLength = sized.remaining(); request.ContentLength == 0 {
			request.Body = http.NoBody
		}
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, transport(ctx, err)
	}
	return answer, nil
}

func (c *Client) address(path string) string { return c.base.String() + Prefix + path }

// accept passes an answer of 2xx and turns every other into an error.
func accept(answer *http.Response) (*http.Response, error) {
	if answer.StatusCode < http.StatusMultipleChoices {
		return answer, nil
	}
	defer drain(answer.Body)
	return nil, refusal(answer)
}

// unclosed is a body that stays open after it was sent.
type unclosed struct {
	io.Reader
	seeker io.Seeker
}

// remaining is the number of bytes from here to the end, -1 if unknown.
func (u unclosed) remaining() int64 {
	here, err := u.seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return -1
	}
	end, err := u.seeker.Seek(0, io.SeekEnd)
	if err != nil {
		return -1
	}
	if _, err := u.seeker.Seek(here, io.SeekStart); err != nil {
		return -1
	}
	return end - here
}

var errOneShot = errors.New("the content can be read only once")

func rewind(body io.Reader) error {
	if body == nil {
		return nil
	}
	seeker, ok := body.(io.Seeker)
	if !ok {
		return errOneShot
	}
	_, err := seeker.Seek(0, io.SeekStart)
	return err
}

// drain reads a little of what is left, so that the connection can be used
// again, and closes the body.
func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10) // the answer is decided; only the connection's reuse is at stake
	_ = body.Close()                          // nothing was written
}
