package vendor_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/vendor"
)

const accessKey = "access"

func credentials() isv.Credentials { return isv.Credentials{AK: "ak", SK: "sk"} }

// upload is a licence as the market got it.
type upload struct {
	event string
	info  isv.UploadInfo
	file  string
}

// market plays the marketplace's open APIs.
type market struct {
	t       *testing.T
	url     string
	base    string // of the vendor, as he registered it
	uploads chan upload
	urls    chan string
}

func newMarket(t *testing.T) *market {
	t.Helper()
	m := &market{t: t, uploads: make(chan upload, 100), urls: make(chan string, 100)}
	mux := http.NewServeMux()
	signed := func(h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			a, err2 := isv.ParseAuthorization(r, time.Now())
			if err := errors.Join(err, err2, a.Verify(r, credentials().SK, isv.PayloadHash(body))); err != nil {
				t.Errorf("%s: %v", r.URL.Path, err)
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			h(w, r)
		}
	}
	mux.HandleFunc("PUT "+isv.PathSellerURL, signed(func(w http.ResponseWriter, r *http.Request) {
		var b struct{ URL string }
		_ = json.NewDecoder(r.Body).Decode(&b)
		_ = json.NewEncoder(w).Encode(isv.UploadAnswer{ErrorCode: isv.CodeOK})
		m.urls <- b.URL
	}))
	mux.HandleFunc("GET "+isv.PathOrderQuery, signed(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(isv.OrderAnswer{ResultCode: isv.OrderOK, OrderInfo: &isv.OrderInfo{
			OrderLine: []isv.OrderLine{{ProductInfo: []isv.OrderProduct{{ProductID: "cad"}}}},
		}})
	}))
	mux.HandleFunc("POST "+isv.PathEventFile, signed(func(w http.ResponseWriter, r *http.Request) {
		u := upload{event: r.PathValue("event_id")}
		f, h, err := r.FormFile(isv.UploadFilePart)
		if err == nil {
			var text []byte
			text, err = io.ReadAll(f)
			u.file = h.Filename + ":" + string(text)
		}
		if err := errors.Join(err, json.Unmarshal([]byte(r.FormValue(isv.UploadInfoPart)), &u.info)); err != nil {
			t.Errorf("upload: %v", err)
		}
		_ = json.NewEncoder(w).Encode(isv.UploadAnswer{ErrorCode: isv.CodeOK})
		m.uploads <- u
	}))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	m.url = server.URL
	return m
}

