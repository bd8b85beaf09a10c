// Package web is the border between HTTP and the marketplace's engines: who
// may call a route stands beside its pattern, a handler returns an error
// instead of writing one, and bodies are bounded.
package web

import (
	"context"
	"net/http"
	"time"
)

// User is who calls, as his token says.
type User struct {
	ID         string
	UserName   string // what he signs in with; the name of his own space
	Name       string // for people
	Email      string
	Tenant     string // id
	TenantName string
}

type userKey struct{}

// WithUser gives a context that knows its user.
func WithUser(ctx context.Context, user User) context.Context {
	return context.WithValue(ctx, userKey{}, user)
}

// UserOf is who calls. On a Bearer route it is always set; elsewhere it is
// the zero User.
func UserOf(ctx context.Context) User {
	user, _ := ctx.Value(userKey{}).(User)
	return user
}

// Handler answers a request, or says why it cannot. An error that is an
// Answer writes itself; any other becomes an agentapi.Error with the status
// of its code. A handler that has begun its answer returns nil.
type Handler func(http.ResponseWriter, *http.Request) error

// Answer is an error with a body of its own, for interfaces whose error form
// is laid down elsewhere.
type Answer interface {
	error
	Answer(w http.ResponseWriter)
}

// Access is who may call a route.
type Access int

// The accesses. The zero value is none of them, so that a forgotten access
// keeps the server from starting.
const (
	// Public routes are open to everyone.
	Public Access = iota + 1
	// Bearer routes need a valid access token.
	Bearer
	// Signed routes need a request signed with a vendor's access key.
	Signed
	// Admin routes need the administrator's right.
	Admin
)

// Guard lets a request in, with what it learnt about the caller in the
// context, or refuses it. It may read and replace the body.
type Guard func(*http.Request) (context.Context, error)

// Router takes routes. Patterns are those of http.ServeMux, with a method.
type Router interface {
	Handle(pattern string, access Access, h Handler)
}

// Credential is what a caller on a Bearer route was let in by.
type Credential struct {
	// Grant names the sign-in that the token belongs to.
	Grant string
	// Expires is when the token ends.
	Expires time.Time
}

type credentialKey struct{}

// WithCredential gives a context that knows its credential.
func WithCredential(ctx context.Context, c Credential) context.Context {
	return context.WithValue(ctx, credentialKey{}, c)
}

// CredentialOf is what the caller was let in by; zero where no token was
// needed.
func CredentialOf(ctx context.Context) Credential {
	c, _ := ctx.Value(credentialKey{}).(Credential)
	return c
}
