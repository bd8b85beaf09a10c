package server

import "time"

// Sizes that a peer cannot exceed, in bytes.
const (
	maxHeader = 8 << 10
	maxBody   = 1 << 20
)

// Limits hold peers in check. Counts are per user of the operating system.
type Limits struct {
	Connections int
	Sessions    int
	Calls       int // under way, over all connections
	// SessionCalls is how many calls of one session may be under way.
	SessionCalls int

	HelloWait   time.Duration // until a session has said hello
	HeaderWait  time.Duration // for the header of a request
	BodyWait    time.Duration // for the body of a request
	IdleWait    time.Duration // between two requests of a connection
	FrameWait   time.Duration // for the rest of a frame that has begun
	WriteWait   time.Duration // until a peer takes what is sent to it
	ContentWait time.Duration // between two pieces of the content of a save
	CallWait    time.Duration // for an engine's answer
	LongWait    time.Duration // for an answer that waits for a person or a disk
	PingWait    time.Duration // between two pings of a watch
	StopWait    time.Duration // for what is under way when the service stops
}

// DefaultLimits are the limits of the service.
func DefaultLimits() Limits {
	return Limits{
		Connections: 256, Sessions: 128, Calls: 256, SessionCalls: 32,
		HelloWait: 5 * time.Second, HeaderWait: 5 * time.Second, BodyWait: 10 * time.Second,
		IdleWait: 2 * time.Minute, FrameWait: 30 * time.Second, WriteWait: 10 * time.Second,
		ContentWait: 2 * time.Minute, CallWait: time.Minute, LongWait: 20 * time.Minute,
		PingWait: time.Minute, StopWait: 3 * time.Second,
	}
}
