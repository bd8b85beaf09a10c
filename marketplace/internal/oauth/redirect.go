package oauth

import (
	"net/url"
	"strconv"
)

// maxRedirect bounds a redirect URI.
const maxRedirect = 2048

// redirectAllowed tells whether a client may send browsers to uri: its
// registered one, or for a client without one http on 127.0.0.1 with any port
// (RFC 8252, 7.3). Names such as localhost are refused, because others may
// decide what they resolve to.
func redirectAllowed(c Client, uri string) bool {
	if uri == "" || len(uri) > maxRedirect {
		return false
	}
	if c.RedirectURI != "" {
		return uri == c.RedirectURI
	}
	return loopback(uri)
}

func loopback(uri string) bool {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "http" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return false
	}
	port, err := strconv.Atoi(u.Port())
	return err == nil && port > 0 && port < 1<<16 && u.Hostname() == "127.0.0.1" && u.Path != "" && u.Path[0] == '/'
}

// withQuery adds parameters to a redirect URI that was found to be allowed.
func withQuery(uri string, pairs ...string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return "/"
	}
	query := u.Query()
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// origin is the scheme and host of an allowed redirect URI, for the content
// security policy of the page that ends there.
func origin(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
