package policy

import (
	"math"
	"net"
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"unicode"
)

// maxText bounds a value, in bytes.
const maxText = 4096

// text gives a raw value that is text, without space around it. Control
// characters would end up in requests and on terminals.
func text(raw any) (string, bool) {
	s, ok := raw.(string)
	s = strings.TrimSpace(s)
	return s, ok && len(s) <= maxText && !strings.ContainsFunc(s, unicode.IsControl)
}

func parseText(_ Setting, raw any) (any, bool) {
	s, ok := text(raw)
	return s, ok && s != ""
}

// parseMarketplace takes https, and plain http to this very machine.
func parseMarketplace(_ Setting, raw any) (any, bool) {
	s, ok := text(raw)
	u, err := url.Parse(strings.TrimRight(s, "/"))
	if !ok || err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || badPort(u) {
		return nil, false
	}
	return u.String(), u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())
}

func badPort(u *url.URL) bool {
	if u.Port() == "" {
		return false
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err != nil || n == 0
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Direct is the proxy that is none.
const Direct = "direct"

// parseProxy refuses credentials: policies can be read by everybody.
func parseProxy(_ Setting, raw any) (any, bool) {
	s, ok := text(raw)
	if strings.EqualFold(s, Direct) {
		return Direct, ok
	}
	u, err := url.Parse(s)
	if !ok || err != nil || u.Hostname() == "" || u.User != nil || badPort(u) || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, false
	}
	switch u.Scheme {
	case "http", "https", "socks5":
		return u.Scheme + "://" + u.Host, true
	}
	return nil, false
}

func parsePAC(s Setting, raw any) (any, bool) {
	if path, ok := parsePath(s, raw); ok {
		return path, true
	}
	t, ok := text(raw)
	u, err := url.Parse(t)
	if !ok || err != nil || u.User != nil || badPort(u) {
		return nil, false
	}
	switch u.Scheme {
	case "http", "https":
		return u.String(), u.Hostname() != ""
	case "file":
		path := u.Path
		if runtime.GOOS == "windows" {
			path = filepath.FromSlash(strings.TrimPrefix(path, "/"))
		}
		return path, u.Host == "" && filepath.IsAbs(path)
	}
	return nil, false
}

func parsePath(_ Setting, raw any) (any, bool) {
	s, ok := text(raw)
	return s, ok && filepath.IsAbs(s)
}

// parseList takes a list, or text that commas, semicolons or spaces divide.
func parseList(_ Setting, raw any) (any, bool) {
	var items []any
	switch v := raw.(type) {
	case []any:
		items = v
	case []string:
		for _, s := range v {
			items = append(items, s)
		}
	case string:
		for _, s := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) }) {
			items = append(items, s)
		}
	default:
		return nil, false
	}
	list := []string{}
	for _, item := range items {
		s, ok := text(item)
		if !ok || s == "" || strings.ContainsAny(s, ", ;") {
			return nil, false
		}
		list = append(list, s)
	}
	return list, true
}

// parseNumber takes a number, or text that is one.
func parseNumber(s Setting, raw any) (any, bool) {
	var n int64
	switch v := raw.(type) {
	case int64:
		n = v
	case uint64:
		if v > math.MaxInt64 {
			return nil, false
		}
		n = int64(v)
	case string:
		var err error
		if n, err = strconv.ParseInt(strings.TrimSpace(v), 10, 64); err != nil {
			return nil, false
		}
	default:
		return nil, false
	}
	return n, n >= s.Least && n <= s.Most
}

func parseChoice(s Setting, raw any) (any, bool) {
	t, ok := text(raw)
	for _, choice := range s.Choices {
		if ok && strings.EqualFold(t, choice) {
			return choice, true
		}
	}
	return nil, false
}

// parseOff takes what means no, and nothing else.
func parseOff(_ Setting, raw any) (any, bool) {
	switch v := raw.(type) {
	case bool:
		return false, !v
	case int64:
		return false, v == 0
	case uint64:
		return false, v == 0
	case string:
		off, err := strconv.ParseBool(strings.TrimSpace(v))
		return false, err == nil && !off
	}
	return nil, false
}

// The units of sizes, and of rates before "/s": decimal as disks and lines are
// sold, binary with the i.
func units() []struct {
	name  string
	bytes float64
} {
	return []struct {
		name  string
		bytes float64
	}{
		{"kbit", 1e3 / 8},
		{"mbit", 1e6 / 8},
		{"gbit", 1e9 / 8},
		{"kib", 1 << 10},
		{"mib", 1 << 20},
		{"gib", 1 << 30},
		{"tib", 1 << 40},
		{"kb", 1e3},
		{"mb", 1e6},
		{"gb", 1e9},
		{"tb", 1e12},
		{"b", 1},
	}
}

// The least rate, at which calls still go through, and the least room, into
// which a drawing fits.
const (
	leastRate = 1 << 10
	leastRoom = 1 << 20
)

// ParseRate reads a rate as the settings spell it ("10MB/s"), in bytes per
// second.
func ParseRate(value string) (int64, bool) {
	parsed, ok := parseRate(Setting{}, value)
	n, _ := parsed.(int64)
	return n, ok
}

func parseRate(_ Setting, raw any) (any, bool) {
	s, ok := text(raw)
	per, isRate := strings.CutSuffix(strings.ToLower(s), "/s")
	n, good := quantity(per)
	return n, ok && isRate && good && n >= leastRate
}

func parseSize(_ Setting, raw any) (any, bool) {
	s, ok := text(raw)
	s = strings.ToLower(s)
	n, good := quantity(s)
	return n, ok && good && n >= leastRoom && !strings.HasSuffix(s, "bit")
}

func quantity(s string) (int64, bool) {
	for _, u := range units() {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		bytes := n * u.bytes
		return int64(bytes), err == nil && bytes >= 0 && bytes < 1<<60
	}
	return 0, false
}
