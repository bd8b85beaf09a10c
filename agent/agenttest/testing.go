package agenttest

import (
	"context"
	"testing"
	"time"
)

// testLimit bounds what a test waits for.
const testLimit = time.Minute

// Test is a World for a test: what fails ends the test, and its end leaves
// nothing behind.
type Test struct {
	*World
	t   testing.TB
	ctx context.Context // of the one test that it serves
}

// Start makes a world with a marketplace, its vendor, and a service for each
// of the people.
func Start(t testing.TB, people ...string) *Test {
	t.Helper()
	w, err := New(Options{Market: []string{"--device-interval", "1s"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	test := &Test{World: w, t: t, ctx: ctx}
	t.Cleanup(func() {
		cancel()
		test.end()
	})
	test.Check(w.StartAll(ctx, people...))
	return test
}

func (test *Test) end() {
	test.t.Helper()
	if test.t.Failed() {
		test.t.Log(test.Logs(60))
	}
	if err := test.Close(); err != nil {
		test.t.Errorf("tidying up: %v", err)
	}
	if left := Leftovers(test.Dir); len(left) > 0 {
		test.t.Errorf("left behind: %v", left)
	}
}

// In is the same world for a subtest, which then fails in its place.
func (test *Test) In(t testing.TB) *Test { return &Test{World: test.World, t: t, ctx: test.ctx} }

// Context ends with the test, or when it takes too long.
func (test *Test) Context() context.Context { return test.ctx }

// Check ends the test on an error.
func (test *Test) Check(err error) {
	test.t.Helper()
	if err != nil {
		test.t.Fatal(err)
	}
}

// Person is the agent of a person.
func (test *Test) Person(name string) *Agent {
	test.t.Helper()
	a, err := test.Agent(name)
	test.Check(err)
	return a
}

// SignIn signs people in.
func (test *Test) SignIn(people ...string) {
	test.t.Helper()
	for _, name := range people {
		test.Check(test.Person(name).SignIn(test.ctx))
	}
}

// Run runs a command line that has to succeed, and returns what it printed.
func (test *Test) Run(person string, args ...string) string {
	test.t.Helper()
	result, err := test.Person(person).CLI(test.ctx, args...)
	test.Check(err)
	test.Check(result.Failed())
	return result.Out
}
