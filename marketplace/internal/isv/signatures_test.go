package isv_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/marketplace/internal/isv"
)

const (
	testKey  = "test-access-key"
	testBody = `{"activity":"newInstance","businessId":"87b94795-0603-4e24-8ae5-69420d60e3c8","orderId":"CS2211181819B4LVS","orderLineId":"CS2211181819B4LVS-000001","testFlag":"1"}`
)

func TestCallbackSignatureVector(t *testing.T) {
	const want = "E67BE158D60F9CAD47315B192D31FCF7ACBCEFD59D5CCAF433AD463E39AC0455"
	if got := isv.CallbackSignature(testKey, "0123456789ABCDEF", "1680508066618", []byte(testBody)); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

func TestBodySignVector(t *testing.T) {
	body := []byte(`{"resultCode":"000000","resultMsg":"success."}`)
	want := `sign_type="HMAC-SHA256", signature= "gw4QPFTQi+z0h6e2a3LogBWbT+b5cyVCeQdEdWUPCd4="`
	if got := isv.BodySign(testKey, body); got != want {
		t.Errorf("header %s, want %s", got, want)
	}
	for header, wantErr := range map[string]error{
		want: nil, "": nil, strings.ReplaceAll(want, "= ", "="): nil,
		strings.Replace(want, "gw4Q", "gw4R", 1): isv.ErrSignature, "nonsense": isv.ErrUnsigned,
		`sign_type="HMAC-SHA256", signature= "%%%"`: isv.ErrUnsigned,
	} {
		if err := isv.CheckBodySign(header, testKey, body); !errors.Is(err, wantErr) {
			t.Errorf("CheckBodySign(%q) = %v, want %v", header, err, wantErr)
		}
	}
}

func TestVerifyCallback(t *testing.T) {
	at := time.UnixMilli(1680508066618)
	signed := func(change func(url.Values)) url.Values {
		q := url.Values{}
		isv.SignCallback(q, testKey, "N1", at, []byte(testBody))
		change(q)
		return q
	}
	cases := []struct {
		name   string
		now    time.Time
		body   string
		change func(url.Values)
		want   error
	}{
		{"as sent", at, testBody, func(url.Values) {}, nil},
		{"lower case", at, testBody, func(q url.Values) { q.Set("signature", strings.ToLower(q.Get("signature"))) }, nil},
		{"60 seconds late", at.Add(60 * time.Second), testBody, func(url.Values) {}, nil},
		{"61 seconds late", at.Add(61 * time.Second), testBody, func(url.Values) {}, isv.ErrSkew},
		{"61 seconds early", at.Add(-61 * time.Second), testBody, func(url.Values) {}, isv.ErrSkew},
		{"another body", at, testBody + " ", func(url.Values) {}, isv.ErrSignature},
		{"another nonce", at, testBody, func(q url.Values) { q.Set("nonce", "N2") }, isv.ErrSignature},
		{"another time", at, testBody, func(q url.Values) { q.Set("timestamp", "1680508066619") }, isv.ErrSignature},
		{"no signature", at, testBody, func(q url.Values) { q.Del("signature") }, isv.ErrUnsigned},
		{"no nonce", at, testBody, func(q url.Values) { q.Del("nonce") }, isv.ErrUnsigned},
		{"huge nonce", at, testBody, func(q url.Values) { q.Set("nonce", strings.Repeat("n", 129)) }, isv.ErrUnsigned},
		{"time in words", at, testBody, func(q url.Values) { q.Set("timestamp", "now") }, isv.ErrUnsigned},
		{"time overflows", at, testBody, func(q url.Values) { q.Set("timestamp", "9223372036854775807") }, isv.ErrSkew},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := isv.Verifier{AccessKey: testKey, Nonces: isv.NewNonces(), Now: func() time.Time { return c.now }}
			if err := v.Verify(signed(c.change), []byte(c.body)); !errors.Is(err, c.want) {
				t.Errorf("Verify: %v, want %v", err, c.want)
			}
		})
	}
}

func TestReplayIsRefusedOnceEach(t *testing.T) {
	at := time.UnixMilli(1680508066618)
	v := isv.Verifier{AccessKey: testKey, Nonces: isv.NewNonces(), Now: func() time.Time { return at }}
	var wg sync.WaitGroup
	accepted := make(chan int, 64*8)
	for i := range 64 * 8 {
		wg.Go(func() {
			q := url.Values{}
			isv.SignCallback(q, testKey, strconv.Itoa(i%8), at, []byte(testBody))
			if v.Verify(q, []byte(testBody)) == nil {
				accepted <- i % 8
			}
		})
	}
	wg.Wait()
	if len(accepted) != 8 {
		t.Errorf("%d of 8 nonces accepted", len(accepted))
	}
	forged := url.Values{}
	isv.SignCallback(forged, "wrong", "fresh", at, []byte(testBody))
	if err := v.Verify(forged, []byte(testBody)); !errors.Is(err, isv.ErrSignature) {
		t.Fatalf("forged call: %v", err)
	}
	genuine := url.Values{}
	isv.SignCallback(genuine, testKey, "fresh", at, []byte(testBody))
	if err := v.Verify(genuine, []byte(testBody)); err != nil {
		t.Errorf("a forger burnt a nonce: %v", err)
	}
}

