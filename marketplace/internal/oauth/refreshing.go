package oauth

import "time"

// refreshFacts is what is known of a refresh token that is presented.
type refreshFacts struct {
	grant, client string
	expires       time.Time
	used          time.Time // zero: never
	revoked       bool      // its grant is
	successorUsed bool      // the token that followed it has been used
}

// refreshStep is what to do with it.
type refreshStep int

const (
	// invalid: refuse.
	invalid refreshStep = iota
	// rotate: the token is good; give new ones.
	rotate
	// repeat: the answer was lost on its way; give the same ones again.
	repeat
	// stolen: two hold the token; revoke everything of its grant.
	stolen
)

// decideRefresh: a token is used once. The client that lost the answer repeats
// it soon, and has not used what followed; whoever comes later, or when the
// successor is in use, is somebody else.
func decideRefresh(f refreshFacts, client string, now time.Time, window time.Duration) refreshStep {
	switch {
	case f.client != client, f.revoked, !f.expires.After(now):
		return invalid
	case f.used.IsZero():
		return rotate
	case f.successorUsed, now.Sub(f.used) > window:
		return stolen
	default:
		return repeat
	}
}
