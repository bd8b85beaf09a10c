package license

import "time"

// leaseState is where a lease stands here.
type leaseState string

const (
	leaseHeld      leaseState = "held"
	leaseReleasing leaseState = "releasing" // the seat is to go back
	leaseReleased  leaseState = "released"  // it went back; remembered for a session that returns
	leaseWanted    leaseState = "wanted"    // its session returned: take a seat again
)

// leaseFacts is all that the next step of a lease depends on.
type leaseFacts struct {
	state    leaseState
	open     bool // its session is connected
	ended    bool // its session's connection ended and has not come back
	settled  bool // the service runs for long enough that sessions would be back
	signedIn bool // its account is signed in
	grace    time.Time
	due      time.Time
	updated  time.Time
}

// leaseStep is what to do with a lease.
type leaseStep int

const (
	leaseWait    leaseStep = iota
	leaseRenew             // ask for a later end
	leaseDrop              // its application is gone: begin to give the seat back
	leaseGive              // give the seat back
	leaseLose              // the grace period is over
	leaseTake              // acquire again
	leaseForget            // nothing is left of it
	leaseReclaim           // its application is back before the seat went: hold on
	leaseReturn            // its application is back after the seat went: take one again
)

// leaseMemory is how long a lease that was given back is remembered.
const leaseMemory = time.Hour

// nextLease decides, and gives when to look again (zero: when something
// happens).
func nextLease(f leaseFacts, now time.Time) (leaseStep, time.Time) {
	over := !now.Before(f.grace)
	gone := !f.open && (f.ended || f.settled)
	act := func(s leaseStep) (leaseStep, time.Time) {
		switch {
		case !f.signedIn:
			return leaseWait, f.grace
		case now.Before(f.due):
			return leaseWait, earlier(f.due, f.grace)
		}
		return s, time.Time{}
	}
	switch f.state {
	case leaseHeld, leaseWanted:
		switch {
		case gone && over:
			return leaseForget, time.Time{}
		case gone:
			return leaseDrop, time.Time{}
		case over:
			return leaseLose, time.Time{}
		case f.state == leaseWanted:
			return act(leaseTake)
		}
		return act(leaseRenew)
	case leaseReleasing:
		switch {
		case over:
			return leaseForget, time.Time{}
		case f.open:
			return leaseReclaim, time.Time{}
		case !f.settled && !f.ended:
			return leaseWait, time.Time{} // from before a restart: the session may be about to return
		}
		return act(leaseGive)
	default: // leaseReleased
		if f.open {
			return leaseReturn, time.Time{}
		}
		if end := f.updated.Add(leaseMemory); now.Before(end) {
			return leaseWait, end
		}
		return leaseForget, time.Time{}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// renewAfter is when to renew a lease that ends at expires: at half its life,
// give or take a tenth of it, so that a site that starts at nine does not
// renew as one. jitter is from 0 to 1. A lease that seems to be over already
// means that this machine's clock is wrong: it is renewed now and then.
func renewAfter(now, expires time.Time, jitter float64) time.Duration {
	left := expires.Sub(now)
	if left <= 0 {
		return time.Minute
	}
	return max(time.Duration(float64(left)*(0.4+0.2*jitter)), time.Second)
}
