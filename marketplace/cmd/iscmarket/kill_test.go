package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zeebo/blake3"

	"iscdesk.dev/marketplace/agentapi"
)

// process is a running marketplace.
type process struct {
	*testing.T
	cmd        *exec.Cmd
	state, url string
}

func start(t *testing.T, state string) *process {
	t.Helper()
	p := &process{T: t, state: state, cmd: command(t, "serve", "--state", state, "--url-file", filepath.Join(t.TempDir(), "url"))}
	stderr, err := p.cmd.StderrPipe()
	p.must(err)
	p.must(p.cmd.Start())
	log := bufio.NewReader(stderr)
	for line := ""; !strings.Contains(line, "marketplace ready"); {
		line, err = log.ReadString('\n')
		p.must(err)
	}
	go func() { _, _ = io.Copy(io.Discard, log) }() // ends with the process
	url, err := os.ReadFile(p.cmd.Args[5])
	p.must(err)
	p.url = strings.TrimSpace(string(url))
	return p
}

func (p *process) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// send makes a call and gives the body of its answer, which has to be good.
func (p *process) send(method, path, token string, kind string, body []byte) []byte {
	p.Helper()
	r, err := http.NewRequestWithContext(p.Context(), method, p.url+path, bytes.NewReader(body))
	p.must(err)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", kind)
	response, err := http.DefaultClient.Do(r)
	p.must(err)
	answer, err := io.ReadAll(response.Body)
	p.must(errors.Join(err, response.Body.Close()))
	if response.StatusCode >= http.StatusBadRequest {
		p.Fatalf("%s %s: %s %s", method, path, response.Status, answer)
	}
	return answer
}

// signIn is the device login, allowed by demo-browser.
func (p *process) signIn() string {
	p.Helper()
	form := func(path string, values url.Values) map[string]any {
		p.Helper()
		var answer map[string]any
		p.must(json.Unmarshal(p.send(http.MethodPost, path, "", "application/x-www-form-urlencoded", []byte(values.Encode())), &answer))
		return answer
	}
	begun := form("/api/v1/oauth2/device_authorization", url.Values{"client_id": {"iscdesk"}})
	out, err := command(p.T, "demo-browser", begun["verification_uri_complete"].(string), "--accounts", filepath.Join(p.state, "sample-accounts.json")).CombinedOutput()
	if err != nil {
		p.Fatalf("%v %s", err, out)
	}
	answer := form("/api/v1/oauth2/token", url.Values{
		"client_id": {"iscdesk"}, "grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {begun["device_code"].(string)},
	})
	return answer["access_token"].(string)
}

// TestWhatWasAnsweredSurvivesSIGKILL: a published version, its content and the
// sign-in are there after the process was killed right behind the answer.
func TestWhatWasAnsweredSurvivesSIGKILL(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	p := start(t, state)
	token := p.signIn()
	content := bytes.Repeat([]byte("drawing "), 100_000)
	sum := blake3.Sum256(content)
	name := hex.EncodeToString(sum[:])
	p.send(http.MethodPost, "/api/agent/v1/packs", token, "application/octet-stream",
		append(binary.BigEndian.AppendUint32(sum[:], uint32(len(content))), content...))
	publish, err := json.Marshal(agentapi.Publish{
		OperationID: "op", Path: "/engineer/beam.step", Kind: agentapi.PublishKindSingle,
		Manifest: agentapi.Manifest{Entries: []agentapi.ManifestEntry{{
			Path: "beam.step", Size: int64(len(content)), Hash: name, Chunks: []agentapi.ChunkRef{{Hash: name, Size: len(content)}},
		}}},
	})
	p.must(err)
	first := p.send(http.MethodPost, "/api/agent/v1/versions", token, "application/json", publish)
	p.must(p.cmd.Process.Kill())
	_ = p.cmd.Wait() // says that it was killed

	p = start(t, state)
	again := p.send(http.MethodPost, "/api/agent/v1/versions", token, "application/json", publish)
	if !bytes.Equal(first, again) {
		t.Errorf("the repeated operation answers %s, before the kill %s", again, first)
	}
	var result agentapi.PublishResult
	p.must(json.Unmarshal(again, &result))
	ask, err := json.Marshal(agentapi.HashList{Hashes: []string{name}})
	p.must(err)
	got := p.send(http.MethodPost, "/api/agent/v1/documents/"+result.Document.ID+"/versions/1/chunks", token, "application/json", ask)
	if len(got) != 36+len(content) || !bytes.Equal(got[36:], content) {
		t.Errorf("%d bytes came back, want %d", len(got)-36, len(content))
	}
	p.must(p.cmd.Process.Kill())
	_ = p.cmd.Wait()
}
