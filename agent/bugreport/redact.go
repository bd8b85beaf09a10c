// Package bugreport writes one archive that tells support what is wrong with a
// user's iscdesk: versions, the doctor's findings, a summary of the state, the
// policy and the log. Nothing secret is in it, and no name of a person or a
// document.
package bugreport

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// redactor takes out of free text what could be secret or would say who
// somebody is. It errs on the side of too much: a log line that lost a word
// still tells what failed.
type redactor struct {
	known *strings.Replacer
	// salt makes the stand-ins of this report mean nothing beside another's.
	salt []byte
}

// name is a word that must not leave the machine, and what stands for it.
type name struct{ word, stand string }

// newRedactor knows the given names. Longer ones go first, so that a document's
// path is not cut up by the user's name in it.
func newRedactor(names []name) redactor {
	names = slices.DeleteFunc(slices.Clone(names), func(n name) bool { return len(n.word) < 2 })
	slices.SortStableFunc(names, func(a, b name) int { return len(b.word) - len(a.word) })
	var pairs []string
	for _, n := range names {
		pairs = append(pairs, n.word, n.stand)
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	return redactor{strings.NewReplacer(pairs...), salt}
}

// The shapes that secrets have, wherever they turn up.
var (
	addresses = regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://[^\s"'<>]+`)
	headers   = regexp.MustCompile(`(?i)\b((?:bearer|basic|digest|negotiate)\s+)[^\s",;]+`)
	fields    = regexp.MustCompile(`(?i)([a-z0-9_-]*(?:password|passwd|pwd|secret|token|cookie|credential|authorization|api_?key|private_?key|verifier|content|license_?string)[a-z0-9_-]*["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|[^\s,;}\]]+)`)
	mails     = regexp.MustCompile(`[^\s"'<>@=]+@[^\s"'<>@]+\.[A-Za-z]{2,}`)
	naming    = regexp.MustCompile(`\b(user|tenant|operation|path|what|file|document|folder|name|message|detail)(=)(\\?"(?:[^"\\]|\\[^"])*\\?"|[^\s"]+)`)
	named     = regexp.MustCompile(`^(user|tenant|path|what|file|document|folder|name|message)$`)
	hardware  = regexp.MustCompile(`\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b`)
	opaque    = regexp.MustCompile(`[A-Za-z0-9_+.-]{24,}={0,2}`)
	base64    = regexp.MustCompile(`[A-Za-z0-9+/]{40,}={0,2}`)
	armour    = regexp.MustCompile(`(?s)-----BEGIN [^-]+-----.*?(-----END [^-]+-----|$)`)
	uuid      = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

const removed = "<removed>"

func (r redactor) text(s string) string {
	s = armour.ReplaceAllString(s, removed)
	s = addresses.ReplaceAllStringFunc(s, address)
	s = headers.ReplaceAllString(s, "${1}"+removed)
	s = fields.ReplaceAllString(s, "${1}"+removed)
	s = r.known.Replace(s)
	s = naming.ReplaceAllStringFunc(s, r.alias)
	s = mails.ReplaceAllString(s, "<mail>")
	s = hardware.ReplaceAllString(s, "<mac>")
	s = base64.ReplaceAllStringFunc(s, key)
	return opaque.ReplaceAllStringFunc(s, key)
}

// alias puts the same stand-in for the same value everywhere in a report, so
// that what happened to one document can still be followed.
func (r redactor) alias(field string) string {
	word, value, _ := strings.Cut(field, "=")
	value = strings.Trim(value, "\\\"")
	if uuid.MatchString(value) {
		return field
	}
	if stand := r.stand(word, value); stand != "" {
		return word + "=" + stand
	}
	return field
}

// stand is what stands for a value; empty where the value says nothing about
// anybody: it has been replaced, or is a place of the service's own.
func (r redactor) stand(word, value string) string {
	for _, own := range []string{"<", "/run/", "/var/lib/iscdesk", `\\.\pipe\`, `C:\ProgramData\iscdesk`} {
		if value == "" || strings.HasPrefix(value, own) {
			return ""
		}
	}
	mac := hmac.New(sha256.New, r.salt)
	mac.Write([]byte(value))
	return fmt.Sprintf("<%s %x>", word, mac.Sum(nil)[:3])
}

// address keeps of a URL what tells where it goes: no user, no query. Codes
// and signed parameters live there.
func address(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		scheme, _, _ := strings.Cut(s, "://")
		return scheme + "://" + removed
	}
	if u.User == nil && u.RawQuery == "" && u.Fragment == "" {
		return s
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment = nil, "", false, ""
	return u.String() + "?" + removed
}

// key removes what looks like key material: letters and digits mixed over a
// long run. Words joined by dots, dashes or slashes stay, and so do the
// numbers of operations (UUIDs), by which support finds an event again.
func key(s string) string {
	if uuid.MatchString(s) {
		return s
	}
	var letters, digits, changes int
	var last rune
	for _, c := range s {
		class := 'o'
		switch {
		case unicode.IsDigit(c):
			class = 'd'
			digits++
		case unicode.IsUpper(c):
			class = 'U'
			letters++
		case unicode.IsLower(c):
			class = 'l'
			letters++
		}
		if class != last {
			changes++
		}
		last = class
	}
	if digits == 0 && changes < len(s)/4 || letters == 0 || changes < 6 {
		return s
	}
	return removed
}
