package proxy

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/proxy/proxytest"
)

func TestAScriptChooses(t *testing.T) {
	target := echo(t)
	p := proxytest.Start(t, proxytest.Options{Kind: "http", Hosts: map[string]string{market: target}, User: "u", Password: "pw"})
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	_ = closed.Close()
	text := `function FindProxyForURL(url, host) {
		if (url !== "https://market.test:443/" || host !== "market.test") return "PROXY 192.0.2.1:1";
		return "PROXY ` + nobody + `; PROXY ` + strings.TrimPrefix(p.URL, "http://") + `; DIRECT";
	}`
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }))
	defer served.Close()
	for i, place := range []string{pac(t, text), served.URL + "/proxy.pac"} {
		d := New(Config{PAC: place, User: "u", Password: "pw", Environment: none})
		if err := talk(t, d, market); err != nil || p.Count(market) != i+1 || d.Trouble() != nil {
			t.Errorf("%s: %v, %d, %v", place, err, p.Count(market), d.Trouble())
		}
		if err := talk(t, d, target); err != nil {
			t.Errorf("this machine is dialled directly: %v", err)
		}
	}
}

// TestScriptsAreBounded runs hostile scripts: each ends in time with an error
// that says why, and the process stays small.
func TestScriptsAreBounded(t *testing.T) {
	for name, text := range map[string]string{
		"endless":           `function FindProxyForURL() { for (;;) {} }`,
		"endless at once":   `for (;;) {}`,
		"deep":              `function f() { return 1 + f() } function FindProxyForURL() { return f() }`,
		"much memory":       `function FindProxyForURL() { let s = "x"; for (;;) s += s; }`,
		"much at once":      `function FindProxyForURL() { return "x".repeat(1 << 29) }`,
		"a large buffer":    `function FindProxyForURL() { return new ArrayBuffer(1 << 30).byteLength + "" }`,
		"a slow expression": `function FindProxyForURL() { return /^(a+)+$/.test("a".repeat(64) + "b") + "" }`,
		"no function":       `var x = 1`,
		"no text":           `function FindProxyForURL() { return 7 }`,
		"nothing":           `function FindProxyForURL() { return "" }`,
		"a riddle":          `function FindProxyForURL() { return "TELEPATHY a:1" }`,
		"credentials":       `function FindProxyForURL() { return "PROXY u:p@h:1" }`,
		"no language":       `fun FindProxyForURL(`,
		"a file":            `function FindProxyForURL() { return std.open("/etc/passwd","r").readAsString() }`,
		"a module":          `import("os")`,
		"throws":            `function FindProxyForURL() { throw new Error("mine") }`,
	} {
		began := time.Now()
		d := New(Config{PAC: pac(t, text), Environment: none})
		err := talk(t, d, "192.0.2.1:443")
		if !errors.Is(err, api.ProxyFailed) || d.Trouble() == nil {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > 4*scriptTime {
			t.Errorf("%s took %v", name, took)
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapInuse > 256<<20 {
		t.Errorf("%d MiB of memory are in use", m.HeapInuse>>20)
	}
}

// TestScriptFunctions has the functions that scripts expect.
func TestScriptFunctions(t *testing.T) {
	for expression, want := range map[string]string{
		`isPlainHostName("www")`:                                                         "true",
		`isPlainHostName("www.a")`:                                                       "false",
		`dnsDomainIs("www.A.example", ".a.example")`:                                     "true",
		`dnsDomainIs("a.example", ".b.example")`:                                         "false",
		`localHostOrDomainIs("www", "www.a.example")`:                                    "true",
		`localHostOrDomainIs("home.a.example", "www.a.example")`:                         "false",
		`dnsDomainLevels("a.b.c")`:                                                       "2",
		`isInNet("10.1.2.3", "10.1.0.0", "255.255.0.0")`:                                 "true",
		`isInNet("10.2.2.3", "10.1.0.0", "255.255.0.0")`:                                 "false",
		`isInNet("192.168.1.255", "192.168.1.0", "255.255.255.0")`:                       "true",
		`isInNet("nonsense.invalid", "10.1.0.0", "255.0.0.0")`:                           "false",
		`shExpMatch("http://a.example/x/y", "*/x/*")`:                                    "true",
		`shExpMatch("abc", "a?c")`:                                                       "true",
		`shExpMatch("a.c", "a\\.c")`:                                                     "false",
		`shExpMatch("abc", "a.c")`:                                                       "false",
		`dnsResolve("127.0.0.1")`:                                                        "127.0.0.1",
		`dnsResolve("nonsense.invalid")`:                                                 "null",
		`isResolvable("nonsense.invalid")`:                                               "false",
		`/^\d+\.\d+\.\d+\.\d+$/.test(myIpAddress())`:                                     "true",
		`convert_addr("1.2.3.4")`:                                                        "16909060",
		`weekdayRange("SUN", "SAT")`:                                                     "true",
		`weekdayRange("SUN","MON","GMT") === [0,1].includes(new Date().getUTCDay())`:     "true",
		`weekdayRange("FRI","MON","GMT") === [5,6,0,1].includes(new Date().getUTCDay())`: "true",
		`weekdayRange("nonsense")`:                                                       "false",
		`timeRange(0, 23)`:                                                               "true",
		`timeRange(0, 0, 0, 23, 59, 59, "GMT")`:                                          "true",
		`timeRange(new Date().getUTCHours(), "GMT")`:                                     "true",
		`timeRange(new Date(Date.now()+7200e3).getUTCHours(), "GMT")`:                    "false",
		`dateRange("JAN", "DEC")`:                                                        "true",
		`dateRange(1, 31)`:                                                               "true",
		`dateRange(1, "JAN", 2000, 31, "DEC", 2001)`:                                     "false",
		`dateRange(1, "JAN", 2020, 31, "DEC", 2999, "GMT")`:                              "true",
		`dateRange(new Date().getFullYear())`:                                            "true",
		`alert("x")`:                                                                     "undefined",
		`typeof require + typeof std + typeof os + typeof fetch`:                         "undefinedundefinedundefinedundefined",
	} {
		got, err := evaluate(t.Context(), `function FindProxyForURL(u, h) { return String(`+expression+`) }`, "https://h:443/", "h")
		if err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", expression, got, err, want)
		}
	}
}

// TestAScriptIsReadAnew keeps one that could be read once through a failure of
// its server.
func TestAScriptIsReadAnew(t *testing.T) {
	text := `function FindProxyForURL() { return "DIRECT" }`
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }))
	now := time.Now()
	s := newScript(served.URL, http.DefaultClient)
	s.now = func() time.Time { return now }
	if hops, err := s.hops(t.Context(), "h", "h:443"); err != nil || len(hops) != 1 || hops[0] != nil {
		t.Fatal(hops, err)
	}
	text = `function FindProxyForURL() { return "PROXY p:1" }`
	if hops, _ := s.hops(t.Context(), "h", "h:443"); hops[0] != nil {
		t.Error("read anew too soon")
	}
	now = now.Add(scriptFresh)
	if hops, _ := s.hops(t.Context(), "h", "h:443"); hops[0] == nil {
		t.Error("not read anew")
	}
	served.Close()
	http.DefaultClient.CloseIdleConnections()
	now = now.Add(scriptFresh)
	if hops, err := s.hops(t.Context(), "h", "h:443"); err != nil || hops[0] == nil {
		t.Errorf("after a failure: %v, %v", hops, err)
	}
}