func TestNoncesForgetAndStayBounded(t *testing.T) {
	n, at := isv.NewNonces(), time.Unix(1_700_000_000, 0)
	for i := range 100_000 {
		if !n.Add(fmt.Sprint(i), at.Add(time.Minute), at) {
			t.Fatalf("nonce %d refused", i)
		}
	}
	if n.Add("one more", at.Add(time.Minute), at) {
		t.Error("the cache grows beyond its bound")
	}
	later := at.Add(2 * time.Minute)
	if !n.Add("0", later.Add(time.Minute), later) {
		t.Error("a nonce is remembered beyond its end")
	}
}

// The two vectors are published: the official sample and a marketplace client.
func TestAKSKVectors(t *testing.T) {
	official, _ := http.NewRequest(http.MethodGet, "https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0", nil)
	official.Header.Set("Content-Type", "application/json")
	market, _ := http.NewRequest(http.MethodPost, "https://mkt.myhuaweicloud.com/api/mkp-openapi-public/global/v1/license/activate", nil)
	market.Header.Set("Content-Type", "application/json")
	market.Header.Set("x-stage", "RELEASE")
	cases := []struct {
		r          *http.Request
		c          isv.Credentials
		date       string
		signed     string
		signature  string
		ak, secret string
	}{
		{official, isv.Credentials{AK: "QTWAOYTTINDUT2QVKYUC", SK: "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"}, "20191115T033655Z", "content-type;host;x-sdk-date", "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe", "", ""},
		{market, isv.Credentials{AK: "test", SK: "123"}, "20240317T144237Z", "content-type;host;x-sdk-date;x-stage", "77595ad624b6e4e49990b8c4e84bf1c287457fca61069c4e60b9b6765b52053d", "", ""},
	}
	for _, c := range cases {
		at, err := time.Parse("20060102T150405Z", c.date)
		if err != nil {
			t.Fatal(err)
		}
		c.c.Sign(c.r, isv.PayloadHash(nil), at)
		want := "SDK-HMAC-SHA256 Access=" + c.c.AK + ", SignedHeaders=" + c.signed + ", Signature=" + c.signature
		if got := c.r.Header.Get("Authorization"); got != want {
			t.Errorf("Authorization\n%s, want\n%s", got, want)
		}
		a, err := isv.ParseAuthorization(c.r, at.Add(15*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Verify(c.r, c.c.SK, isv.PayloadHash(nil)); err != nil {
			t.Errorf("own signature: %v", err)
		}
		if err := a.Verify(c.r, c.c.SK+"x", isv.PayloadHash(nil)); !errors.Is(err, isv.ErrSignature) {
			t.Errorf("wrong key: %v", err)
		}
		if err := a.Verify(c.r, c.c.SK, isv.PayloadHash([]byte("x"))); !errors.Is(err, isv.ErrSignature) {
			t.Errorf("another body: %v", err)
		}
	}
}

func TestAKSKRefusals(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	creds := isv.Credentials{AK: "ak", SK: "sk"}
	cases := []struct {
		name   string
		hash   string
		change func(*http.Request)
		now    time.Time
		want   error
	}{
		{"as signed", isv.PayloadHash(nil), func(*http.Request) {}, at, nil},
		{"unsigned payload", isv.UnsignedPayload, func(*http.Request) {}, at, nil},
		{"too late", isv.PayloadHash(nil), func(*http.Request) {}, at.Add(15*time.Minute + time.Second), isv.ErrSkew},
		{"too early", isv.PayloadHash(nil), func(*http.Request) {}, at.Add(-15*time.Minute - time.Second), isv.ErrSkew},
		{"no header", isv.PayloadHash(nil), func(r *http.Request) { r.Header.Del("Authorization") }, at, isv.ErrAuthorization},
		{"basic", isv.PayloadHash(nil), func(r *http.Request) { r.SetBasicAuth("ak", "sk") }, at, isv.ErrAuthorization},
		{"date not signed", isv.PayloadHash(nil), func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "host;x-sdk-date", "host", 1))
		}, at, isv.ErrAuthorization},
		{"another path", isv.PayloadHash(nil), func(r *http.Request) { r.URL.Path = "/other" }, at, isv.ErrSignature},
		{"another query", isv.PayloadHash(nil), func(r *http.Request) { r.URL.RawQuery = "orderId=2" }, at, isv.ErrSignature},
		{"another method", isv.PayloadHash(nil), func(r *http.Request) { r.Method = http.MethodPost }, at, isv.ErrSignature},
		{"another host", isv.PayloadHash(nil), func(r *http.Request) { r.Host = "evil.example" }, at, isv.ErrSignature},
		{"body unsigned afterwards", isv.PayloadHash(nil), func(r *http.Request) {
			r.Header.Set(isv.ContentHeader, isv.UnsignedPayload)
		}, at, isv.ErrAuthorization},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, _ := http.NewRequest(http.MethodGet, "https://market.example/a/b c?orderId=1&empty=", nil)
			creds.Sign(r, c.hash, at)
			c.change(r)
			a, err := isv.ParseAuthorization(r, c.now)
			if err == nil {
				err = a.Verify(r, creds.SK, isv.PayloadHash(nil))
			}
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}
