package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"html/template"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/assets/locale"
)

const landingPath = "/iscdesk/signed-in"

// landing is the page that the browser comes back to after signing in: one
// port from the kernel on the loopback interface, one answer, then closed.
type landing struct {
	listener net.Listener
	server   *http.Server
	page     *template.Template
	texts    []pageTexts
	served   sync.WaitGroup

	answers  chan browserAnswer
	finished chan bool

	mu    sync.Mutex // guards state and taken
	state string
	taken bool
}

type browserAnswer struct{ code, denied string }

// pageTexts are the texts of the page in one language.
type pageTexts struct {
	lang  api.Language
	texts locale.Catalogue
}

// listenForCode opens the landing page.
func listenForCode(ctx context.Context) (*landing, error) {
	page, err := template.New("landing").Parse(landingHTML)
	if err != nil {
		return nil, err
	}
	var texts []pageTexts
	for _, lang := range []api.Language{api.Chinese, api.English} {
		c, err := locale.SignIn(string(lang))
		if err != nil {
			return nil, err
		}
		texts = append(texts, pageTexts{lang, c})
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &landing{
		listener: listener, page: page, texts: texts,
		answers: make(chan browserAnswer, 1), finished: make(chan bool, 1),
	}
	l.server = &http.Server{
		Handler: l, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	l.served.Go(func() { _ = l.server.Serve(listener) }) // ends with Close
	return l, nil
}

// URL is the redirect URI.
func (l *landing) URL() string { return "http://" + l.listener.Addr().String() + landingPath }

// Expect sets the one state that an answer must carry.
func (l *landing) Expect(state string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = state
}

// Await waits for the browser.
func (l *landing) Await(ctx context.Context) (browserAnswer, error) {
	select {
	case a := <-l.answers:
		return a, nil
	case <-ctx.Done():
		return browserAnswer{}, ctx.Err()
	}
}

// Finish tells the waiting browser how signing in ended.
func (l *landing) Finish(ok bool) { l.finished <- ok }

// Close lets an answer in flight be written, then closes the port.
func (l *landing) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := l.server.Shutdown(ctx); err != nil {
		_ = l.server.Close()
	}
	l.served.Wait()
}

// ServeHTTP takes the first answer that carries the expected state. Others
// are refused and change nothing, so that no other program can spoil or
// inject a login.
func (l *landing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := l.take(r)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return
	}
	l.answers <- answer
	ok := false
	select {
	case ok = <-l.finished:
	case <-r.Context().Done():
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Connection", "close")
	l.write(w, ok)
}

func (l *landing) take(r *http.Request) (browserAnswer, error) {
	if r.Method != http.MethodGet || r.URL.Path != landingPath || r.Host != l.listener.Addr().String() {
		return browserAnswer{}, errors.New("not the answer of a login")
	}
	query := r.URL.Query()
	l.mu.Lock()
	defer l.mu.Unlock()
	match := subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(l.state)) == 1
	if l.taken || l.state == "" || !match {
		return browserAnswer{}, errors.New("not the state of this login")
	}
	a := browserAnswer{code: query.Get("code"), denied: query.Get("error")}
	if a.code == "" && a.denied == "" {
		return browserAnswer{}, errors.New("neither code nor error")
	}
	l.taken = true
	return a, nil
}

// write shows the outcome in both languages: the browser's language need not
// be the program's.
func (l *landing) write(w io.Writer, ok bool) {
	key := "landing.failed"
	if ok {
		key = "landing.done"
	}
	type line struct{ Lang, Text string }
	var lines []line
	for _, t := range l.texts {
		lines = append(lines, line{string(t.lang), t.texts.Fill(key)})
	}
	_ = l.page.Execute(w, lines) // the browser may be gone
}

const landingHTML = `<!DOCTYPE html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>iscdesk</title>
<style>:root{color-scheme:light dark}body{font-family:sans-serif;margin:15vh auto;padding:0 1em;max-width:32em;text-align:center}</style></head>
<body><h1>iscdesk</h1>{{range .}}<p lang="{{.Lang}}">{{.Text}}</p>{{end}}</body></html>
`
