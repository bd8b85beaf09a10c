package oauth

import (
	"net"
	"net/url"
	"testing"
	"time"
)

func TestDecideRefresh(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	good := refreshFacts{grant: "g", client: "c", expires: now.Add(time.Hour)}
	with := func(change func(*refreshFacts)) refreshFacts {
		f := good
		change(&f)
		return f
	}
	for name, c := range map[string]struct {
		facts refreshFacts
		want  refreshStep
	}{
		"fresh":            {good, rotate},
		"expires now":      {with(func(f *refreshFacts) { f.expires = now }), invalid},
		"revoked":          {with(func(f *refreshFacts) { f.revoked = true }), invalid},
		"revoked and used": {with(func(f *refreshFacts) { f.revoked, f.used = true, now.Add(-time.Hour) }), invalid},
		"another client's": {with(func(f *refreshFacts) { f.client = "d" }), invalid},
		"used just now":    {with(func(f *refreshFacts) { f.used = now }), repeat},
		"at the window":    {with(func(f *refreshFacts) { f.used = now.Add(-time.Minute) }), repeat},
		"after the window": {with(func(f *refreshFacts) { f.used = now.Add(-time.Minute - 1) }), stolen},
		"successor used":   {with(func(f *refreshFacts) { f.used, f.successorUsed = now, true }), stolen},
	} {
		if got := decideRefresh(c.facts, "c", now, time.Minute); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestPasswordHash(t *testing.T) {
	h := hashPassword("secret")
	if h == hashPassword("secret") {
		t.Error("two hashes of one password are the same: no salt")
	}
	if ok, err := matches(h, "secret"); !ok || err != nil {
		t.Errorf("the password itself: %v %v", ok, err)
	}
	if ok, err := matches(h, "Secret"); ok || err != nil {
		t.Errorf("another password: %v %v", ok, err)
	}
	for _, bad := range []string{"", "secret", "$argon2id$v=19$m=1,t=1,p=1$$", "$argon2id$v=18$m=19456,t=2,p=1$AAAA$AAAA", "$bcrypt$a$b$c$d"} {
		if ok, err := matches(bad, "secret"); ok || err == nil {
			t.Errorf("hash %q: %v %v", bad, ok, err)
		}
	}
}

func TestFailuresStayBounded(t *testing.T) {
	now := time.Now()
	f := newFailures(func() time.Time { return now })
	for i := range maxKeys * 2 {
		f.count(map[string]allowance{string(rune(i)): {burst: 1, every: time.Second}})
	}
	if len(f.by) > maxKeys {
		t.Errorf("%d keys are kept, more than %d", len(f.by), maxKeys)
	}
}

// FuzzLoopback: whatever is let through leads to this machine.
func FuzzLoopback(f *testing.F) {
	for _, s := range []string{"http://127.0.0.1:1/x", "http://[::1]:1/", "http://127.0.0.1:1@e/", "http://127.0.0.1:1\\@e/", "http:127.0.0.1:1/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		if !loopback(uri) {
			return
		}
		u, err := url.Parse(withQuery(uri, "code", "c"))
		if err != nil {
			t.Fatalf("%q is allowed and cannot be read", uri)
		}
		if ip := net.ParseIP(u.Hostname()); u.Scheme != "http" || ip == nil || !ip.IsLoopback() || u.Query().Get("code") != "c" {
			t.Errorf("%q leads to %q", uri, u)
		}
	})
}
