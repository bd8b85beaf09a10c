package daemon

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/internal/proxy/proxytest"
	"iscdesk.dev/agent/session"
)

// witness is a marketplace that remembers what it was asked and with what
// token. It takes no documents.
type witness struct {
	*httptest.Server
	token  string
	mu     sync.Mutex
	paths  []string
	tokens map[string]bool
}

func newWitness(t *testing.T, token string, secure bool) *witness {
	t.Helper()
	w := &witness{token: token, tokens: map[string]bool{}}
	start := httptest.NewServer
	if secure {
		start = httptest.NewTLSServer
	}
	w.Server = start(http.HandlerFunc(w.answer))
	t.Cleanup(w.Close)
	return w
}

func (w *witness) answer(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.paths = append(w.paths, r.URL.Path)
	if r.Header.Get("Authorization") != "" {
		w.tokens[r.Header.Get("Authorization")] = true
	}
	w.mu.Unlock()
	body, known := map[string]any{
		"/api/v1/oauth2/token": map[string]any{"access_token": w.token, "refresh_token": "refresh-" + w.token, "token_type": "Bearer", "expires_in": 7200},
		"/api/agent/v1/me":     map[string]any{"id": "U1", "userName": "engineer", "name": "Li Hua", "tenant": "sample", "tenantName": "Sample Works"},
		"/api/agent/v1/info":   map[string]any{"name": "test", "version": "1", "api": 1, "heartbeatSeconds": 17, "time": time.Now()},
	}[r.URL.Path]
	if !known {
		out.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	out.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(out).Encode(body)
}

func (w *witness) heard() (paths []string, tokens map[string]bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	copied := map[string]bool{}
	for token := range w.tokens {
		copied[token] = true
	}
	return slices.Clone(w.paths), copied
}

// await asks until it is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !so(); <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never came to this: %s", what)
		}
	}
}

