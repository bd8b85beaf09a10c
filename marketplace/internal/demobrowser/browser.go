// Package demobrowser acts as a user's browser where there is none: in the
// demo and in tests. It follows a page of the marketplace, signs in with a
// name and a password, allows what is asked, and ends where a browser would.
package demobrowser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// maxPages bounds the pages that are followed, and maxPage what is read of
// one.
const (
	maxPages = 8
	maxPage  = 1 << 20
)

// ErrRefused tells that the marketplace showed a page that leads nowhere, such
// as that the password is wrong.
var ErrRefused = errors.New("the marketplace refused")

// Browse opens a URL and goes on until no form is left. It gives the address
// of the last page.
func Browse(ctx context.Context, start, userName, password string) (*url.URL, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, start, nil)
	if err != nil {
		return nil, err
	}
	for range maxPages {
		page, err := open(client, request)
		if err != nil {
			return nil, err
		}
		if page.status >= http.StatusBadRequest {
			return page.url, fmt.Errorf("%w: %s: %s", ErrRefused, page.url.Redacted(), page.text)
		}
		if page.form == nil {
			return page.url, nil
		}
		if request, err = page.form.filled(ctx, page.url, userName, password); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: still a form after %d pages", ErrRefused, maxPages)
}

// page is what was shown.
type page struct {
	url    *url.URL
	status int
	form   *form
	text   string
}

func open(client *http.Client, request *http.Request) (p page, err error) {
	response, err := client.Do(request)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxPage))
	if err != nil {
		return p, err
	}
	p = page{url: response.Request.URL, status: response.StatusCode}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		p.form, p.text = parse(string(body))
	}
	return p, nil
}

// filled is the request that sends the form.
func (f *form) filled(ctx context.Context, page *url.URL, userName, password string) (*http.Request, error) {
	target, err := page.Parse(f.action)
	if err != nil {
		return nil, err
	}
	values := f.values
	for _, input := range f.inputs {
		switch input {
		case "username":
			values.Set(input, userName)
		case "password":
			values.Set(input, password)
		}
	}
	if f.method != http.MethodPost {
		target.RawQuery = values.Encode()
		return http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(values.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", page.Scheme+"://"+page.Host)
	return request, nil
}
