package catalogue_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/catalogue"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/objects"
	"iscdesk.dev/marketplace/internal/web"
)

func open(t *testing.T) (*catalogue.Catalogue, string) {
	t.Helper()
	dir := t.TempDir()
	db, err := database.OpenSQLite(filepath.Join(dir, "db"))
	must(t, err)
	store, err := objects.OpenFolder(filepath.Join(dir, "objects"))
	must(t, err)
	c, err := catalogue.New(t.Context(), db, store, dir)
	must(t, err)
	mux := web.NewMux(slog.New(slog.NewTextHandler(io.Discard, nil)), map[web.Access]web.Guard{
		web.Bearer: func(r *http.Request) (context.Context, error) { return r.Context(), nil },
	})
	c.Routes(mux)
	handler, err := mux.Handler()
	must(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.Close()
		must(t, errors.Join(db.Close(), store.Close()))
	})
	return c, server.URL + "/api/agent/v1"
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func get[T any](t *testing.T, url string) (int, T) {
	t.Helper()
	var value T
	resp, err := http.Get(url)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	must(t, json.NewDecoder(resp.Body).Decode(&value))
	return resp.StatusCode, value
}

func release(version string) catalogue.Release {
	return catalogue.Release{Product: "cad", Name: "CAD", Version: version, File: "cad-" + version + ".tar.gz"}
}

func TestUpgrade(t *testing.T) {
	c, url := open(t)
	forced, linux, mac := release("1.2.0"), release("1.10.0"), release("3.0.0")
	forced.Forced, linux.OS, mac.OS, mac.Arch = true, "linux", "darwin", "arm64"
	for _, r := range []catalogue.Release{release("1.0.0"), forced, linux, mac, release("2.0.0-beta.1")} {
		must(t, c.Publish(t.Context(), r, strings.NewReader(r.Version)))
	}
	cases := []struct {
		version, os, arch string
		want              string // empty: none
		forced            bool
	}{
		{"1.0.0", "linux", "amd64", "2.0.0-beta.1", true},
		{"1.2.0", "linux", "amd64", "2.0.0-beta.1", false},
		{"2.0.0", "linux", "amd64", "", false},
		{"2.0.0", "darwin", "arm64", "3.0.0", false},
		{"2.0.0", "darwin", "amd64", "", false},
		{"1", "windows", "amd64", "2.0.0-beta.1", true},
	}
	for _, k := range cases {
		status, u := get[agentapi.Upgrade](t, url+"/apps/cad/upgrade?version="+k.version+"&os="+k.os+"&arch="+k.arch)
		if status != 200 || u.Available != (k.want != "") || u.Version.Version != k.want || u.Forced != k.forced {
			t.Errorf("%+v: %d %+v", k, status, u)
		}
	}
	if status, e := get[agentapi.Error](t, url+"/apps/cad/upgrade?version=new&os=linux&arch=amd64"); status != 400 || e.Code != "invalid_argument" {
		t.Errorf("a version in words: %d %v", status, e)
	}
	if status, u := get[agentapi.Upgrade](t, url+"/apps/none/upgrade?version=1.0.0&os=linux&arch=amd64"); status != 200 || u.Available {
		t.Errorf("a product without an entry: %d %v", status, u)
	}
	_, apps := get[agentapi.AppList](t, url+"/apps")
	if len(apps.Apps) != 1 || apps.Apps[0].Latest.Version != "3.0.0" || apps.Apps[0].Name != "CAD" {
		t.Errorf("apps %+v", apps)
	}
}

func TestPackageIsServedInRanges(t *testing.T) {
	c, url := open(t)
	content := bytes.Repeat([]byte("0123456789"), 1000)
	must(t, c.Publish(t.Context(), release("1.0.0"), bytes.NewReader(content)))
	sum := isv.PayloadHash(content)
	fetch := func(header, value string) (status int, etag, body string) {
		req, err := http.NewRequest("GET", url+"/packages/"+sum, nil)
		must(t, err)
		req.Header.Set(header, value)
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		must(t, err)
		return resp.StatusCode, resp.Header.Get("ETag"), string(text)
	}
	if status, _, body := fetch("Accept", "*/*"); status != 200 || body != string(content) {
		t.Errorf("whole: %d, %d bytes", status, len(body))
	}
	if status, etag, body := fetch("Range", "bytes=9995-"); status != 206 || body != "56789" || etag != `"`+sum+`"` {
		t.Errorf("rest: %d %q %s", status, body, etag)
	}
	if status, _, _ := fetch("Range", "bytes=10000-"); status != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("beyond the end: %d", status)
	}
	for _, bad := range []string{strings.Repeat("0", 64), "..%2F..%2Fmarket.db", "ABC"} {
		if status, e := get[agentapi.Error](t, url+"/packages/"+bad); status != 404 || e.Code != "not_found" {
			t.Errorf("%s: %d %v", bad, status, e)
		}
	}
}

func TestPublishOnce(t *testing.T) {
	c, _ := open(t)
	must(t, c.Publish(t.Context(), release("1.0.0"), strings.NewReader("a")))
	must(t, c.Publish(t.Context(), release("1.0.0"), strings.NewReader("a")))
	if err := c.Publish(t.Context(), release("1.0.0"), strings.NewReader("b")); !errors.Is(err, fault.Exists) {
		t.Errorf("another package of the same version: %v", err)
	}
	for _, change := range []func(*catalogue.Release){
		func(r *catalogue.Release) { r.Version = "v1" },
		func(r *catalogue.Release) { r.File = "../a.tar.gz" },
		func(r *catalogue.Release) { r.File = "a.exe" },
		func(r *catalogue.Release) { r.Product = "a/b" },
	} {
		r := release("2.0.0")
		change(&r)
		if err := c.Publish(t.Context(), r, strings.NewReader("x")); !errors.Is(err, fault.InvalidArgument) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

func TestWhatIsSaidOfAnApplication(t *testing.T) {
	c, url := open(t)
	r := release("1.0.0")
	r.Summary, r.TrialURL = "Draws. 绘图。", "https://market.example/trial"
	must(t, c.Publish(t.Context(), r, strings.NewReader("1")))
	_, list := get[agentapi.AppList](t, url+"/apps")
	if len(list.Apps) != 1 || list.Apps[0].Summary != r.Summary || list.Apps[0].TrialURL != r.TrialURL || list.Apps[0].Latest.Version != "1.0.0" {
		t.Errorf("%+v", list)
	}
	for _, bad := range []func(*catalogue.Release){
		func(r *catalogue.Release) { r.TrialURL = "javascript:alert(1)" },
		func(r *catalogue.Release) { r.TrialURL = "http://market.example/trial" },
		func(r *catalogue.Release) { r.Summary = strings.Repeat("x", 501) },
	} {
		r := release("2.0.0")
		bad(&r)
		if err := c.Publish(t.Context(), r, strings.NewReader("2")); !errors.Is(err, fault.InvalidArgument) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}
