package dragout

import (
	"context"
	"fmt"
	"os"
)

// begin fetches; it is called once.
func (c *copying) begin(ctx context.Context) {
	c.running.Go(func() { c.done <- c.run(ctx) })
}

func (c *copying) run(ctx context.Context) error {
	if err := c.fetch(ctx, c.folder); err != nil {
		return err
	}
	if _, err := os.Lstat(c.path); err != nil {
		return fmt.Errorf("what was fetched is not in its place: %w", err)
	}
	return os.WriteFile(c.folder+stamp, nil, 0o600)
}
