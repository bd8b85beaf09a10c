// Package fault is how the marketplace says what went wrong: a code of the
// project's one error table, the parameters of its text, an HTTP status, and a
// cause that only the log sees. The table itself lives with the agent, which
// the marketplace does not import; Codes lets a test compare the two.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Code names one kind of failure. It is itself an error, so that callers
// write errors.Is(err, fault.NotFound).
type Code string

// Error makes a Code usable as the target of errors.Is.
func (c Code) Error() string { return string(c) }

// Error is a Code with what is needed to explain it.
type Error struct {
	Code   Code
	Params map[string]string
	// HTTP is the status to answer with.
	HTTP  int
	cause error
}

// New builds an Error from a code and key-value pairs for its text, as in
// New(NotFound, "what", path).
func New(code Code, pairs ...string) *Error {
	e := &Error{Code: code, HTTP: Status(code)}
	for i := 0; i+1 < len(pairs); i += 2 {
		if e.Params == nil {
			e.Params = make(map[string]string, len(pairs)/2)
		}
		e.Params[pairs[i]] = pairs[i+1]
	}
	return e
}

// Because returns e with the cause that engineers see in the log. The cause
// never reaches the caller.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

// WithStatus returns e answered with another status than its code's own.
func (e *Error) WithStatus(status int) *Error {
	e.HTTP = status
	return e
}

// Error is the line for the log: the code, the parameters, the cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	for _, k := range slices.Sorted(maps.Keys(e.Params)) {
		fmt.Fprintf(&b, " %s=%q", k, e.Params[k])
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	return b.String()
}

// Unwrap gives the cause, if any.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is e's code.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.Code
}

// As gives err as an *Error: itself if it is one, its code if it is one,
// Internal otherwise. A nil error gives nil.
func As(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if c, ok := errors.AsType[Code](err); ok {
		return New(c).Because(err)
	}
	return New(Internal).Because(err)
}

// Status is the HTTP status that a code is answered with; an unknown code is
// an internal error.
func Status(code Code) int {
	if status, ok := Codes()[code]; ok {
		return status
	}
	return http.StatusInternalServerError
}
