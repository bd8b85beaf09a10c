package lease

import (
	"errors"
	"testing"

	"iscdesk.dev/agent/api"
)

func parsed(tb testing.TB) *Claims {
	tb.Helper()
	c, err := Parse(goodToken(tb), trusted())
	if err != nil {
		tb.Fatal(err)
	}
	return &c
}

func expected(change func(*Expect)) Expect {
	e := Expect{Product: "minicad", Device: "d1", OSUser: "uid:1000", Now: 15000}
	if change != nil {
		change(&e)
	}
	return e
}

func TestCheck(t *testing.T) {
	at := func(now int64) func(*Expect) { return func(e *Expect) { e.Now = now } }
	for _, c := range []struct {
		name   string
		change func(*Expect)
		stage  Stage
		code   api.Code
	}{
		{"in the middle", nil, Active, ""},
		{"first second", at(10000), Active, ""},
		{"last active second", at(19999), Active, ""},
		{"first second of grace", at(20000), Grace, ""},
		{"last second of grace", at(29999), Grace, ""},
		{"over", at(30000), 0, api.LeaseExpired},
		{"long over", at(1 << 40), 0, api.LeaseExpired},
		{"a little early: clocks differ", at(10000 - Skew), Active, ""},
		{"before its issue", at(10000 - Skew - 1), 0, api.LeaseClockSetBack},
		{"another product", func(e *Expect) { e.Product = "maxicad" }, 0, api.LeaseWrongProduct},
		{"another machine", func(e *Expect) { e.Device = "d2" }, 0, api.LeaseWrongDevice},
		{"another user", func(e *Expect) { e.OSUser = "uid:1001" }, 0, api.LeaseWrongUser},
		{"empty expectation", func(e *Expect) { *e = Expect{} }, 0, api.LeaseWrongProduct},
		{"features it has", func(e *Expect) { e.Features = []string{"solve", "mesh"} }, Active, ""},
		{"a feature it lacks", func(e *Expect) { e.Features = []string{"mesh", "render"} }, 0, api.LeaseNoFeature},
		{"clock set back by more than a day", func(e *Expect) { e.HighWater = 15001 + Leeway }, 0, api.LeaseClockSetBack},
		{"clock corrected by a day", func(e *Expect) { e.HighWater = 15000 + Leeway }, Active, ""},
		{"set back from beyond the end", func(e *Expect) { e.HighWater = 30001 + Leeway }, 0, api.LeaseClockSetBack},
		{"mark in the past", func(e *Expect) { e.HighWater = 12000 }, Active, ""},
	} {
		stage, err := parsed(t).Check(expected(c.change))
		if stage != c.stage || (c.code == "") != (err == nil) || (err != nil && !errors.Is(err, c.code)) {
			t.Errorf("%s: %v, %v", c.name, stage, err)
		}
	}
}

func TestNotYetValid(t *testing.T) {
	c := parsed(t)
	c.NotBefore = 12000 // an order that begins later than it was issued
	if _, err := c.Check(expected(func(e *Expect) { e.Now = 11000 })); !errors.Is(err, api.LeaseNotYetValid) {
		t.Fatal(err)
	}
}

func TestClockTrouble(t *testing.T) {
	c := parsed(t)
	mark := Seen(0, 15000)
	mark = Seen(mark, 14000)
	if mark != 15000 {
		t.Fatalf("the mark went back to %d", mark)
	}
	back := expected(func(e *Expect) { e.Now, e.HighWater = 11000, 11001+Leeway })
	if _, err := c.Check(back); !errors.Is(err, api.LeaseClockSetBack) {
		t.Fatalf("set back: %v", err)
	}
	back.Now, back.HighWater = 15100, mark
	if stage, err := c.Check(back); stage != Active || err != nil {
		t.Fatalf("set right: %v", err)
	}

	// The clock was once in the far future; the mark stays there …
	mark = Seen(mark, 900_000)
	right := expected(func(e *Expect) { e.HighWater = mark })
	if _, err := c.Check(right); !errors.Is(err, api.LeaseClockSetBack) {
		t.Fatalf("after a jump: %v", err)
	}
	// … until the marketplace says what time it is.
	fresh := *c
	fresh.IssuedAt = 15002
	right.HighWater = fresh.Fresh(mark, 15000)
	if stage, err := fresh.Check(right); stage != Active || err != nil {
		t.Fatalf("after a fresh token: %v", err)
	}
	// A clock that is slow, but not suspect, stays good after its own token.
	slow := Expect{Product: "minicad", Device: "d1", OSUser: "uid:1000", Now: 15002 - Skew}
	slow.HighWater = fresh.Fresh(0, slow.Now)
	if stage, err := fresh.Check(slow); stage != Active || err != nil {
		t.Fatalf("a slow clock: %v", err)
	}
	// A clock that disagrees with a fresh token is not believed.
	if got := fresh.Fresh(mark, 15002-Skew-1); got != mark {
		t.Fatalf("a wrong clock moved the mark to %d", got)
	}
}

func TestCheckAllocatesNothing(t *testing.T) {
	c, e := parsed(t), expected(func(e *Expect) { e.Features = []string{"solve"} })
	if n := testing.AllocsPerRun(100, func() { _, _ = c.Check(e) }); n != 0 {
		t.Fatalf("%v allocations a check", n)
	}
}

func BenchmarkCheck(b *testing.B) {
	c, e := parsed(b), expected(func(e *Expect) { e.Features = []string{"mesh", "solve"} })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Check(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	token, keys := goodToken(b), trusted()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(token, keys); err != nil {
			b.Fatal(err)
		}
	}
}
