package sdkbridge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session"
	"iscdesk.dev/agent/session/sessiontest"
)

const licenseText = "ISCLIC1.e30.c2ln"

// vendor answers licence requests at once, before their ticket.
func vendor(state api.LicenseState, content string) func(*sessiontest.Server) {
	return func(s *sessiontest.Server) {
		s.Handlers[api.CallLicenseRequest] = func(p *sessiontest.Peer, args json.RawMessage) (any, error) {
			var q api.LicenseRequest
			if err := json.Unmarshal(args, &q); err != nil {
				return nil, err
			}
			sum := sha256.Sum256([]byte(licenseText))
			answer := api.LicenseAnswer{Request: "r1", State: state, Kind: q.Kind, Tag: q.Tag}
			switch {
			case state == api.LicenseRefused:
				answer.Reason = api.Fail(api.LicenseNotEntitled, "product", "minicad")
			case q.Kind == api.LicenseFile:
				answer.FileName, answer.SHA256, answer.Size = "../../evil.lic", hex.EncodeToString(sum[:]), int64(len(licenseText))
			default:
				answer.Content = licenseText
			}
			event := sessiontest.Event(1, api.EventLicenseVerify, answer)
			return api.LicenseTicket{Request: "r1"}, p.WriteMessage(session.Message{Event: &event})
		}
		s.Handlers[api.CallLicenseFile] = func(p *sessiontest.Peer, _ json.RawMessage) (any, error) {
			return nil, errors.Join(p.WriteMessage(session.Message{ID: 2, OK: json.RawMessage(`{"entries":[]}`)}),
				p.WriteContent([]byte(content)), p.EndContent(), sessiontest.Silence)
		}
	}
}

func TestLicenseString(t *testing.T) {
	a := begin(t, serve(t, vendor(api.LicenseGranted, "")), nil)
	if err := a.RequestLicense(LicenseOrder{Kind: api.LicenseString, Tag: "1"}); err != nil {
		t.Fatal(err)
	}
	want := `{"operate":"LicenseVerify","params":{"Status":"success","LicenseContent":"` + licenseText + `","LicenseType":"string"},"comeBackParams":{"tag":"1"}}`
	if got := a.await(EventLicenseVerify); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLicenseFile(t *testing.T) {
	a := begin(t, serve(t, vendor(api.LicenseGranted, licenseText)), nil)
	path := filepath.Join(t.TempDir(), "my.lic")
	if err := os.WriteFile(path, []byte("an old one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := a.RequestLicense(LicenseOrder{Kind: api.LicenseFile, FileName: path}); err != nil {
		t.Fatal(err)
	}
	want := `{"operate":"LicenseVerify","params":{"Status":"success","LicenseFilePath":` + quoted(path) + `,"LicenseType":"file"},"comeBackParams":{}}`
	if got := a.await(EventLicenseVerify); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != licenseText {
		t.Errorf("the file holds %q, %v", got, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestLicenseFileWithoutAName(t *testing.T) {
	data := t.TempDir()
	a := begin(t, serve(t, vendor(api.LicenseGranted, licenseText)), func(o *Options) {
		o.Getenv = func(name string) string {
			return map[string]string{"XDG_DATA_HOME": data, "HOME": data, "LOCALAPPDATA": data, "USERPROFILE": data}[name]
		}
	})
	if err := a.RequestLicense(LicenseOrder{Kind: api.LicenseFile}); err != nil {
		t.Fatal(err)
	}
	a.await(EventLicenseVerify)
	if _, err := os.Stat(filepath.Join(data, "iscdesk-licenses", "evil.lic")); err != nil {
		t.Error("the vendor's name was not held to the folder:", err)
	}
}

func TestLicenseFileThatIsDamaged(t *testing.T) {
	a := begin(t, serve(t, vendor(api.LicenseGranted, "something else")), nil)
	path := filepath.Join(t.TempDir(), "my.lic")
	if err := a.RequestLicense(LicenseOrder{Kind: api.LicenseFile, FileName: path}); err != nil {
		t.Fatal(err)
	}
	if got := a.await(EventLicenseVerify); !strings.Contains(got, `"Status":"failed"`) || !strings.Contains(got, `"reason":"content_damaged"`) {
		t.Error(got)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("it was written all the same: %v", err)
	}
}

func TestLicenseRefused(t *testing.T) {
	a := begin(t, serve(t, vendor(api.LicenseRefused, "")), func(o *Options) { o.Language = "zh_CN.UTF-8" })
	if err := a.RequestLicense(LicenseOrder{Kind: api.LicenseString}); err != nil {
		t.Fatal(err)
	}
	got := a.await(EventLicenseVerify)
	if !strings.Contains(got, `"Status":"failed"`) || !strings.Contains(got, `"reason":"license_not_entitled","text":"您没有`) {
		t.Error(got)
	}
}
