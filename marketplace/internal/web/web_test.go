package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

func newMux(t *testing.T) *web.Mux {
	return web.NewMux(slog.New(slog.NewTextHandler(t.Output(), nil)), map[web.Access]web.Guard{web.Bearer: func(r *http.Request) (context.Context, error) {
		if r.Header.Get("Authorization") != "Bearer good" {
			return nil, fault.New(fault.SignedOut)
		}
		return web.WithUser(r.Context(), web.User{ID: "u1"}), nil
	}})
}

func ok(w http.ResponseWriter, r *http.Request) error {
	return web.WriteJSON(w, http.StatusOK, web.UserOf(r.Context()).ID)
}

func TestARouteWithoutAccessDoesNotStart(t *testing.T) {
	for name, add := range map[string]func(*web.Mux){
		"no access":       func(m *web.Mux) { m.Handle("GET /x", 0, ok) },
		"unknown access":  func(m *web.Mux) { m.Handle("GET /x", 99, ok) },
		"unguarded":       func(m *web.Mux) { m.Handle("GET /x", web.Admin, ok) },
		"no method":       func(m *web.Mux) { m.Handle("/x", web.Public, ok) },
		"no handler":      func(m *web.Mux) { m.Handle("GET /x", web.Public, nil) },
		"declared twice":  func(m *web.Mux) { m.Handle("GET /x", web.Public, ok); m.Handle("GET /x", web.Public, ok) },
		"one among many.": func(m *web.Mux) { m.Handle("GET /y", web.Public, ok); m.Handle("GET /x", 0, ok) },
	} {
		m := newMux(t)
		add(m)
		if _, err := m.Handler(); err == nil {
			t.Errorf("%s: the server starts", name)
		}
	}
}

type teapot struct{ error }

func (teapot) Answer(w http.ResponseWriter) { w.WriteHeader(http.StatusTeapot) }

func TestAnswers(t *testing.T) {
	m := newMux(t)
	m.Handle("GET /public", web.Public, ok)
	m.Handle("GET /private", web.Bearer, ok)
	failing := map[string]error{
		"/plain": errors.New("secret cause"), "/code": fault.NotFound, "/own": teapot{errors.New("x")},
		"/fault":  fault.New(fault.NotFound, "what", "a").Because(errors.New("secret cause")),
		"/status": fault.New(fault.NotFound, "what", "a").WithStatus(422),
	}
	for path, err := range failing {
		m.Handle("GET "+path, web.Public, func(http.ResponseWriter, *http.Request) error { return err })
	}
	m.Handle("POST /body", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		v, err := web.ReadJSON[map[string]int](w, r, 32)
		if err != nil {
			return err
		}
		return web.WriteJSON(w, http.StatusOK, v)
	})
	handler, err := m.Handler()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path, token, body string
		status                    int
		want                      string
	}{
		{"GET", "/public", "", "", 200, `""`},
		{"GET", "/private", "", "", 401, `{"code":"signed_out"}`},
		{"GET", "/private", "Bearer bad", "", 401, `{"code":"signed_out"}`},
		{"GET", "/private", "Bearer good", "", 200, `"u1"`},
		{"GET", "/plain", "", "", 500, `{"code":"internal"}`},
		{"GET", "/code", "", "", 404, `{"code":"not_found"}`},
		{"GET", "/fault", "", "", 404, `{"code":"not_found","params":{"what":"a"}}`},
		{"GET", "/status", "", "", 422, `{"code":"not_found","params":{"what":"a"}}`},
		{"GET", "/own", "", "", 418, ""},
		{"GET", "/nowhere", "", "", 404, `{"code":"not_found","params":{"what":"/nowhere"}}`},
		{"DELETE", "/public", "", "", 405, `{"code":"not_found","params":{"what":"/public"}}`},
		{"POST", "/body", "", `{"a":1}`, 200, `{"a":1}`},
		{"POST", "/body", "", `{"a":1}{"a":2}`, 400, `{"code":"invalid_argument","params":{"argument":"body","reason":"not the JSON that is expected"}}`},
		{"POST", "/body", "", `{"a":`, 400, `{"code":"invalid_argument","params":{"argument":"body","reason":"not the JSON that is expected"}}`},
		{"POST", "/body", "", ``, 400, `{"code":"invalid_argument","params":{"argument":"body","reason":"not the JSON that is expected"}}`},
		{"POST", "/body", "", `{"a":1, "` + strings.Repeat("b", 40) + `":1}`, 413, `{"code":"too_large","params":{"limit":"32","what":"body"}}`},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.body))
		r.Header.Set("Authorization", c.token)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		body, err := io.ReadAll(w.Body)
		if err != nil || w.Code != c.status || string(body) != c.want {
			t.Errorf("%s %s %s: %d %s, want %d %s", c.method, c.path, c.body, w.Code, body, c.status, c.want)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: the answer may be sniffed", c.path)
		}
	}
}
