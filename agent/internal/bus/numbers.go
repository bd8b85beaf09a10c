package bus

import "context"

// numbers gives events their numbers. Not every event is on the disk, yet no
// number may come twice, not even after a power cut: so they are reserved on
// the disk a block at a time, and a restart skips the rest of its block.
type numbers struct {
	last, reserved uint64
}

// block is how many numbers one write to the disk reserves.
const block = 1000

func (n *numbers) next(ctx context.Context, s *shelf) (uint64, error) {
	var err error
	if n.last == n.reserved {
		if err = s.reserve(ctx, n.reserved+block); err == nil {
			n.reserved += block
		} else {
			n.reserved++ // try again with the next one
		}
	}
	n.last++
	return n.last, err
}
