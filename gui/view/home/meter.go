package home

import (
	"slices"
	"time"

	"iscdesk.dev/agent/api"
)

const (
	// window is over which the speed is measured.
	window = 10 * time.Second
	// leastSpan is before which nothing is known yet.
	leastSpan = time.Second
)

// meter measures how fast something is sent that is told in steps. Its zero
// value has measured nothing.
type meter struct {
	sent    map[string]int64 // by operation, as told last
	samples []sample
}

// sample is what was sent between the one before and its time.
type sample struct {
	at    time.Time
	bytes int64
}

// add takes how much of an operation is sent by now.
func (m *meter) add(now time.Time, operation string, sent int64) {
	if m.sent == nil {
		m.sent = map[string]int64{}
	}
	before, known := m.sent[operation]
	m.sent[operation] = sent
	if known && sent <= before {
		return
	}
	if !known {
		sent = before // what was sent before it was seen has no time
	}
	m.samples = append(m.samples, sample{now, sent - before})
	m.samples = slices.DeleteFunc(m.samples, func(s sample) bool { return now.Sub(s.at) > window })
}

// keep forgets the operations that are no more.
func (m *meter) keep(transfers []api.Transfer) {
	for operation := range m.sent {
		if !slices.ContainsFunc(transfers, func(t api.Transfer) bool { return t.Operation == operation }) {
			delete(m.sent, operation)
		}
	}
}

// speed is in bytes per second; 0: not known.
func (m *meter) speed(now time.Time) int64 {
	var total int64
	first := now
	for _, s := range m.samples {
		if now.Sub(s.at) > window {
			continue
		}
		if s.at.Before(first) {
			first = s.at
		}
		total += s.bytes
	}
	span := now.Sub(first)
	if span < leastSpan {
		return 0
	}
	return int64(float64(total) / span.Seconds())
}
