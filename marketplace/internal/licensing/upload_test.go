package licensing_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/licensing"
)

// part is one upload as a test spells it.
type part struct {
	info isv.UploadInfo
	file string // content
	name string // of the part
	none bool   // no file part
	raw  []byte // instead of all of it
}

func text(characters string) part {
	return part{info: isv.UploadInfo{Type: "CHARACTERS", Characters: characters}, none: true}
}

func file(name, content string) part {
	return part{info: isv.UploadInfo{Type: "FILE", FileName: name, SHA256: isv.PayloadHash([]byte(content))}, file: content, name: "x.lic"}
}

func (p part) body(t *testing.T) ([]byte, string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	if !p.none {
		w, err := m.CreateFormFile("file", p.name)
		must(t, err)
		_, _ = io.WriteString(w, p.file)
	}
	w, err := m.CreateFormField("isvUpdateFileReq")
	must(t, err)
	must(t, json.NewEncoder(w).Encode(p.info))
	must(t, m.Close())
	if p.raw != nil {
		return p.raw, m.FormDataContentType()
	}
	return b.Bytes(), m.FormDataContentType()
}

func request(t *testing.T, m *market, c isv.Credentials, event string, p part) *http.Request {
	t.Helper()
	body, contentType := p.body(t)
	req, err := http.NewRequest("POST", m.url+"/api/mkp-openapi-public/global/v1/market-event/"+event+"/file", bytes.NewReader(body))
	must(t, err)
	req.Header.Set("Content-Type", contentType)
	now := time.Now()
	if m.clock != nil {
		now = m.clock.Now()
	}
	c.Sign(req, isv.PayloadHash(body), now)
	return req
}

func send(t *testing.T, req *http.Request) (code string, status int) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	var a isv.UploadAnswer
	must(t, json.NewDecoder(resp.Body).Decode(&a))
	return a.ErrorCode, resp.StatusCode
}

func upload(t *testing.T, m *market, c isv.Credentials, event string, p part) (string, int) {
	t.Helper()
	return send(t, request(t, m, c, event, p))
}

// asked gives a market with an application that waits for its upload.
func asked(t *testing.T, kind agentapi.LicenseApplicationKind) (*market, *fakeVendor, string, agentapi.LicenseDecision) {
	t.Helper()
	m := start(t, options{clock: newClock()})
	id := m.stock(licensing.Order{Seats: 1, Years: 1})
	f := fake(t, m)
	f.next(t, isv.ActivityNewInstance)
	d := m.apply("ann", kind, fingerprint)
	f.next(t, isv.ActivityGetLicense)
	return m, f, id, d
}

func TestUploadCodes(t *testing.T) {
	m, _, _, d := asked(t, agentapi.LicenseApplicationKindFile)
	bad := file("a.lic", "content")
	bad.info.SHA256 = strings.Repeat("0", 64)
	missing := file("a.lic", "content")
	missing.none = true
	nameless := file("", "content")
	nameless.name = ""
	kind := text("x")
	kind.info.Type = "PAPER"
	cases := []struct {
		name   string
		event  string
		upload part
		code   string
		status int
	}{
		{"sha256 mismatch", d.EventID, bad, "CBC.0101", 400},
		{"no file", d.EventID, missing, "CBC.0101", 400},
		{"no file name", d.EventID, nameless, "CBC.0101", 400},
		{"no characters", d.EventID, text(""), "CBC.0101", 400},
		{"long characters", d.EventID, text(strings.Repeat("c", 1025)), "CBC.0101", 400},
		{"unknown type", d.EventID, kind, "CBC.0101", 400},
		{"too large", d.EventID, file("a.lic", strings.Repeat("x", 12<<20+1)), "CBC.0101", 400},
		{"far too large", d.EventID, file("a.lic", strings.Repeat("x", 13<<20)), "APIGW.0201", 413},
		{"not multipart", d.EventID, part{raw: []byte("{}")}, "CBC.0101", 400},
		{"unknown event", "evt-0", text("x"), "91381034", 200},
		{"largest", d.EventID, file(`C:\keys\..\my licence.lic`, strings.Repeat("x", 12<<20)), "CBC.0000", 200},
	}
	for _, c := range cases {
		code, status := upload(t, m, credentials(), c.event, c.upload)
		if code != c.code || status != c.status {
			t.Errorf("%s: %s with %d, want %s with %d", c.name, code, status, c.code, c.status)
		}
	}
	got := m.awaitState("ann", d.EventID, agentapi.Granted)
	same(t, "file name", got.FileName, "my licence.lic")
	same(t, "size", got.Size, 12<<20)
}