func writePolicy(t *testing.T, cfg Config, lines ...string) {
	t.Helper()
	if err := os.WriteFile(cfg.PolicyFile, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil { // everybody may read it
		t.Fatal(err)
	}
}

// ruled is what the service says of its policy, and of its health.
func ruledBy(t *testing.T, c *client.Client) (values map[string]string, problems []string, health []string) {
	t.Helper()
	p, err := c.Policy(t.Context())
	if err != nil {
		return nil, nil, nil // it starts anew
	}
	values = map[string]string{}
	for _, s := range p.Settings {
		values[s.Key] = s.Value
	}
	for _, e := range p.Problems {
		problems = append(problems, string(e.Code)+" "+e.Params["key"])
	}
	state, err := c.State(t.Context())
	if err != nil {
		return nil, nil, nil
	}
	for _, w := range state.Health {
		health = append(health, w.Code)
	}
	return values, problems, health
}

// TestAMarketplaceComesAndGoesWhileTheServiceRuns starts without one, and
// changes it under a signed-in user with a document that waits: no token and
// no document of one ever reaches the other.
func TestAMarketplaceComesAndGoesWhileTheServiceRuns(t *testing.T) {
	one, two := newWitness(t, "token-of-one", false), newWitness(t, "token-of-two", false)
	cfg := config(t, true)
	cfg.Marketplace = ""
	process(t, cfg)
	c := client.New(cfg.Socket)
	defer c.Close()

	_, _, health := ruledBy(t, c)
	if !slices.Contains(health, string(api.NotConfigured)) {
		t.Errorf("without a marketplace: %v", health)
	}
	if _, err := c.LoginBegin(t.Context(), api.LoginBegin{RedirectURI: "http://127.0.0.1:4000/done"}); !errors.Is(err, api.NotConfigured) {
		t.Errorf("without a marketplace: %v", err)
	}

	reached := func(w *witness) func() bool {
		return func() bool {
			state, err := c.State(t.Context())
			return err == nil && state.Account.Marketplace == w.URL
		}
	}
	writePolicy(t, cfg, `marketplace = "`+one.URL+`"`)
	await(t, "the first marketplace", reached(one))
	signIn(t, c)
	if err := saveSecret(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	app, _ := connect(t, cfg.Socket, 0)

	writePolicy(t, cfg, `marketplace = "`+two.URL+`"`)
	await(t, "the second marketplace", reached(two))
	if e := nextEvent(t, app); e.Name != api.EventServiceClosing {
		t.Errorf("the application heard %s", e.Name)
	}
	reason := func() api.Code {
		state, err := c.State(t.Context())
		if err != nil || len(state.Transfers) != 1 || state.Transfers[0].Reason == nil {
			return ""
		}
		return state.Transfers[0].Reason.Code
	}
	if state, _ := c.State(t.Context()); state.Account.State != api.AccountSignedOut || reason() != api.SignedOut {
		t.Errorf("after the change: %+v", state.Account)
	}
	signIn(t, c)
	await(t, "the document waits for its own marketplace", func() bool { return reason() == api.SavedByOther })
	await(t, "the second marketplace is in use", func() bool {
		paths, _ := two.heard()
		return slices.Contains(paths, "/api/agent/v1/push")
	})
	paths, tokens := two.heard()
	if len(tokens) != 1 || !tokens["Bearer token-of-two"] || slices.ContainsFunc(paths, func(p string) bool { return strings.Contains(p, "chunk") || strings.Contains(p, "versions") }) {
		t.Errorf("the second marketplace got %v, %v", tokens, paths)
	}

	writePolicy(t, cfg, `marketplace = "`+one.URL+`"`)
	await(t, "the first marketplace again", reached(one))
	before, _ := one.heard()
	signIn(t, c)
	await(t, "the document goes on its way", func() bool {
		paths, _ := one.heard()
		return slices.ContainsFunc(paths[len(before):], func(p string) bool { return strings.Contains(p, "chunk") })
	})
	if _, tokens := one.heard(); len(tokens) != 1 {
		t.Errorf("the first marketplace got %v", tokens)
	}
}

// TestTheWayChangesWhileTheServiceRuns has a marketplace that only a proxy can
// reach and only a private authority vouches for, and takes both away again.
func TestTheWayChangesWhileTheServiceRuns(t *testing.T) {
	market := newWitness(t, "token", true)
	const host = "example.com:443" // for which the certificate is made out
	through := proxytest.Start(t, proxytest.Options{Kind: "http", Hosts: map[string]string{host: market.Listener.Addr().String()}, User: "isc", Password: "geheim"})
	cfg := config(t, true)
	cfg.Marketplace = ""
	dir := filepath.Dir(cfg.PolicyFile)
	ca, password := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "password")
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: market.Certificate().Raw})
	write := func(file string, content []byte, mode os.FileMode) {
		t.Helper()
		if err := errors.Join(os.WriteFile(file, content, mode), os.Chmod(file, mode)); err != nil {
			t.Fatal(err)
		}
	}
	write(password, []byte("geheim\n"), 0o600)
	policy := []string{
		`marketplace = "https://example.com"`, `proxy = "` + through.URL + `"`, `proxy_user = "isc"`,
		`proxy_password_file = "` + password + `"`, `ca_file = "` + ca + `"`,
	}
	writePolicy(t, cfg, policy...)
	process(t, cfg)
	c := client.New(cfg.Socket)
	defer c.Close()
	marketplace := func() api.Code {
		checks, err := c.Doctor(t.Context())
		i := slices.IndexFunc(checks, func(c api.Check) bool { return c.Name == "marketplace" })
		switch {
		case err != nil || i < 0:
			return "?"
		case checks[i].OK:
			return ""
		}
		return checks[i].Reason.Code
	}
	problem := func(text string) func() bool {
		return func() bool {
			_, problems, _ := ruledBy(t, c)
			return slices.Contains(problems, text)
		}
	}
	none := func() bool {
		values, problems, _ := ruledBy(t, c)
		return values != nil && len(problems) == 0
	}

	await(t, "no authority yet", func() bool { return marketplace() == api.Untrusted && problem("ca_file_unusable ")() })
	write(ca, authority, 0o644)
	await(t, "the authority is trusted", func() bool { return marketplace() == "" && none() })
	signIn(t, c)
	await(t, "the push connection goes through the proxy", func() bool {
		paths, _ := market.heard()
		return slices.Contains(paths, "/api/agent/v1/push") && through.Count(host) > 0
	})

	write(password, []byte("falsch\n"), 0o600)
	await(t, "another password", func() bool {
		return marketplace() == api.Offline && problem("proxy_failed ")() && through.Refused() > 0
	})
	write(password, []byte("geheim\n"), 0o644)
	await(t, "a password that others can read", problem("proxy_failed "))
	write(password, []byte("geheim\n"), 0o600)
	await(t, "the password is back", func() bool { return marketplace() == "" && none() })

	script := filepath.Join(dir, "proxy.pac")
	write(script, []byte(`function FindProxyForURL(url, host) { return host == "example.com" ? "PROXY `+strings.TrimPrefix(through.URL, "http://")+`" : "DIRECT" }`), 0o644)
	count := through.Count(host)
	writePolicy(t, cfg, append(slices.Clone(policy), `proxy_pac = "`+script+`"`, `[limits]`, `upload_rate = "5MB/s"`)...)
	await(t, "the script", func() bool {
		values, _, _ := ruledBy(t, c)
		return values["proxy_pac"] == script && marketplace() == "" && through.Count(host) > count
	})
	write(script, []byte(`function FindProxyForURL() { throw 1 }`), 0o644)
	await(t, "a broken script", func() bool { return marketplace() == api.Offline && problem("proxy_failed ")() })

	writePolicy(t, cfg, append(slices.Clone(policy), `markteplace = "x"`, `offline_days = "soon"`)...)
	await(t, "wrong lines beside good ones", func() bool {
		return marketplace() == "" && problem("policy_unknown markteplace")() && problem("policy_value offline_days")()
	})
	writePolicy(t, cfg, `proxy = = 7`)
	await(t, "the last good policy stays", func() bool {
		values, _, _ := ruledBy(t, c)
		return problem("policy_refused ")() && values["proxy"] == through.URL && marketplace() == ""
	})
	if err := os.Chmod(cfg.PolicyFile, 0o666); err != nil {
		t.Fatal(err)
	}
	p, err := c.Policy(t.Context())
	text, _ := json.Marshal(p)
	if err != nil || strings.Contains(string(text), "geheim") {
		t.Errorf("the password is shown: %s", text)
	}
}

