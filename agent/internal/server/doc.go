// Package server is the local API: it takes connections from the local
// socket, finds out who calls, checks that they may, and hands the call to
// the engines of that user. It holds no state of its own.
package server