func TestUploadBelongsToItsVendor(t *testing.T) {
	m, _, id, d := asked(t, agentapi.LicenseApplicationKindString)
	other := isv.Credentials{AK: "AKother", SK: "SKother"}
	must(t, m.AddVendor(t.Context(), licensing.Vendor{ID: "other", Name: "Other", AccessKey: "k", Credentials: other}))
	code, status := upload(t, m, other, d.EventID, text("STOLEN"))
	same(t, "code", code, "CBC.0150")
	same(t, "status", status, http.StatusForbidden)
	same(t, "state", m.awaitState("ann", d.EventID, agentapi.Pending).State, agentapi.Pending)

	for name, forged := range map[string]isv.Credentials{"wrong key": {AK: "AKsample", SK: "x"}, "unknown key": {AK: "AKnobody", SK: "SKsample"}} {
		code, status := upload(t, m, forged, d.EventID, text("FORGED"))
		if code != "APIGW.0301" || status != http.StatusUnauthorized {
			t.Errorf("%s: %s with %d", name, code, status)
		}
	}
	must(t, m.Release(t.Context(), id))
	code, status = upload(t, m, credentials(), d.EventID, text("LATE"))
	same(t, "released instance", code, "91381033")
	same(t, "status", status, http.StatusOK)
}

func TestDeniedApplicationTakesNoUpload(t *testing.T) {
	m, f, _, _ := asked(t, agentapi.LicenseApplicationKindString)
	f.set(answering(isv.ResultQuotaExhausted))
	d := m.apply("ann", agentapi.LicenseApplicationKindString, "another machine")
	m.awaitState("ann", d.EventID, agentapi.Refused)
	code, _ := upload(t, m, credentials(), d.EventID, text("LATE"))
	same(t, "code", code, "91381038")
}

func TestBinaryFileIsNoString(t *testing.T) {
	m, _, _, d := asked(t, agentapi.LicenseApplicationKindString)
	code, _ := upload(t, m, credentials(), d.EventID, file("a.lic", "\xff\xfe\x00"))
	same(t, "code", code, "91381037")
	code, _ = upload(t, m, credentials(), d.EventID, file("a.lic", "LINE ONE\nLINE TWO\n"))
	same(t, "text file", code, "CBC.0000")
	same(t, "licence", m.awaitState("ann", d.EventID, agentapi.Granted).Characters, "LINE ONE\nLINE TWO")
}

func TestRepeatedUploadsHaveOneEffect(t *testing.T) {
	m, _, _, d := asked(t, agentapi.LicenseApplicationKindFile)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if code, _ := upload(t, m, credentials(), d.EventID, file("a.lic", "content")); code != "CBC.0000" {
				t.Errorf("upload: %s", code)
			}
		})
	}
	wg.Wait()
	same(t, "told", m.pushes.await(t, agentapi.LicenseDecided).message.ID, d.EventID)
	if n := len(m.pushes); n != 0 {
		t.Errorf("%d pushes for the same licence", n)
	}
	code, _ := upload(t, m, credentials(), d.EventID, file("a.lic", "renewed"))
	same(t, "renewal", code, "CBC.0000")
	same(t, "told of the renewal", m.pushes.await(t, agentapi.LicenseDecided).message.ID, d.EventID)
	got := m.awaitState("ann", d.EventID, agentapi.Granted)
	same(t, "content", got.Sha256, isv.PayloadHash([]byte("renewed")))
}