// TestWhoMayInstall asks for an installation, and answers an upgrade, under
// each rule, by the route and by an application.
func TestWhoMayInstall(t *testing.T) {
	cfg := config(t, true)
	writePolicy(t, cfg, `install_applications = "nobody"`, `tenant = "other works"`)
	process(t, cfg)
	c := client.New(cfg.Socket)
	defer c.Close()
	begun, err := c.LoginBegin(t.Context(), api.LoginBegin{RedirectURI: "http://127.0.0.1:4000/done"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.LoginComplete(t.Context(), api.LoginComplete{State: begun.State, Code: "code"}); !errors.Is(err, api.TenantRefused) {
		t.Errorf("another tenant: %v", err)
	}
	app, _, err := session.Dial(t.Context(), cfg.Socket, api.Hello{Protocol: api.ProtocolVersion, Role: api.RoleSession, Session: "s", Product: "cad", Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = app.Close() }()
	for name, try := range map[string]func() error{
		"install":     func() error { return c.Install(t.Context(), "cad") },
		"yes":         func() error { return c.AnswerUpgrade(t.Context(), api.UserUpgradeAnswer{Product: "cad", Accept: true}) },
		"application": func() error { return app.Call(t.Context(), api.CallAppAnswer, api.UpgradeAnswer{Accept: true}, nil) },
	} {
		if err := try(); !errors.Is(err, api.PolicyForbids) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.AnswerUpgrade(t.Context(), api.UserUpgradeAnswer{Product: "cad"}); !errors.Is(err, api.NotFound) {
		t.Errorf("a no is anybody's: %v", err)
	}
	writePolicy(t, cfg, `tenant = "SAMPLE works"`)
	await(t, "everyone", func() bool { return errors.Is(c.Install(t.Context(), "cad"), api.SignedOut) })
	signIn(t, c)
	writePolicy(t, cfg, `tenant = "other"`)
	await(t, "the account may not be used any more", func() bool {
		state, err := c.State(t.Context())
		return err == nil && state.Account.State == api.AccountSignedOut
	})
	os.Remove(cfg.PolicyFile)
	await(t, "and may again", func() bool {
		state, err := c.State(t.Context())
		return err == nil && state.Account.State == api.AccountSignedIn
	})
}

// TestRoomForUnpublishedDocuments fails a save that does not fit any more.
func TestRoomForUnpublishedDocuments(t *testing.T) {
	cfg := config(t, true)
	writePolicy(t, cfg, `[limits]`, `staging_space = "1MiB"`)
	process(t, cfg)
	c := client.New(cfg.Socket)
	defer c.Close()
	signIn(t, c)
	begin := func(operation string, size int64) error {
		x, err := c.Transfer(t.Context())
		if err != nil {
			return err
		}
		defer func() { _ = x.Close() }()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		return x.Call(ctx, api.CallSaveBegin, api.SaveBegin{
			Operation: operation, LocalPath: "/home/a/" + operation, Path: "/engineer/" + operation, Kind: api.Single, Name: operation,
			Entries: []api.FileEntry{{Path: operation, Size: size}},
		}, nil)
	}
	if err := saveSecret(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := begin("large", 1<<20); !errors.Is(err, api.StagingFull) {
		t.Errorf("29 bytes wait, 1 MiB comes: %v", err)
	}
	if err := begin("small", 1<<19); err != nil {
		t.Errorf("there is room for this: %v", err)
	}
}

// TestAFileThatASettingNamesIsNotWaitedFor: a pipe in the place of one must not
// keep later changes from counting, nor an endless device take the memory.
func TestAFileThatASettingNamesIsNotWaitedFor(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, "/dev/zero", t.TempDir(), filepath.Join(t.TempDir(), "none")} {
		if sum(path) == sum("") {
			t.Errorf("%s counts as no file", path)
		}
	}
}

// Whoever can write the authorities of the machine's service, or its proxy
// script, reads what everybody sends.
func TestTheMachinesServiceUsesNoFileThatOthersCanWrite(t *testing.T) {
	open := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(open, []byte("anything"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o666); err != nil { // whatever the umask
		t.Fatal(err)
	}
	machine, own := &rules{}, &rules{own: true}
	for _, file := range []string{open, filepath.Join(t.TempDir(), "missing.pem"), t.TempDir()} {
		if err := machine.checkNamed(file); err == nil {
			t.Errorf("%s is used", file)
		}
	}
	for _, file := range []string{"", "/etc/passwd", "https://pac.example.com/proxy.pac"} {
		if err := machine.checkNamed(file); err != nil {
			t.Errorf("%q is refused: %v", file, err)
		}
	}
	if err := own.checkNamed(open); err != nil {
		t.Errorf("a user's own agent refuses what he named: %v", err)
	}
}
