package license

import "time"

// told is what a session has heard of its request.
type told string

const (
	toldNothing  told = ""
	toldPending  told = "pending"
	toldKept     told = "kept"
	toldDecision told = "decision"
)

// keptState is how a kept answer stands.
type keptState int

const (
	keptNone keptState = iota
	keptUsable
	// keptBlocked: there is one, known to be frozen, released or expired.
	keptBlocked
)

// facts is all that the next step of a request depends on.
type facts struct {
	signedIn bool // the account that applies is signed in now
	tried    bool // the marketplace was asked at least once, with whatever success
	decided  bool
	same     bool // the decision is what the session was told from the kept answer
	told     told
	kept     keptState
	due      time.Time // when the marketplace is to be asked (again)
	// asking: the vendor is being asked, and nothing is wrong. The decision
	// usually comes within a moment; until hope ends nobody is told to wait.
	asking bool
	hope   time.Time
}

// hopeFor is how long an application waits for a decision that is under way
// before it is told that it has to wait.
const hopeFor = 10 * time.Second

// step is what to do with a request now. tell is toldNothing where there is
// nothing to say; done ends the request; ask asks the marketplace; wake is
// when to look again (zero: when something happens).
type step struct {
	tell told
	done bool
	ask  bool
	wake time.Time
}

// next decides. Its rule is that an application hears of every request
// exactly one decision, or one kept answer; before that at most once that it
// has to wait, and why; and that nothing but a decision ends a request.
func next(f facts, now time.Time) step {
	if f.decided {
		if f.told == toldDecision || f.told == toldKept && f.same {
			return step{done: true}
		}
		return step{tell: toldDecision, done: true}
	}
	s := step{}
	mustWait := !f.signedIn || f.tried // there is no decision, and none comes with the first answer
	hoping := f.signedIn && f.asking && f.told == toldNothing && now.Before(f.hope)
	switch {
	case mustWait && f.kept == keptUsable && f.told != toldKept:
		s.tell = toldKept
	case mustWait && f.told == toldNothing && !hoping:
		s.tell = toldPending
	}
	if f.signedIn {
		s.ask = !now.Before(f.due)
		if !s.ask {
			s.wake = f.due
		}
		if hoping && (s.ask || f.hope.Before(s.wake)) {
			s.wake = f.hope
		}
	}
	return s
}

// The pauses between questions to the marketplace.
const (
	pauseFirst = 2 * time.Second
	pauseMost  = 5 * time.Minute
	// pollFirst is for an application that the vendor has not decided: the
	// decision is pushed, asking is the safety net.
	pollFirst = 5 * time.Second
	pollMost  = 10 * time.Minute
)

// growing gives a pause that doubles with each attempt (from 0), up to most.
func growing(first, most time.Duration, attempts int) time.Duration {
	if attempts > 30 {
		return most
	}
	return min(first<<attempts, most)
}