// serve runs the vendor; stop ends him.
func (m *market) serve(dir string, knobs vendor.Knobs) (s *vendor.Server, stop func()) {
	m.t.Helper()
	s, err := vendor.Open(m.t.Context(), vendor.Config{
		Credentials: vendor.Credentials{Marketplace: m.url, AccessKey: accessKey, Credentials: credentials()},
		State:       dir, Knobs: knobs, RetryEvery: 10 * time.Millisecond, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	must(m.t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(m.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, listener, "") }()
	stop = sync.OnceFunc(func() {
		cancel()
		must(m.t, errors.Join(<-ended, s.Close()))
	})
	m.t.Cleanup(stop)
	m.base = strings.TrimSuffix(receive(m.t, m.urls), vendor.CallbackPath)
	return s, stop
}

func (m *market) call(c isv.Call) isv.Answer {
	m.t.Helper()
	client := isv.NewCallbacks(nil, isv.CallbackTimeout, time.Now)
	defer client.Close()
	a, err := client.Do(m.t.Context(), isv.Endpoint{URL: m.base + vendor.CallbackPath, AccessKey: accessKey}, c)
	must(m.t, err)
	return a
}

func order(n int) isv.Call {
	return isv.Call{Activity: isv.ActivityNewInstance, OrderID: fmt.Sprint("o", n), OrderLineID: "l", BusinessID: isv.Nonce()}
}

func request(instance, event string) isv.Call {
	return isv.Call{
		Activity: isv.ActivityGetLicense, InstanceID: instance, EventID: event, DeviceFingerprint: "A|B||C",
		EffectiveTime: "2026-01-01 00:00:00 z", ExpireTime: "2027-01-01 00:00:00 z",
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func receive[T any](t *testing.T, ch chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func TestEveryCallMayComeAgain(t *testing.T) {
	m, dir := newMarket(t), t.TempDir()
	s, stop := m.serve(dir, vendor.Knobs{})
	first := m.call(order(1))
	if again := m.call(order(1)); again.InstanceID != first.InstanceID || first.InstanceID == "" {
		t.Errorf("one order line, instances %q and %q", first.InstanceID, again.InstanceID)
	}
	if other := m.call(order(2)); other.InstanceID == first.InstanceID {
		t.Error("two orders, one instance")
	}
	m.call(request(first.InstanceID, "e1"))
	u := receive(t, m.uploads)
	if u.info.Type != "FILE" || u.file != "license.lic:"+u.info.Characters+"\n" || u.event != "e1" {
		t.Errorf("upload %+v", u)
	}
	stop()
	_, _ = m.serve(dir, vendor.Knobs{}) // another process, the same state
	m.call(request(first.InstanceID, "e1"))
	if again := receive(t, m.uploads); again.info != u.info {
		t.Errorf("the same event has licences %q and %q", u.info.Characters, again.info.Characters)
	}
	l, err := vendor.Check(u.info.Characters, s.PublicKey())
	must(t, err)
	if l.Product != "cad" || l.Instance != first.InstanceID || l.Event != "e1" || l.Fingerprint != "A|B||C" || l.Expires != 1798761600 {
		t.Errorf("licence %+v", l)
	}
	renewal := isv.Call{Activity: isv.ActivityRefreshInstance, InstanceID: first.InstanceID, OrderID: "o3", OrderLineID: "l", Scene: "RENEWAL", ExpireTime: "20280101000000"}
	for range 2 {
		m.call(renewal)
	}
	renewed := receive(t, m.uploads)
	for renewed.info == u.info { // an upload whose answer was lost comes again
		renewed = receive(t, m.uploads)
	}
	if l, err = vendor.Check(renewed.info.Characters, s.PublicKey()); err != nil || l.Expires != 1830297600 {
		t.Errorf("renewed licence %+v, %v", l, err)
	}
	for range 2 {
		if a := m.call(isv.Call{Activity: isv.ActivityReleaseInstance, InstanceID: first.InstanceID}); a.ResultCode != isv.ResultSuccess {
			t.Errorf("release: %+v", a)
		}
	}
	if a := m.call(request(first.InstanceID, "e2")); a.ResultCode != isv.ResultInstanceUnknown {
		t.Errorf("licence of a released instance: %+v", a)
	}
	for len(m.uploads) > 0 {
		if more := <-m.uploads; more.info != renewed.info {
			t.Errorf("another licence %+v", more)
		}
	}
}

func TestForgedCallsAreRefused(t *testing.T) {
	m := newMarket(t)
	_, _ = m.serve(t.TempDir(), vendor.Knobs{})
	body := []byte(`{"activity":"releaseInstance","instanceId":"i"}`)
	post := func(q url.Values, body []byte) string {
		resp, err := http.Post(m.base+vendor.CallbackPath+"?"+q.Encode(), "application/json", bytes.NewReader(body))
		must(t, err)
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		must(t, err)
		must(t, isv.CheckBodySign(resp.Header.Get(isv.BodySignHeader), accessKey, text))
		var a isv.Answer
		must(t, json.Unmarshal(text, &a))
		return a.ResultCode
	}
	good, forged, old := url.Values{}, url.Values{}, url.Values{}
	isv.SignCallback(good, accessKey, "n1", time.Now(), body)
	isv.SignCallback(forged, "guess", "n2", time.Now(), body)
	isv.SignCallback(old, accessKey, "n3", time.Now().Add(-2*time.Minute), body)
	for _, c := range []struct {
		name string
		q    url.Values
		body string
		want string
	}{
		{"forged", forged, string(body), "000001"},
		{"old", old, string(body), "000001"},
		{"unsigned", url.Values{}, string(body), "000001"},
		{"another body", good, `{"activity":"releaseInstance","instanceId":"j"}`, "000001"},
		{"genuine", good, string(body), "000003"},
		{"replayed", good, string(body), "000001"},
	} {
		if got := post(c.q, []byte(c.body)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	bad := url.Values{}
	isv.SignCallback(bad, accessKey, "n4", time.Now(), []byte("{}"))
	if got := post(bad, []byte("{}")); got != "000002" {
		t.Errorf("no activity: %s", got)
	}
}

func TestKnobs(t *testing.T) {
	m := newMarket(t)
	_, _ = m.serve(t.TempDir(), vendor.Knobs{Code: "000900"})
	id := m.call(order(1)).InstanceID
	if a := m.call(request(id, "e1")); a.ResultCode != "000900" {
		t.Errorf("code: %+v", a)
	}
	set := func(k, contentType, origin string) int {
		req, err := http.NewRequest("PUT", m.base+vendor.ControlPath, strings.NewReader(k))
		must(t, err)
		req.Header.Set("Content-Type", contentType)
		if origin != "" {
			req.Header.Set("Origin", origin)
		}
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		must(t, resp.Body.Close())
		return resp.StatusCode
	}
	for k, want := range map[string]int{`{"code":"9"}`: 400, `{"answerDelay":-1}`: 400, `nonsense`: 400} {
		if got := set(k, "application/json", ""); got != want {
			t.Errorf("%s: %d", k, got)
		}
	}
	if a, b := set(`{}`, "text/plain", ""), set(`{}`, "application/json", "https://evil.example"); a != 400 || b != 403 {
		t.Errorf("from a browser: %d, %d", a, b)
	}
	if set(`{"code":"000004","noUpload":true}`, "application/json", "") != 200 || m.call(request(id, "e1")).ResultCode != "000004" || len(m.uploads) != 0 {
		t.Error("000004 without upload")
	}
	if set(`{}`, "application/json", "") != 200 || receive(t, m.uploads).event != "e1" {
		t.Error("the licence is not uploaded afterwards")
	}
	if set(`{"down":true}`, "application/json", "") != 200 {
		t.Error("down")
	}
	client := isv.NewCallbacks(nil, time.Second, time.Now)
	defer client.Close()
	if a, err := client.Do(t.Context(), isv.Endpoint{URL: m.base + vendor.CallbackPath, AccessKey: accessKey}, request(id, "e1")); err == nil {
		t.Errorf("a vendor who is down answered %+v", a)
	}
}

func TestCheck(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	must(t, err)
	text, err := vendor.Issue(vendor.License{Product: "cad", Fingerprint: "机器"}, private)
	must(t, err)
	if l, err := vendor.Check(text, public); err != nil || l.Fingerprint != "机器" {
		t.Errorf("%+v, %v", l, err)
	}
	other, _, _ := ed25519.GenerateKey(nil)
	if _, err := vendor.Check(text, other); err == nil {
		t.Error("another key accepts it")
	}
	for n := range text { // no byte may be another
		changed := []byte(text)
		changed[n] ^= 1
		if _, err := vendor.Check(string(changed), public); err == nil {
			t.Errorf("byte %d may be changed: %s", n, changed)
		}
	}
	for _, bad := range []string{"", "ISCLIC1.", "ISCLIC1..", "ISCLIC1.e30", text + ".", "x" + text} {
		if _, err := vendor.Check(bad, public); err == nil {
			t.Errorf("%q is a licence", bad)
		}
	}
}
