package documents_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/documents"
	"iscdesk.dev/marketplace/internal/fault"
)

func (u user) missing(contents ...string) []string {
	u.Helper()
	var asked agentapi.HashList
	for _, c := range contents {
		asked.Hashes = append(asked.Hashes, hashOf([]byte(c)))
	}
	got, err := call[agentapi.HashList](u, http.MethodPost, "/chunks/missing", asked)
	u.must(err)
	return got.Hashes
}

func (u user) pack(body io.Reader) error {
	u.Helper()
	status, content := u.send(http.MethodPost, "/packs", body)
	if status >= 400 {
		return u.failure(status, content)
	}
	return nil
}

func TestChunksAreKeptOncePerTenant(t *testing.T) {
	m := open(t)
	u := m.engineer()
	if got := u.missing("a", "b", "a"); !slices.Equal(got, []string{hashOf([]byte("a")), hashOf([]byte("b"))}) {
		t.Errorf("missing at first %q", got)
	}
	u.upload("a", "a", "b")
	u.upload("b", "a")
	if got := u.missing("a", "b", "c"); !slices.Equal(got, []string{hashOf([]byte("c"))}) {
		t.Errorf("missing after the upload %q", got)
	}
	if got := m.colleague().missing("a"); len(got) != 0 {
		t.Errorf("a colleague misses %q", got)
	}
	if got := m.stranger().missing("a"); len(got) != 1 {
		t.Error("a stranger learns what another tenant has")
	}
	if files := m.objectFiles("packs"); len(files) != 1 {
		t.Errorf("%d packs are kept, want 1: the second brought nothing new", len(files))
	}
}

func TestWhatIsRightOfAPackIsKept(t *testing.T) {
	m := open(t)
	u := m.engineer()
	wrong := record([]byte("wrong"))
	wrong[40] ^= 1
	err := u.pack(bytes.NewReader(slices.Concat(record([]byte("right")), wrong, record([]byte("after")))))
	m.expect("a wrong hash", err, 502, fault.ContentDamaged)
	if got := u.missing("right", "wrong", "after"); len(got) != 2 || slices.Contains(got, hashOf([]byte("right"))) {
		t.Errorf("missing %q: only what stands before the wrong one is kept", got)
	}
	whole := slices.Concat(record([]byte("first")), record([]byte("second")))
	for _, cut := range []int{1, 35, 36, 40, len(whole) - 1} {
		err := u.pack(bytes.NewReader(whole[:cut]))
		if err == nil {
			if cut != len(record([]byte("first"))) {
				t.Errorf("torn at %d: no error", cut)
			}
			continue
		}
		m.expect("torn", err, 502, fault.ContentDamaged)
	}
	if got := u.missing("first", "second"); !slices.Equal(got, []string{hashOf([]byte("second"))}) {
		t.Errorf("missing after torn packs %q", got)
	}
	for name, size := range map[string][]byte{"none": {0, 0, 0, 0}, "too large": {0, 16, 0, 1}, "huge": {255, 255, 255, 255}} {
		head := append([]byte(strings.Repeat("h", 32)), size...)
		m.expect("a chunk of size "+name, u.pack(bytes.NewReader(head)), 502, fault.ContentDamaged)
	}
	m.must(u.pack(bytes.NewReader(nil)))
}

// TestATornConnectionKeepsWhatArrived: the agent vanishes in the middle of a
// pack.
func TestATornConnectionKeepsWhatArrived(t *testing.T) {
	m := open(t)
	u := m.engineer()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", m.server.Listener.Addr().String())
	m.must(err)
	defer func() { m.must(conn.Close()) }()
	_, err = fmt.Fprintf(conn, "POST /api/agent/v1/packs HTTP/1.1\r\nHost: x\r\nTest-User: %s\r\nContent-Length: 1000\r\n\r\n%s%s",
		u.id, record([]byte("arrived")), record([]byte("half"))[:20])
	m.must(err)
	m.must(conn.(*net.TCPConn).CloseWrite())
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	m.must(err)
	m.must(response.Body.Close())
	if response.StatusCode != http.StatusBadGateway {
		t.Errorf("the torn upload: %s", response.Status)
	}
	if got := u.missing("arrived", "half"); !slices.Equal(got, []string{hashOf([]byte("half"))}) {
		t.Errorf("missing %q, want the half one", got)
	}
}

