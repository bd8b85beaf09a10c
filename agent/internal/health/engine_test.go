package health

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
	"iscdesk.dev/marketplace/agentapi"
)

// counter counts how often the warnings were said to be others.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) Publish(context.Context, api.Event) {}

func (c *counter) Changed(section string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if section == api.SectionHealth {
		c.n++
	}
}

func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func codes(warnings []api.Warning) string {
	var list []string
	for _, w := range warnings {
		list = append(list, w.Code)
	}
	return strings.Join(list, " ")
}

// TestServe follows the facts on a fake clock: at once when something is said
// to have changed, by itself after a while when nothing is.
func TestServe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		account := api.Account{State: api.AccountSignedIn, Online: true}
		free, skew, asked := int64(1<<40), time.Duration(0), 0
		set := func(turn func()) {
			mu.Lock()
			defer mu.Unlock()
			turn()
		}
		heard := &counter{}
		e := New(Config{
			Notify: heard, Dir: "/state",
			Account: func() api.Account { mu.Lock(); defer mu.Unlock(); return account },
			Disk:    func(string) (int64, int64, error) { mu.Lock(); defer mu.Unlock(); return free, 1 << 41, nil },
			Info: func(context.Context) (agentapi.Info, error) {
				mu.Lock()
				defer mu.Unlock()
				asked++
				return agentapi.Info{Time: time.Now().Add(-skew)}, nil
			},
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- e.Serve(ctx) }()
		expect := func(after time.Duration, want string, changes int) {
			t.Helper()
			<-time.After(after)
			synctest.Wait()
			if got := codes(e.Warnings()); got != want || heard.count() != changes {
				t.Errorf("warnings %q after %d changes, want %q after %d", got, heard.count(), want, changes)
			}
		}
		expect(0, "", 0)
		set(func() { account.Online = false })
		if got := codes(e.Warnings()); got != "offline" {
			t.Errorf("before anybody said so: %q", got)
		}
		e.Changed(api.SectionAccount)
		expect(time.Second, "offline", 1)
		since := e.Warnings()[0].Since
		set(func() { free = 1 << 29 })
		expect(lookEvery, "offline disk_low", 2)
		if w := e.Warnings(); w[0].Since != since || w[1].Since <= since {
			t.Errorf("since: %+v", w)
		}
		e.Changed(api.SectionTransfers)
		e.Changed(api.SectionTransfers)
		expect(time.Second, "offline disk_low", 2)
		set(func() { account.Online, free, skew = true, 1<<40, -time.Hour })
		e.Pushed(agentapi.PushMessage{Type: agentapi.Hello})
		expect(time.Second, "clock_wrong", 3)
		if got := e.Warnings()[0].Reason.Params["minutes"]; got != "-60" {
			t.Errorf("off by %s minutes", got)
		}
		set(func() { skew, asked = 0, 0 })
		expect(clockEvery, "", 4)
		set(func() {
			if asked != 1 {
				t.Errorf("the marketplace was asked for its time %d times in an hour", asked)
			}
		})
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func find(t *testing.T, checks []api.Check, name string) api.Check {
	t.Helper()
	for _, c := range checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no check %q in %+v", name, checks)
	return api.Check{}
}

func openDB(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestDoctorSound(t *testing.T) {
	dir := t.TempDir()
	e := New(Config{
		Notify: &counter{}, Version: "1.2.3", Dir: dir,
		Account: func() api.Account {
			return api.Account{State: api.AccountSignedIn, Online: true, UserName: "anna", Marketplace: "https://m"}
		},
		Info: func(context.Context) (agentapi.Info, error) {
			return agentapi.Info{Name: "iscmarket", Version: "1", Time: time.Now()}, nil
		},
		Socket:      func(context.Context) error { return nil },
		Licenses:    func(context.Context) ([]api.License, error) { return []api.License{{Status: "active"}}, nil },
		Transfers:   func() []api.Transfer { return nil },
		Database:    QuickCheck(openDB(t, filepath.Join(dir, "agent.db"))),
		Staging:     func(context.Context) error { return nil },
		Device:      func(context.Context) (string, error) { return "0123456789abcdef", nil },
		Fingerprint: func(context.Context) (string, error) { return "04:7C:16:5E:E3:5D|001B||BFEB", nil },
	})
	checks := e.Doctor(t.Context())
	if len(checks) != 12 {
		t.Errorf("%d checks: %+v", len(checks), checks)
	}
	for _, c := range checks {
		if !c.OK || c.Reason != nil {
			t.Errorf("%+v", c)
		}
	}
	if got := find(t, checks, "device").Detail; strings.Contains(got, "89abcdef") {
		t.Errorf("the device's whole identity is shown: %s", got)
	}
	if got := find(t, checks, "fingerprint"); got.Detail != "without mainboard" || got.Text(api.Chinese) != "缺少 mainboard" {
		t.Errorf("fingerprint: %+v", got)
	}
	for _, c := range checks {
		if strings.Contains(c.Text(api.Chinese), " of ") || strings.Contains(c.Text(api.Chinese), "{") || c.Text(api.English) != c.Detail {
			t.Errorf("%s is told as %q and %q", c.Name, c.Detail, c.Text(api.Chinese))
		}
	}
}

func TestDoctorTrouble(t *testing.T) {
	broken := errors.New("two blobs have no row")
	e := New(Config{
		Notify: &counter{}, Dir: filepath.Join(t.TempDir(), "missing"),
		Account: func() api.Account { return api.Account{State: api.AccountSignedOut} },
		Info: func(context.Context) (agentapi.Info, error) {
			return agentapi.Info{}, api.Fail(api.Offline)
		},
		Socket: func(context.Context) error { return broken },
		Licenses: func(context.Context) ([]api.License, error) {
			return []api.License{{ProductName: "CAD", Status: "frozen"}}, nil
		},
		Transfers:   func() []api.Transfer { return []api.Transfer{{State: "failed"}} },
		Staging:     func(context.Context) error { return broken },
		Device:      func(context.Context) (string, error) { return "", broken },
		Fingerprint: func(context.Context) (string, error) { return "|||", nil },
	})
	want := map[string]api.Code{
		"marketplace": api.Offline, "clock": api.Offline, "account": api.SignedOut, "socket": api.ServiceUnavailable, "licenses": api.LicenseFrozen,
		"transfers": api.TransfersFailed, "disk": api.StateDamaged, "staging": api.StateDamaged, "device": api.DeviceUnknown,
		"fingerprint": api.LicenseFingerprintRequired,
	}
	checks := e.Doctor(t.Context())
	if len(checks) != len(want) {
		t.Errorf("%d checks, want %d: %+v", len(checks), len(want), checks)
	}
	for name, code := range want {
		if c := find(t, checks, name); c.OK || !errors.Is(c.Reason, code) || strings.Contains(c.Reason.Text(api.English), "{") {
			t.Errorf("%s: %+v %v, want %s", name, c, c.Reason, code)
		}
	}
}

// TestDamagedDatabase overwrites pages of a real database.
func TestDamagedDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	db := openDB(t, path)
	for _, statement := range []string{
		`CREATE TABLE t (a TEXT)`, `CREATE INDEX i ON t (a)`,
		`WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 5000) INSERT INTO t SELECT hex(randomblob(40)) FROM n`,
		`PRAGMA wal_checkpoint(TRUNCATE)`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := QuickCheck(db)(t.Context()); err != nil {
		t.Fatalf("sound: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(strings.Repeat("x", 64<<10)), 32<<10); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := QuickCheck(openDB(t, path))(t.Context()); err == nil {
		t.Error("the damage was not seen")
	}
}

// TestUntrusted meets a real TLS server that no authority knows.
func TestUntrusted(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	e := New(Config{
		Notify: &counter{}, Account: func() api.Account { return api.Account{State: api.AccountSignedIn, Online: true} },
		Info: func(ctx context.Context) (info agentapi.Info, err error) {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
			if err != nil {
				return info, err
			}
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				return info, api.Fail(api.Offline).Because(err)
			}
			return info, errors.Join(json.NewDecoder(answer.Body).Decode(&info), answer.Body.Close())
		},
	})
	if c := find(t, e.Doctor(t.Context()), "marketplace"); c.OK || !errors.Is(c.Reason, api.Untrusted) {
		t.Errorf("%+v %v", c, c.Reason)
	}
	e.evaluate(t.Context())
	if got := codes(e.Warnings()); got != string(api.Untrusted) {
		t.Errorf("warnings: %q", got)
	}
}

func TestDiskSpace(t *testing.T) {
	free, total, err := DiskSpace(t.TempDir())
	if err != nil || free <= 0 || total < free {
		t.Errorf("%d of %d, %v", free, total, err)
	}
}
