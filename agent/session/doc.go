// Package session is the framed session between the SDK library and the
// service: frames, calls, events and content.
//
// A session begins as an HTTP/1.1 upgrade on the local socket (see Dial) and
// then carries frames in both directions:
//
//	frame = length:uint32 big-endian, kind:uint8, body
//
// length counts kind and body. Kind 1 is a JSON Message, kind 2 is content.
// Content belongs to the one call that is open on a transfer connection; an
// empty content frame ends it.
//
// The package is linked into CAD processes and must stay free of net/http,
// TLS and databases.
package session
