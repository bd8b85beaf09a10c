package cloud

import (
	"net"
	"net/url"
	"strings"

	"iscdesk.dev/agent/api"
)

// Prefix is where the agent API stands below the marketplace's base URL.
const Prefix = "/api/agent/v1"

// parseBase checks the address of a marketplace. Tokens and licences travel
// over it, so plain http is allowed to this very machine only.
func parseBase(base string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(base, "/"))
	switch {
	case err != nil:
		return nil, invalidBase("it is not an address").Because(err)
	case u.Host == "" || u.Hostname() == "":
		return nil, invalidBase("it names no host")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, invalidBase("it must hold no user, query or fragment")
	case u.Scheme == "https":
		return u, nil
	case u.Scheme == "http" && loopback(u.Hostname()):
		return u, nil
	case u.Scheme == "http":
		return nil, invalidBase("plain http is allowed to this machine only; use https")
	}
	return nil, invalidBase("it must begin with https://")
}

func invalidBase(reason string) *api.Error {
	return api.Fail(api.InvalidArgument, "argument", "marketplace", "reason", reason)
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
