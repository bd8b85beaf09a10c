package lease

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Bounds of what a signed token may hold.
const (
	maxFeatures = 256
	maxText     = 1024
	// maxTime is the last second of the year 9999: whatever claims to be later
	// is not a time in seconds.
	maxTime = 253402300799
)

// parseHeader checks the protected header and returns the key's id.
func parseHeader(part string) (string, error) {
	content, err := decode(part)
	if err != nil {
		return "", err
	}
	members, err := object(content)
	if err != nil {
		return "", err
	}
	if len(members) != 3 {
		return "", errors.New("header must hold exactly alg, typ and kid")
	}
	r := reader{members: members}
	if r.text("alg") != Algorithm || r.text("typ") != Type {
		return "", errors.New("header is not " + Algorithm + " " + Type)
	}
	return r.text("kid"), r.err
}

func parseClaims(content []byte) (Claims, error) {
	members, err := object(content)
	if err != nil {
		return Claims{}, err
	}
	r := reader{members: members}
	c := Claims{
		Issuer: r.text("iss"), Product: r.text("aud"), Subject: r.text("sub"), ID: r.text("jti"),
		OSUser: r.text("os"), Device: r.text("dev"), Session: r.text("sid"), Nonce: r.text("nonce"),
		Features: r.texts("feat"),
		IssuedAt: r.time("iat"), NotBefore: r.time("nbf"), Expires: r.time("exp"), Grace: r.time("grc"),
	}
	if r.err == nil && (c.NotBefore > c.Expires || c.IssuedAt > c.Expires || c.Expires > c.Grace) {
		r.err = errors.New("times are out of order")
	}
	return c, r.err
}

// reader takes typed members out of an object and keeps the first error. Names
// match exactly; encoding/json alone would take "ALG" for "alg".
type reader struct {
	members map[string]json.RawMessage
	err     error
}

func (r *reader) take(name string, into any) {
	raw, ok := r.members[name]
	if !ok {
		r.fail(name, errors.New("missing"))
		return
	}
	if err := json.Unmarshal(raw, into); err != nil {
		r.fail(name, err)
	}
}

func (r *reader) fail(name string, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %w", name, err)
	}
}

func (r *reader) text(name string) string {
	var s *string
	r.take(name, &s)
	if s == nil || *s == "" || len(*s) > maxText {
		r.fail(name, errors.New("not a text of reasonable length"))
		return ""
	}
	return *s
}

// texts reads a list that may be absent or null: a licence without features.
func (r *reader) texts(name string) []string {
	if _, ok := r.members[name]; !ok {
		return nil
	}
	var list []*string
	r.take(name, &list)
	if len(list) > maxFeatures {
		r.fail(name, errors.New("too many"))
		return nil
	}
	out := make([]string, 0, len(list))
	for _, s := range list {
		if s == nil || *s == "" || len(*s) > maxText {
			r.fail(name, errors.New("not a text of reasonable length"))
			return nil
		}
		out = append(out, *s)
	}
	return out
}

// time reads whole Unix seconds, written as plain digits.
func (r *reader) time(name string) int64 {
	raw, ok := r.members[name]
	if !ok {
		r.fail(name, errors.New("missing"))
		return 0
	}
	seconds, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || seconds <= 0 || seconds > maxTime {
		r.fail(name, errors.New("not a time in Unix seconds"))
	}
	return seconds
}

// object reads one JSON object and nothing after it, and refuses a member
// that appears twice.
func object(content []byte) (map[string]json.RawMessage, error) {
	in := json.NewDecoder(bytes.NewReader(content))
	if open, err := in.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	members := make(map[string]json.RawMessage)
	for in.More() {
		token, err := in.Token()
		if err != nil {
			return nil, err
		}
		name, ok := token.(string)
		if _, twice := members[name]; !ok || twice {
			return nil, fmt.Errorf("member %q appears twice", name)
		}
		var raw json.RawMessage
		if err := in.Decode(&raw); err != nil {
			return nil, err
		}
		members[name] = raw
	}
	if _, err := in.Token(); err != nil {
		return nil, err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return members, nil
}
