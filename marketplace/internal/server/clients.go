package server

import (
	"crypto/rand"
	"net/http"
	"net/url"

	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/oauth"
	"iscdesk.dev/marketplace/internal/web"
)

// NewClient asks for a web application to be registered, into which users sign
// in with their marketplace account.
type NewClient struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	RedirectURI string `json:"redirectUri"`
}

// ClientSecret answers it. The secret is told this one time.
type ClientSecret struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

// addClient registers a vendor's web application.
func (s *Server) addClient(w http.ResponseWriter, r *http.Request) error {
	asked, err := web.ReadJSON[NewClient](w, r, web.MaxJSON)
	if err != nil {
		return err
	}
	target, err := url.Parse(asked.RedirectURI)
	if err != nil || target.Host == "" || target.User != nil || target.Fragment != "" || target.Scheme != "https" && target.Scheme != "http" {
		return fault.New(fault.InvalidArgument, "argument", "redirectUri", "reason", "an http or https address is expected").Because(err)
	}
	if asked.ID == "" || asked.Name == "" {
		return fault.New(fault.InvalidArgument, "argument", "id, name", "reason", "they are needed")
	}
	answer := ClientSecret{ID: asked.ID, Secret: rand.Text() + rand.Text()}
	err = s.accounts.AddClient(r.Context(), oauth.Client{ID: asked.ID, Name: asked.Name, Secret: answer.Secret, RedirectURI: asked.RedirectURI})
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusCreated, answer)
}
