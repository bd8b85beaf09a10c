package archive

import (
	"errors"
	"io"
)

// Limits bound what an archive may cost.
type Limits struct {
	Entries int   // files and folders
	Total   int64 // bytes, unpacked
	Depth   int   // folders within folders
	// Ratio is how many bytes may come out of each byte that goes in, once
	// Slack bytes have come out.
	Ratio int64
	Slack int64
}

// DefaultLimits fit the largest honest CAD and CAE packages.
func DefaultLimits() Limits {
	return Limits{Entries: 100_000, Total: 20 << 30, Depth: 32, Ratio: 200, Slack: 256 << 20}
}

var (
	errTooMany  = errors.New("too many entries")
	errTooLarge = errors.New("unpacks to more than is allowed")
	errBomb     = errors.New("unpacks to far more than it holds")
)

// counter counts the packed bytes that were read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// meter counts what an archive costs, and says when it is too much.
type meter struct {
	limits  Limits
	entries int
	out     int64
	packed  func() int64 // packed bytes that were read
}

func (m *meter) entry() error {
	m.entries++
	if m.entries > m.limits.Entries {
		return errTooMany
	}
	return nil
}

func (m *meter) bytes(n int) error {
	m.out += int64(n)
	switch {
	case m.out > m.limits.Total:
		return errTooLarge
	case m.out > m.limits.Slack && (m.out-m.limits.Slack)/m.limits.Ratio > m.packed():
		return errBomb
	}
	return nil
}

// metered counts every byte that leaves r.
type metered struct {
	r io.Reader
	m *meter
}

func (r metered) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if limit := r.m.bytes(n); limit != nil {
		return 0, limit
	}
	return n, err
}
