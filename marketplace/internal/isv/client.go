package isv

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// CallbackTimeout is how long a vendor has for his answer.
const CallbackTimeout = 5 * time.Second

const maxAnswer = 64 << 10

// Endpoint is where a vendor is called and the key that signs the calls.
type Endpoint struct {
	URL       string
	AccessKey string
}

// Callbacks calls vendors. The zero value is not usable; see NewCallbacks.
type Callbacks struct {
	http *http.Client
	now  func() time.Time
}

// NewCallbacks makes the client. Redirects are not followed and certificates
// are verified against pool of base's TLS configuration (nil: the system's).
func NewCallbacks(base *tls.Config, timeout time.Duration, now func() time.Time) *Callbacks {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if base != nil {
		conf = base.Clone()
		conf.MinVersion = tls.VersionTLS12
	}
	return &Callbacks{now: now, http: &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: conf, MaxIdleConnsPerHost: 4,
			IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
	}}
}

// Close lets go of idle connections.
func (c *Callbacks) Close() { c.http.CloseIdleConnections() }

// Do makes one signed call. An error means that no valid answer came; the call
// may have had its effect all the same and is repeated as it is.
func (c *Callbacks) Do(ctx context.Context, to Endpoint, call Call) (Answer, error) {
	if err := call.Validate(); err != nil {
		return Answer{}, err
	}
	target, err := ProductionURL(to.URL)
	if err != nil {
		return Answer{}, err
	}
	body, err := json.Marshal(call)
	if err != nil {
		return Answer{}, err
	}
	q := target.Query()
	SignCallback(q, to.AccessKey, Nonce(), c.now(), body)
	target.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(body))
	if err != nil {
		return Answer{}, errors.New("production URL is not usable")
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := c.http.Do(req)
	if err != nil {
		return Answer{}, plain(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return readAnswer(resp, to.AccessKey)
}

func readAnswer(resp *http.Response, accessKey string) (Answer, error) {
	if resp.StatusCode != http.StatusOK {
		return Answer{}, fmt.Errorf("the vendor answered HTTP status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return Answer{}, plain(err)
	}
	if len(body) > maxAnswer {
		return Answer{}, errors.New("the vendor's answer is too long")
	}
	if err := CheckBodySign(resp.Header.Get(BodySignHeader), accessKey, body); err != nil {
		return Answer{}, fmt.Errorf("Body-Sign of the vendor's answer: %w", err)
	}
	var a Answer
	if err := json.Unmarshal(body, &a); err != nil {
		return Answer{}, fmt.Errorf("the vendor's answer is not JSON: %w", err)
	}
	if len(a.ResultCode) != len(ResultSuccess) {
		return Answer{}, errors.New("the vendor's answer has no resultCode")
	}
	return a, check([]limit{{"resultMsg", a.ResultMsg, 255, false}, {"instanceId", a.InstanceID, 64, false}})
}

// plain drops the address from an error of the HTTP client: its query holds
// the signature.
func plain(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// ProductionURL reads a vendor's production URL. It must be https with a
// domain name; a loopback host may be plain http, for development.
func ProductionURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return nil, errors.New("production URL is malformed")
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	loopback := strings.EqualFold(host, "localhost") || (ip != nil && ip.IsLoopback())
	switch {
	case loopback && (u.Scheme == "http" || u.Scheme == "https"):
		return u, nil
	case u.Scheme != "https":
		return nil, errors.New("production URL must be https")
	case ip != nil:
		return nil, errors.New("production URL must name a domain, not an address")
	}
	return u, nil
}

// Nonce makes a random nonce of 64 hexadecimal digits.
func Nonce() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return strings.ToUpper(hex.EncodeToString(b[:]))
}
