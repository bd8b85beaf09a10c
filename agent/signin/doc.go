// Package signin is the caller's side of signing in, for the command line and
// the tray app: the page on the loopback interface that the user's browser
// comes back to, and the code for a browser on another machine.
//
// The service holds what is secret of a login; here are only its state and the
// code that the browser brings, for as long as one call lasts. Nothing answers
// on a port when no login is under way.
package signin
