package license

import (
	"testing"
	"time"
)

func TestNext(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	soon, later := now.Add(time.Second), now.Add(time.Minute)
	for _, c := range []struct {
		name string
		f    facts
		want step
	}{
		{"new, online: ask before saying anything", facts{signedIn: true}, step{ask: true}},
		{"new, online, something kept: the marketplace first", facts{signedIn: true, kept: keptUsable}, step{ask: true}},
		{"no answer yet, nothing kept: say so and ask again later", facts{signedIn: true, tried: true, due: later}, step{tell: toldPending, wake: later}},
		{"no answer yet, something kept: hand it out", facts{signedIn: true, tried: true, kept: keptUsable, due: later}, step{tell: toldKept, wake: later}},
		{"no answer yet, kept one is frozen: say so", facts{signedIn: true, tried: true, kept: keptBlocked, due: later}, step{tell: toldPending, wake: later}},
		{"the vendor is being asked: wait a moment", facts{signedIn: true, tried: true, asking: true, due: later, hope: soon}, step{wake: soon}},
		{"the vendor is being asked, look again", facts{signedIn: true, tried: true, asking: true, due: now, hope: soon}, step{ask: true, wake: soon}},
		{"the vendor is being asked, something is kept", facts{signedIn: true, tried: true, asking: true, kept: keptUsable, due: soon, hope: later}, step{tell: toldKept, wake: soon}},
		{"the vendor takes his time", facts{signedIn: true, tried: true, asking: true, due: later, hope: now}, step{tell: toldPending, wake: later}},
		{"signed out while the vendor is asked", facts{tried: true, asking: true, due: later, hope: soon}, step{tell: toldPending}},
		{"told to wait: once is enough", facts{signedIn: true, tried: true, told: toldPending, due: later}, step{wake: later}},
		{"told to wait, blocked: still once", facts{signedIn: true, tried: true, told: toldPending, kept: keptBlocked, due: later}, step{wake: later}},
		{"told to wait, then something is kept", facts{signedIn: true, tried: true, told: toldPending, kept: keptUsable, due: later}, step{tell: toldKept, wake: later}},
		{"served from what is kept: ask on", facts{signedIn: true, tried: true, told: toldKept, kept: keptUsable, due: now}, step{ask: true}},
		{"served, then frozen: the change is told elsewhere", facts{signedIn: true, tried: true, told: toldKept, kept: keptBlocked, due: later}, step{wake: later}},
		{"due again", facts{signedIn: true, tried: true, told: toldPending, due: now}, step{ask: true}},
		{"signed out, nothing kept", facts{}, step{tell: toldPending}},
		{"signed out, something kept for the last account", facts{kept: keptUsable}, step{tell: toldKept}},
		{"signed out, told: wait for somebody to sign in", facts{told: toldPending}, step{}},
		{"signed out is never asked about", facts{told: toldKept, kept: keptUsable, due: now}, step{}},
		{"decided at once", facts{signedIn: true, decided: true}, step{tell: toldDecision, done: true}},
		{"decided after waiting", facts{signedIn: true, tried: true, decided: true, told: toldPending}, step{tell: toldDecision, done: true}},
		{"decided as it was served", facts{signedIn: true, decided: true, same: true, told: toldKept}, step{done: true}},
		{"decided otherwise than served", facts{signedIn: true, decided: true, told: toldKept}, step{tell: toldDecision, done: true}},
		{"decided, then signed out", facts{decided: true}, step{tell: toldDecision, done: true}},
		{"decided and told", facts{signedIn: true, decided: true, told: toldDecision}, step{done: true}},
	} {
		if got := next(c.f, now); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// TestNextNeverRefusesByItself walks all facts: nothing but a decision ends a
// request, a usable kept answer is never withheld from an application that
// would have to wait, and nothing is told twice.
func TestNextNeverRefusesByItself(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	yes := []bool{false, true}
	for _, signedIn := range yes {
		for _, tried := range yes {
			for _, decided := range yes {
				for _, kept := range []keptState{keptNone, keptUsable, keptBlocked} {
					for _, told := range []told{toldNothing, toldPending, toldKept, toldDecision} {
						for _, due := range []time.Time{now.Add(-time.Second), now.Add(time.Second)} {
							f := facts{signedIn: signedIn, tried: tried, decided: decided, kept: kept, told: told, due: due}
							s := next(f, now)
							if s.done != decided {
								t.Errorf("%+v: done without a decision, or the other way round", f)
							}
							if s.tell != toldNothing && s.tell == told {
								t.Errorf("%+v: told twice", f)
							}
							if !decided && kept == keptUsable && (tried || !signedIn) && told != toldKept && s.tell != toldKept {
								t.Errorf("%+v: a kept licence is withheld", f)
							}
							if !decided && signedIn && !s.ask && s.wake.IsZero() {
								t.Errorf("%+v: nobody asks any more", f)
							}
						}
					}
				}
			}
		}
	}
}

func TestNextLease(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	soon, late, past := now.Add(time.Minute), now.Add(time.Hour), now.Add(-time.Minute)
	held := func(change func(*leaseFacts)) leaseFacts {
		f := leaseFacts{state: leaseHeld, open: true, settled: true, signedIn: true, grace: late, due: soon, updated: past}
		if change != nil {
			change(&f)
		}
		return f
	}
	gone := func(f *leaseFacts) { f.open, f.ended = false, true }
	for _, c := range []struct {
		name string
		f    leaseFacts
		want leaseStep
		wake time.Time
	}{
		{"held: renew at half-life", held(nil), leaseWait, soon},
		{"half-life", held(func(f *leaseFacts) { f.due = now }), leaseRenew, time.Time{}},
		{"half-life, signed out: wait for somebody", held(func(f *leaseFacts) { f.due, f.signedIn = now, false }), leaseWait, late},
		{"due only after the grace period", held(func(f *leaseFacts) { f.due, f.grace = late, soon }), leaseWait, soon},
		{"grace is over", held(func(f *leaseFacts) { f.grace = now }), leaseLose, time.Time{}},
		{"process gone", held(gone), leaseDrop, time.Time{}},
		{"process gone, signed out", held(func(f *leaseFacts) { gone(f); f.signedIn = false }), leaseDrop, time.Time{}},
		{"process gone and the lease over", held(func(f *leaseFacts) { gone(f); f.grace = past }), leaseForget, time.Time{}},
		{"service restarted, session not back yet", held(func(f *leaseFacts) { f.open, f.settled = false, false }), leaseWait, soon},
		{"service restarted, due meanwhile", held(func(f *leaseFacts) { f.open, f.settled, f.due = false, false, now }), leaseRenew, time.Time{}},
		{"service restarted, session back", held(func(f *leaseFacts) { f.settled = false }), leaseWait, soon},
		{"service restarted, session never came back", held(func(f *leaseFacts) { f.open = false }), leaseDrop, time.Time{}},

		{"give the seat back", held(func(f *leaseFacts) { gone(f); f.state, f.due = leaseReleasing, now }), leaseGive, time.Time{}},
		{"the seat could not go back yet", held(func(f *leaseFacts) { gone(f); f.state = leaseReleasing }), leaseWait, soon},
		{"signed out: the seat waits", held(func(f *leaseFacts) { gone(f); f.state, f.due, f.signedIn = leaseReleasing, now, false }), leaseWait, late},
		{"the seat ended by itself", held(func(f *leaseFacts) { gone(f); f.state, f.grace = leaseReleasing, past }), leaseForget, time.Time{}},
		{"back before the seat went", held(func(f *leaseFacts) { f.state = leaseReleasing }), leaseReclaim, time.Time{}},
		{"restarted on a queued release: the session may be about to return", held(func(f *leaseFacts) { f.open, f.settled, f.state, f.due = false, false, leaseReleasing, now }), leaseWait, time.Time{}},
		{"settled: the queued release goes out", held(func(f *leaseFacts) { f.open, f.state, f.due = false, leaseReleasing, now }), leaseGive, time.Time{}},

		{"released: remembered", held(func(f *leaseFacts) { gone(f); f.state = leaseReleased }), leaseWait, past.Add(leaseMemory)},
		{"released, back: take a seat again", held(func(f *leaseFacts) { f.state = leaseReleased }), leaseReturn, time.Time{}},
		{"released long ago", held(func(f *leaseFacts) { gone(f); f.state, f.updated = leaseReleased, now.Add(-leaseMemory) }), leaseForget, time.Time{}},
		{"wanted", held(func(f *leaseFacts) { f.state, f.due = leaseWanted, now }), leaseTake, time.Time{}},
		{"wanted, no network", held(func(f *leaseFacts) { f.state = leaseWanted }), leaseWait, soon},
		{"wanted for too long", held(func(f *leaseFacts) { f.state, f.grace = leaseWanted, now }), leaseLose, time.Time{}},
		{"wanted, gone again", held(func(f *leaseFacts) { gone(f); f.state = leaseWanted }), leaseDrop, time.Time{}},
	} {
		got, wake := nextLease(c.f, now)
		if got != c.want || !wake.Equal(c.wake) {
			t.Errorf("%s: step %d at %v, want %d at %v", c.name, got, wake, c.want, c.wake)
		}
	}
}

func TestRenewAfter(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for _, c := range []struct {
		life      time.Duration
		low, high time.Duration
	}{
		{time.Hour, 24 * time.Minute, 36 * time.Minute},
		{time.Second, time.Second, time.Second},
		{-time.Hour, time.Minute, time.Minute}, // the clock is wrong: no storm
		{0, time.Minute, time.Minute},
	} {
		low, high := renewAfter(now, now.Add(c.life), 0), renewAfter(now, now.Add(c.life), 1)
		if low.Round(time.Second) != c.low || high.Round(time.Second) != c.high {
			t.Errorf("%v: from %v to %v", c.life, low, high)
		}
	}
}

func TestGrowing(t *testing.T) {
	if growing(pauseFirst, pauseMost, 0) != pauseFirst || growing(pauseFirst, pauseMost, 3) != 8*pauseFirst ||
		growing(pauseFirst, pauseMost, 29) != pauseMost || growing(pauseFirst, pauseMost, 1_000_000) != pauseMost {
		t.Error("the pause does not double up to its bound")
	}
}

func TestSafeName(t *testing.T) {
	for name, want := range map[string]string{
		"minicad.lic":             "minicad.lic",
		`D:\licences\a.lic`:       "a.lic",
		"../../etc/passwd":        "passwd",
		"..":                      "license.lic",
		"":                        "license.lic",
		"a\x00b\nc.lic":           "a_b_c.lic",
		"许可.lic":                  "许可.lic",
		"con:stream":              "con_stream",
		"dot. ":                   "dot",
		string(make([]byte, 300)): "license.lic",
	} {
		if got := safeName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
