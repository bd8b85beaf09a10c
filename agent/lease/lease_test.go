package lease

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"iscdesk.dev/agent/api"
)

func TestParseGivesWhatWasSigned(t *testing.T) {
	got, err := Parse(goodToken(t), trusted())
	want := Claims{
		Issuer: "https://market.example", Product: "minicad", Subject: "u1", ID: "lease-1", OSUser: "uid:1000", Device: "d1",
		Session: "s1", Nonce: "n1", Features: []string{"mesh", "solve"}, IssuedAt: 10000, NotBefore: 10000, Expires: 20000, Grace: 30000,
	}
	if err != nil || !cmp.Equal(got, want) {
		t.Fatalf("%v\n%s", err, cmp.Diff(want, got))
	}
}

func TestKeyIDIsPinned(t *testing.T) {
	if got := KeyID(make(ed25519.PublicKey, 32)); got != "66687aadf862bd77" {
		t.Fatalf("%s: marketplace and library would disagree", got)
	}
}

func TestParseRefusesHeaders(t *testing.T) {
	kid := KeyID(public(key()))
	good := payload(t, nil)
	for name, header := range map[string]string{
		"alg none":               `{"alg":"none","typ":"isc-lease+jwt","kid":"` + kid + `"}`,
		"alg HS256":              `{"alg":"HS256","typ":"isc-lease+jwt","kid":"` + kid + `"}`,
		"alg in another case":    `{"alg":"eddsa","typ":"isc-lease+jwt","kid":"` + kid + `"}`,
		"name in another case":   `{"ALG":"EdDSA","typ":"isc-lease+jwt","kid":"` + kid + `"}`,
		"another typ":            `{"alg":"EdDSA","typ":"JWT","kid":"` + kid + `"}`,
		"no typ":                 `{"alg":"EdDSA","kid":"` + kid + `"}`,
		"no kid":                 `{"alg":"EdDSA","typ":"isc-lease+jwt"}`,
		"embedded key":           `{"alg":"EdDSA","typ":"isc-lease+jwt","kid":"` + kid + `","jwk":{"kty":"OKP"}}`,
		"key from the web":       `{"alg":"EdDSA","typ":"isc-lease+jwt","kid":"` + kid + `","jku":"https://evil.example"}`,
		"crit":                   `{"alg":"EdDSA","typ":"isc-lease+jwt","kid":"` + kid + `","crit":["b64"],"b64":false}`,
		"alg twice":              `{"alg":"none","alg":"EdDSA","typ":"isc-lease+jwt","kid":"` + kid + `"}`,
		"alg twice by escape":    `{"\u0061lg":"none","alg":"EdDSA","typ":"isc-lease+jwt","kid":"` + kid + `"}`,
		"alg is a list":          `{"alg":["EdDSA"],"typ":"isc-lease+jwt","kid":"` + kid + `"}`,
		"kid is null":            `{"alg":"EdDSA","typ":"isc-lease+jwt","kid":null}`,
		"something after it":     `{"alg":"EdDSA","typ":"isc-lease+jwt","kid":"` + kid + `"}{}`,
		"not an object":          `["EdDSA"]`,
		"empty":                  ``,
		"cut off":                `{"alg":"EdDSA","typ":"isc-lease+jwt"`,
		"deep nonsense in a kid": `{"alg":"EdDSA","typ":"isc-lease+jwt","kid":` + strings.Repeat("[", 5000) + `}`,
	} {
		if _, err := Parse(seal(key(), header, good), trusted()); !errors.Is(err, api.LeaseMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The order of members and blanks between them carry no meaning.
	if _, err := Parse(seal(key(), `{ "kid": "`+kid+`", "typ": "isc-lease+jwt", "alg": "EdDSA" }`, good), trusted()); err != nil {
		t.Error(err)
	}
}

func TestParseRefusesClaims(t *testing.T) {
	set := func(name string, value any) func(map[string]any) { return func(m map[string]any) { m[name] = value } }
	for name, change := range map[string]func(map[string]any){
		"list of audiences":    set("aud", []string{"minicad", "other"}),
		"no product":           set("aud", ""),
		"null device":          set("dev", nil),
		"time as text":         set("exp", "20000"),
		"time with fraction":   set("exp", 20000.5),
		"time in exponents":    set("exp", 2e30),
		"negative time":        set("nbf", -1),
		"milliseconds":         set("grc", 1790000000000000),
		"expires before begin": set("nbf", 20001),
		"issued after expiry":  set("iat", 20001),
		"grace before expiry":  set("grc", 19999),
		"features as text":     set("feat", "mesh"),
		"null feature":         set("feat", []any{nil}),
		"too many features":    set("feat", make([]string, maxFeatures+1)),
		"endless text":         set("sub", strings.Repeat("x", maxText+1)),
		"object as session":    set("sid", map[string]any{}),
	} {
		if _, err := Parse(seal(key(), goodHeader(), payload(t, change)), trusted()); !errors.Is(err, api.LeaseMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name := range goodClaims() {
		_, err := Parse(seal(key(), goodHeader(), payload(t, func(m map[string]any) { delete(m, name) })), trusted())
		if optional := name == "feat"; optional != (err == nil) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	for name, body := range map[string]string{
		"claim twice":    `{"exp":1,` + strings.TrimPrefix(payload(t, nil), "{"),
		"trailing bytes": payload(t, nil) + " x",
		"an array":       `[1]`,
		"empty":          ``,
	} {
		if _, err := Parse(seal(key(), goodHeader(), body), trusted()); !errors.Is(err, api.LeaseMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A newer marketplace may say more; what it says is signed.
	if _, err := Parse(seal(key(), goodHeader(), payload(t, set("new", map[string]any{"a": 1}))), trusted()); err != nil {
		t.Error(err)
	}
}

func TestParseRefusesForeignKeys(t *testing.T) {
	other := ed25519.NewKeyFromSeed(make([]byte, 32))
	token := goodToken(t)
	if _, err := Parse(token, []ed25519.PublicKey{public(other)}); !errors.Is(err, api.LeaseUnknownKey) {
		t.Errorf("unknown key: %v", err)
	}
	if _, err := Parse(token, nil); !errors.Is(err, api.LeaseUnknownKey) {
		t.Errorf("no key: %v", err)
	}
	if _, err := Parse(token, []ed25519.PublicKey{nil, {1, 2}, public(other), public(key())}); err != nil {
		t.Errorf("good key among broken ones: %v", err)
	}
	if _, err := Parse(seal(other, goodHeader(), payload(t, nil)), trusted()); !errors.Is(err, api.LeaseBadSignature) {
		t.Errorf("signed by another, under our kid: %v", err)
	}
}

func TestParseRefusesShapes(t *testing.T) {
	good := goodToken(t)
	parts := strings.Split(good, ".")
	stray := []byte(parts[2])
	last := strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", stray[len(stray)-1])
	stray[len(stray)-1] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last|1]
	for name, token := range map[string]string{
		"empty":                "",
		"two parts":            parts[0] + "." + parts[1],
		"four parts":           good + ".AA",
		"no signature":         parts[0] + "." + parts[1] + ".",
		"padding":              good + "==",
		"line break":           parts[0] + "\n." + parts[1] + "." + parts[2],
		"line break in middle": parts[0][:4] + "\r\n" + parts[0][4:] + "." + parts[1] + "." + parts[2],
		"standard alphabet":    strings.NewReplacer("-", "+", "_", "/").Replace(parts[0]+"."+parts[1]+".") + "+/" + parts[2][2:],
		"stray bits":           parts[0] + "." + parts[1] + "." + string(stray),
		"blank before":         " " + good,
		"huge":                 strings.Repeat("A", MaxToken+1),
	} {
		if _, err := Parse(token, trusted()); !errors.Is(err, api.LeaseMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryFlippedBitFails(t *testing.T) {
	good := []byte(goodToken(t))
	for i := range good {
		for bit := range 8 {
			bad := append([]byte(nil), good...)
			bad[i] ^= 1 << bit
			if _, err := Parse(string(bad), trusted()); err == nil {
				t.Fatalf("byte %d bit %d was flipped and nobody noticed", i, bit)
			}
		}
	}
	for i := range good {
		if _, err := Parse(string(good[:i]), trusted()); err == nil {
			t.Fatalf("cut at %d and nobody noticed", i)
		}
	}
}

func TestMalleatedSignatureFails(t *testing.T) {
	token := goodToken(t)
	at := strings.LastIndexByte(token, '.') + 1
	sig, err := base64.RawURLEncoding.DecodeString(token[at:])
	if err != nil {
		t.Fatal(err)
	}
	// S + L is the same signature to a verifier that does not check S < L.
	order := []byte{
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
	}
	carry := 0
	for i := range order {
		sum := int(sig[32+i]) + int(order[i]) + carry
		sig[32+i], carry = byte(sum), sum>>8
	}
	if _, err := Parse(token[:at]+base64.RawURLEncoding.EncodeToString(sig), trusted()); !errors.Is(err, api.LeaseBadSignature) {
		t.Fatal(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(goodToken(f))
	f.Add(seal(key(), `{"alg":"none"}`, payload(f, nil)))
	f.Add("..")
	genuine := goodToken(f)
	f.Fuzz(func(t *testing.T, token string) {
		claims, err := Parse(token, trusted())
		if err == nil && token != genuine {
			t.Fatalf("a second spelling of a signed token: %q", token)
		}
		if err != nil && (claims.ID != "" || len(claims.Features) > 0) {
			t.Fatal("claims were believed in spite of an error")
		}
	})
}
