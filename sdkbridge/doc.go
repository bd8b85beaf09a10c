// Package sdkbridge is what the C API of the SDK means, in Go: a Session that
// an application opens, calls and closes, and the events that it gets. The cgo
// package translates between this and C and decides nothing.
//
// The package runs inside CAD processes. Nothing in it may hang, panic out,
// write where the application did not ask, or keep the process busy: every
// wait has a deadline, every goroutine belongs to a Session and is recovered,
// and a connection that is lost comes back by itself. It must stay free of
// net/http, TLS, databases and agent/internal.
package sdkbridge
