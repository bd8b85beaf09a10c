package license

import (
	"testing"
	"time"
)

// TestAnAdministratorShortensLeases has a lease of an hour, renewed at noon,
// whose vendor signed a grace of 14 days.
func TestAnAdministratorShortensLeases(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	const hour, day = time.Hour, 24 * time.Hour
	for _, row := range []struct {
		name       string
		offline    time.Duration
		due        time.Duration // after noon, as is grace
		attempts   int
		wantGrace  time.Duration
		wantDue    time.Duration
		after      time.Duration
		wantStep   leaseStep
		signedDays int
	}{
		{name: "nobody says anything", due: hour / 2, wantGrace: 14 * day, wantDue: hour / 2, after: 13 * day, wantStep: leaseRenew, signedDays: 14},
		{name: "seven days", offline: 7 * day, due: hour / 2, wantGrace: 7 * day, wantDue: hour / 2, after: 6 * day, wantStep: leaseRenew, signedDays: 14},
		{name: "seven days are over", offline: 7 * day, due: hour / 2, wantGrace: 7 * day, wantDue: hour / 2, after: 7 * day, wantStep: leaseLose, signedDays: 14},
		{name: "never longer than signed", offline: 30 * day, due: hour / 2, wantGrace: 14 * day, wantDue: hour / 2, after: 14 * day, wantStep: leaseLose, signedDays: 14},
		{name: "a long lease is renewed early enough", offline: 2 * day, due: 10 * day, wantGrace: 2 * day, wantDue: day, after: day, wantStep: leaseRenew, signedDays: 14},
		{name: "and waits until then", offline: 2 * day, due: 10 * day, wantGrace: 2 * day, wantDue: day, after: day - 1, wantStep: leaseWait, signedDays: 14},
		{name: "a pause after a failure stays", offline: 2 * day, due: 30 * hour, attempts: 3, wantGrace: 2 * day, wantDue: 30 * hour, after: 26 * hour, wantStep: leaseWait, signedDays: 14},
	} {
		l := leaseRow{
			state: leaseHeld, renewed: noon, signedGrace: noon.Add(time.Duration(row.signedDays) * day), due: noon.Add(row.due), attempts: row.attempts,
		}.shorten(row.offline)
		if l.grace != noon.Add(row.wantGrace) || l.due != noon.Add(row.wantDue) {
			t.Errorf("%s: until %v, renewed at %v", row.name, l.grace, l.due)
		}
		if l.signedGrace != noon.Add(14*day) {
			t.Errorf("%s: what was signed is forgotten", row.name)
		}
		step, _ := nextLease(leaseFacts{state: l.state, open: true, signedIn: true, grace: l.grace, due: l.due}, noon.Add(row.after))
		if step != row.wantStep {
			t.Errorf("%s: step %d, want %d", row.name, step, row.wantStep)
		}
	}
}
