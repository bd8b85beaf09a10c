// Package cloud is the client of the marketplace's agent API: one HTTP client
// with one set of rules for certificates, redirects and time; calls with JSON
// both ways; streams; and the WebSocket over which the marketplace pushes.
//
// It decides nothing. It adds the user's token, bounds what it reads, and
// turns every failure into an api.Error: a network that does not carry is
// api.Offline, a token that is refused twice is api.SignedOut, a code of the
// error table in the answer is that code, and everything else is
// api.MarketplaceFailed.
package cloud