func TestPackLimit(t *testing.T) {
	m := open(t)
	u := m.engineer()
	var chunks []string
	var pack bytes.Buffer
	for i := range 16 {
		chunks = append(chunks, strings.Repeat(string(rune('a'+i)), 1<<20))
		pack.Write(record([]byte(chunks[i])))
	}
	m.expect("announced", u.pack(bytes.NewReader(pack.Bytes())), 413, fault.TooLarge)
	m.expect("not announced", u.pack(struct{ io.Reader }{&pack}), 413, fault.TooLarge)
	if got := u.missing(chunks...); len(got) != 1 {
		t.Errorf("%d chunks miss, want the one that goes over the limit", len(got))
	}
}

func TestAFullStoreIsTold(t *testing.T) {
	m := open(t)
	u := m.engineer()
	u.upload("before")
	m.full.full.Store(true)
	m.expect("a pack", u.pack(bytes.NewReader(record([]byte("after")))), 507, fault.DiskFull)
	_, err := u.publish(single("op", "/engineer/a.step", 0, "before"))
	m.expect("a manifest", err, 507, fault.DiskFull)
	m.full.full.Store(false)
	u.save("op", "/engineer/a.step", 0, "before")
}

func TestHashLists(t *testing.T) {
	m := open(t)
	u := m.engineer()
	for _, bad := range []string{"", "x", strings.Repeat("A", 64), strings.Repeat("g", 64), strings.Repeat("a", 63), "../../../etc/passwd"} {
		_, err := call[agentapi.HashList](u, http.MethodPost, "/chunks/missing", agentapi.HashList{Hashes: []string{bad}})
		m.expect("hash "+bad, err, 400, fault.InvalidArgument)
	}
	many := slices.Repeat([]string{hashOf(nil)}, 10_001)
	_, err := call[agentapi.HashList](u, http.MethodPost, "/chunks/missing", agentapi.HashList{Hashes: many})
	m.expect("10,001 hashes", err, 413, fault.TooLarge)
	if got, err := call[agentapi.HashList](u, http.MethodPost, "/chunks/missing", agentapi.HashList{Hashes: many[1:]}); err != nil || len(got.Hashes) != 1 {
		t.Errorf("10,000 hashes: %d %v", len(got.Hashes), err)
	}
}

func TestChunksOfAnotherVersionAreNotGiven(t *testing.T) {
	m := open(t)
	engineer, colleague := m.engineer(), m.colleague()
	engineer.save("op1", "/engineer/secret.step", 0, "secret")
	doc := colleague.save("op2", "/colleague/mine.step", 0, "mine").Document
	for _, hashes := range [][]string{{hashOf([]byte("secret"))}, {hashOf([]byte("mine")), hashOf([]byte("secret"))}, {hashOf([]byte("nowhere"))}} {
		_, err := call[struct{}](colleague, http.MethodPost, "/documents/"+doc.ID+"/versions/1/chunks", agentapi.HashList{Hashes: hashes})
		m.expect("foreign chunk", err, 404, fault.NotFound)
	}
	for _, number := range []string{"0", "-1", "x", "99999999999999999999"} {
		_, err := call[struct{}](colleague, http.MethodGet, "/documents/"+doc.ID+"/versions/"+number+"/manifest", nil)
		m.expect("version "+number, err, 400, fault.InvalidArgument)
	}
}