// A captured upload cannot bring an old licence back.
func TestReplayedUploadChangesNothing(t *testing.T) {
	m, _, _, d := asked(t, agentapi.LicenseApplicationKindString)
	first := request(t, m, credentials(), d.EventID, text("OLD"))
	old, err := first.GetBody()
	must(t, err)
	replay := first.Clone(t.Context())
	replay.Body = old
	swapped := first.Clone(t.Context())
	body, _ := text("SWAPPED").body(t)
	swapped.Body, swapped.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	code, _ := send(t, first)
	same(t, "first", code, "CBC.0000")
	code, _ = upload(t, m, credentials(), d.EventID, text("NEW"))
	same(t, "renewal", code, "CBC.0000")
	code, _ = send(t, replay)
	same(t, "replay gets the first answer", code, "CBC.0000")
	same(t, "licence", m.awaitState("ann", d.EventID, agentapi.Granted).Characters, "NEW")
	code, _ = send(t, swapped)
	same(t, "another body", code, "APIGW.0301")
}

func TestUnsignedPayloadIsAcceptedOnce(t *testing.T) {
	m, _, _, d := asked(t, agentapi.LicenseApplicationKindString)
	build := func(p part) *http.Request {
		req := request(t, m, credentials(), d.EventID, p)
		credentials().Sign(req, isv.UnsignedPayload, m.clock.Now())
		return req
	}
	first, other := build(text("ONE")), build(text("TWO"))
	other.Header.Set("Content-Type", first.Header.Get("Content-Type"))
	other.Header.Set("Authorization", first.Header.Get("Authorization"))
	code, _ := send(t, first)
	same(t, "first", code, "CBC.0000")
	code, _ = send(t, other)
	same(t, "same signature, other body", code, "APIGW.0301")
}

func TestOrderQuery(t *testing.T) {
	m := start(t, options{})
	m.stock(licensing.Order{Seats: 7, Years: 1})
	f := fake(t, m)
	made := f.next(t, isv.ActivityNewInstance)
	get := func(c isv.Credentials, query string) (isv.OrderAnswer, int) {
		req, err := http.NewRequest("GET", m.url+isv.PathOrderQuery+"?"+query, nil)
		must(t, err)
		c.Sign(req, isv.PayloadHash(nil), time.Now())
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		defer func() { _ = resp.Body.Close() }()
		var a isv.OrderAnswer
		must(t, json.NewDecoder(resp.Body).Decode(&a))
		return a, resp.StatusCode
	}
	a, _ := get(credentials(), "orderId="+made.OrderID+"&orderLineId="+made.OrderLineID)
	if a.ResultCode != "MKT.0000" || a.OrderInfo == nil {
		t.Fatalf("answer %+v", a)
	}
	line := a.OrderInfo.OrderLine[0]
	same(t, "type", a.OrderInfo.OrderType, "NEW")
	same(t, "mode", line.ChargingMode, "PERIOD")
	same(t, "product", line.ProductInfo[0].ProductID, "cad")
	same(t, "seats", line.ProductInfo[0].LinearValue, 7)
	same(t, "buyer", a.OrderInfo.BuyerInfo.CustomerName, "ann")
	same(t, "length of times", len(a.OrderInfo.CreateTime)+len(line.ExpireTime), 28)
	other := isv.Credentials{AK: "AKother", SK: "SKother"}
	must(t, m.AddVendor(t.Context(), licensing.Vendor{ID: "other", Name: "Other", AccessKey: "k", Credentials: other}))
	a, status := get(other, "orderId="+made.OrderID)
	same(t, "another vendor", a.ResultCode, "MKT.0150")
	same(t, "status", status, http.StatusUnauthorized)
	a, _ = get(credentials(), "orderId=")
	same(t, "no order", a.ResultCode, "MKT.0101")
}
