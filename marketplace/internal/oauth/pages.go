package oauth

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"
)

//go:embed pages/page.html
var pageFiles embed.FS

func parsePages() (*template.Template, error) {
	return template.ParseFS(pageFiles, "pages/page.html")
}

// page is what a page shows; each uses the members it needs.
type page struct {
	Lang, Nonce string
	Say         words
	CSRF        string
	Wrong       string
	Text        string
	Next        string
	UserName    string
	UserCode    string
	Action      string
	// leadsTo is the origin that the page's form may end up at, beside ours.
	leadsTo string
}

// show writes a page with the headers that keep it from being framed, sniffed,
// kept or scripted.
func (s *Server) show(w http.ResponseWriter, r *http.Request, status int, name string, p page) error {
	p.Lang, p.Say = wordsFor(r)
	p.Nonce = newSecret()
	p.CSRF = s.csrf(w, r)
	var body bytes.Buffer
	if err := s.pages.ExecuteTemplate(&body, name, p); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", p.Lang)
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'", "style-src 'nonce-" + p.Nonce + "'", "form-action 'self' " + p.leadsTo,
		"frame-ancestors 'none'", "base-uri 'none'",
	}, "; "))
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the browser is gone: nobody is left to tell
	return nil
}

// message shows a page that says one thing.
func (s *Server) message(w http.ResponseWriter, r *http.Request, status int, text func(words) string) error {
	_, say := wordsFor(r)
	return s.show(w, r, status, "message", page{Text: text(say)})
}