// TestDamageOnTheDiskIsNotHandedOut flips one bit in a pack.
func TestDamageOnTheDiskIsNotHandedOut(t *testing.T) {
	m := open(t)
	u := m.engineer()
	doc := u.save("op", "/engineer/a.step", 0, "one").Document
	pack := m.objectFiles("packs")[0]
	m.must(os.WriteFile(pack, []byte("onf"), 0o600))
	ask := agentapi.HashList{Hashes: []string{hashOf([]byte("one"))}}
	_, err := call[struct{}](u, http.MethodPost, "/documents/"+doc.ID+"/versions/1/chunks", ask)
	m.expect("a damaged chunk", err, 502, fault.ContentDamaged)
	m.must(os.Remove(pack))
	_, err = call[struct{}](u, http.MethodPost, "/documents/"+doc.ID+"/versions/1/chunks", ask)
	m.expect("a lost pack", err, 502, fault.ContentDamaged)
	m.must(os.WriteFile(m.objectFiles("manifests")[0], []byte(`{"entries":[]}`), 0o600))
	_, err = call[struct{}](u, http.MethodGet, "/documents/"+doc.ID+"/versions/1/manifest", nil)
	m.expect("a damaged manifest", err, 502, fault.ContentDamaged)
}

func TestDamageAfterTheAnswerBeganCutsIt(t *testing.T) {
	m := open(t)
	u := m.engineer()
	first, second := strings.Repeat("1", 100_000), strings.Repeat("2", 100_000)
	u.upload(first, second)
	r, err := u.publish(agentapi.Publish{OperationID: "op", Path: "/engineer/a.step", Kind: "single", Manifest: agentapi.Manifest{Entries: []agentapi.ManifestEntry{file("a.step", first, second)}}})
	m.must(err)
	m.must(os.WriteFile(m.objectFiles("packs")[0], []byte(first+strings.Repeat("3", 100_000)), 0o600))
	body, err := json.Marshal(agentapi.HashList{Hashes: []string{hashOf([]byte(first)), hashOf([]byte(second))}})
	m.must(err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.url+"/documents/"+r.Document.ID+"/versions/1/chunks", bytes.NewReader(body))
	m.must(err)
	request.Header.Set("Test-User", u.id)
	response, err := http.DefaultClient.Do(request)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		m.must(response.Body.Close())
	}
	if err == nil {
		t.Error("the answer looks whole")
	}
}

// TestFilesOfTheMarketplace: what the marketplace makes itself can be read by
// agents and by itself.
func TestFilesOfTheMarketplace(t *testing.T) {
	m := open(t)
	big := strings.Repeat("0123456789abcdef", 1<<20) // 16 MiB: more than a pack
	source := fstest.MapFS{"run/result.frd": {Data: []byte(big)}, "run/log.txt": {Data: []byte("done")}, "empty": {}}
	r, err := m.engine.PublishFiles(t.Context(), engineerUser(), agentapi.Publish{OperationID: "op", Path: "/engineer/results", Kind: agentapi.PublishKindAssembly}, source)
	m.must(err)
	content, err := m.engine.Open(t.Context(), engineerUser(), r.Document.ID, 1)
	m.must(err)
	if len(content.Manifest.Entries) != 3 || content.Version.Size != int64(len(big))+4 {
		t.Errorf("%d entries, %d bytes", len(content.Manifest.Entries), content.Version.Size)
	}
	for _, e := range content.Manifest.Entries {
		var b bytes.Buffer
		m.must(content.CopyFile(t.Context(), &b, e))
		if !bytes.Equal(b.Bytes(), source[e.Path].Data) {
			t.Errorf("%s: %d bytes differ from the source's", e.Path, b.Len())
		}
	}
	if _, err := m.engine.Open(t.Context(), strangerUser(), r.Document.ID, 1); fault.As(err).Code != fault.NotFound {
		t.Errorf("a stranger opens it: %v", err)
	}
	if documents.MaxPack != 16<<20 {
		t.Error("the documented size of a pack has changed")
	}
}
