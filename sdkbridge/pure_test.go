package sdkbridge

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
)

func TestIdentify(t *testing.T) {
	exe := func() (string, error) { return "/opt/cad/bin/bigcad.bin", nil }
	cases := []struct {
		name             string
		product, version string
		env              map[string]string
		file             string
		want             identity
	}{
		{"said", "cad", "2", map[string]string{productEnv: "x"}, `{"product":"y"}`, identity{"cad", "2"}},
		{"said without a version", "cad", "", map[string]string{versionEnv: "9"}, "", identity{"cad", "0.0.0"}},
		{"environment", "", "", map[string]string{productEnv: "x", versionEnv: "9"}, `{"product":"y"}`, identity{"x", "9"}},
		{"file", "", "", nil, `{"product":"y","version":"3.1"}`, identity{"y", "3.1"}},
		{"broken file", "", "", nil, `{"product":`, identity{"bigcad", "0.0.0"}},
		{"executable", "", "", nil, "", identity{"bigcad", "0.0.0"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			read := func(path string) ([]byte, error) {
				if filepath.ToSlash(path) != "/opt/cad/bin/iscdesk-app.json" || tc.file == "" {
					return nil, os.ErrNotExist
				}
				return []byte(tc.file), nil
			}
			got := identify(tc.product, tc.version, func(n string) string { return tc.env[n] }, exe, read)
			if got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestParseKeys(t *testing.T) {
	const b64, b64url = "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=", "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI"
	const hexa = "4242424242424242424242424242424242424242424242424242424242424242"
	for text, want := range map[string]int{
		"": 0, b64: 1, b64url: 1, hexa: 1, "kid:" + b64: 1, b64 + ",\n" + hexa: 2, "nonsense": -1, b64 + " x": -1, "4242": -1,
	} {
		keys, err := parseKeys(text)
		if (want < 0) != (err != nil) || (want >= 0 && len(keys) != want) {
			t.Errorf("%q gave %d keys, %v", text, len(keys), err)
		}
	}
}

func TestPause(t *testing.T) {
	for failures, want := range map[int]time.Duration{0: 50 * time.Millisecond, 3: 400 * time.Millisecond, 20: 5 * time.Second, 1 << 30: 5 * time.Second} {
		if low, high := pause(failures, 0), pause(failures, 1); low != want/2 || high != want {
			t.Errorf("%d failures: %v to %v", failures, low, high)
		}
	}
}

// TestDocumentedMessages holds the events that the public guide documents to
// its very text; what is ours follows.
func TestDocumentedMessages(t *testing.T) {
	opened := workspace.Opened{OpenedDocument: api.OpenedDocument{
		LocalPath: "/w/a", OpenType: api.OpenAndCheckout, WorkState: api.CheckedOut, Kind: api.Assembly, Path: "/s/a", Version: 2,
	}}
	cases := []struct {
		got  Event
		want string
	}{
		{openedEvent(opened, "", nil, api.English), `{"operate":"OpenFile","params":{"mainFile":"/w/a","openType":"OpenAndCheckout","workState":"CHECKOUT","assembly":"true","path":"/s/a","version":2},"comeBackParams":{}}`},
		{openedEvent(workspace.Opened{}, "t", api.Fail(api.Cancelled), api.English), `{"operate":"OpenFile","params":{"mainFile":"","openType":"OpenOnly","workState":"CHECKIN","assembly":"false","reason":"cancelled","text":"The operation was cancelled."},"comeBackParams":{"tag":"t"}}`},
		{savedEvent(api.Saved{Operation: "o"}, SaveOrder{Path: "/a <b>\"\n"}, nil, api.English), `{"operate":"SaveResult","params":{"status":"success","filePath":"/a <b>\"\n","operation":"o"},"comeBackParams":{}}`},
		{licenseEvent(api.LicenseAnswer{State: api.LicensePendingState, Kind: api.LicenseString}, "", api.English), `{"operate":"LicenseVerify","params":{"Status":"pending","LicenseType":"string","reason":"license_pending","text":"The vendor has not answered yet. iscdesk keeps asking and tells the application."},"comeBackParams":{}}`},
		{solutionEvent(api.Solve{ID: "1", Path: "/m.inp", State: "failed", Message: "singular"}, "", nil, api.English), `{"operate":"SolutionResult","params":{"status":"failed","solve":"1","path":"/m.inp","message":"singular","reason":"solve_failed","text":"The solve failed: singular. The solver's log lies beside the model."},"comeBackParams":{}}`},
	}
	for _, tc := range cases {
		if tc.got.Message != tc.want {
			t.Errorf("got  %s\nwant %s", tc.got.Message, tc.want)
		}
	}
}

func TestSavePath(t *testing.T) {
	file := write(t, "a.step", "x")
	for _, tc := range []struct {
		path     string
		assembly bool
		want     api.Code
	}{
		{file, false, ""},
		{t.TempDir(), true, ""},
		{"", false, api.InvalidArgument},
		{file, true, api.AssemblyNotFolder},
		{t.TempDir(), false, api.NotAFile},
		{"/dev/null", false, api.NotAFile},
		{file + ".none", false, api.FileUnreadable},
	} {
		_, err := savePath(tc.path, tc.assembly)
		if (tc.want == "") != (err == nil) || (err != nil && !errors.Is(err, tc.want)) {
			t.Errorf("%s, assembly %v: %v, want %s", tc.path, tc.assembly, err, tc.want)
		}
	}
}

func TestQueueKeepsWhatMatters(t *testing.T) {
	q, err := newQueue(false, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 * maxProgress {
		q.push(Event{EventUploadProgress, "{}"})
	}
	q.push(Event{EventSaveResult, "{}"})
	if len(q.events) != maxProgress+1 || q.events[maxProgress].Type != EventSaveResult {
		t.Errorf("%d events wait", len(q.events))
	}
	var seen []EventType
	q.setCallback(func(k EventType, _ string) { seen = append(seen, k) })
	for q.deliver() {
	}
	if len(seen) != maxProgress+1 {
		t.Errorf("%d events were delivered", len(seen))
	}
}

func TestTheWorkspaceThatIsAskedFor(t *testing.T) {
	env := map[string]string{"HOME": "/home/a", "USERPROFILE": `C:\Users\a`}
	getenv := func(name string) string { return env[name] }
	for _, tt := range []struct{ option, variable, want string }{
		{"", "", ""}, // what the user has set is the service's to say
		{"", "/env", "/env"},
		{"/app", "/env", "/app"},
	} {
		env["ISCDESK_WORKSPACE"] = tt.variable
		o, err := Options{Product: "minicad", Version: "1.0", Workspace: tt.option, Getenv: getenv}.withDefaults()
		if err != nil || o.Workspace != tt.want || !strings.HasSuffix(o.usual, "iscdesk") {
			t.Errorf("%+v: %q, the usual one %q, %v", tt, o.Workspace, o.usual, err)
		}
	}
}
