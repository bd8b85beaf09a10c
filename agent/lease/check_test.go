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
	if mark := Seen(Seen(0, 15000), 14000); mark != 15000 {
		t.Fatalf("the mark went back to %d", mark)
	}
	c := parsed(t)
	back := expected(func(e *Expect) { e.Now = c.IssuedAt - Skew - 1 })
	if _, err := c.Check(back); !errors.Is(err, api.LeaseClockSetBack) {
		t.Fatalf("set back: %v", err)
	}
	back.Now = 15100
	if stage, err := c.Check(back); stage != Active || err != nil {
		t.Fatalf("set right: %v", err)
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
