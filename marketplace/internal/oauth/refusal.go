package oauth

import (
	"net/http"

	"iscdesk.dev/marketplace/internal/web"
)

// refusal is an error in the form that OAuth lays down.
type refusal struct {
	status      int
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

func (e *refusal) Error() string { return "oauth " + e.Code + ": " + e.Description }

// Answer implements web.Answer.
func (e *refusal) Answer(w http.ResponseWriter) {
	w.Header().Set("Pragma", "no-cache")
	_ = web.WriteJSON(w, e.status, e) // two strings: they can be encoded
}

func refuse(code, description string) *refusal {
	return &refusal{status: http.StatusBadRequest, Code: code, Description: description}
}

// The refusals whose words the documentation fixes.
func invalidCode() error    { return refuse("invalid_grant", "Invalid authorization code") }
func invalidRefresh() error { return refuse("invalid_grant", "Invalid refresh token") }
func badClient() error {
	return &refusal{http.StatusUnauthorized, "invalid_client", "Bad client credentials"}
}

func otherClient() error {
	return &refusal{http.StatusUnauthorized, "invalid_client", "Client ID mismatch"}
}

func unauthenticated() error {
	return &refusal{http.StatusUnauthorized, "unauthorized", "Full authentication is required to access this resource"}
}
