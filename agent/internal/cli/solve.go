package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
)

func solveEnded(state string) bool {
	return state == "succeeded" || state == "failed" || state == "cancelled"
}

func (c *cli) solveCommand() *cobra.Command {
	var to string
	var noWait bool
	cmd := c.command("solve FILE", "solve", between(1, 1), func(cmd *cobra.Command, args []string) error {
		full, err := workspace.Local(args[0])
		if err != nil {
			return err
		}
		order := SaveOrder{Local: full, Solve: true}
		if to != "" {
			if err := c.aim(cmd.Context(), &order, to, 0); err != nil {
				return err
			}
		}
		return c.solve(cmd.Context(), order, noWait)
	})
	cmd.Flags().StringVar(&to, "to", "", c.term.text("solve.flag.to"))
	cmd.Flags().BoolVar(&noWait, "no-wait", false, c.term.text("solve.flag.no_wait"))
	cmd.AddCommand(c.solveListCommand(), c.solveCancelCommand())
	return cmd
}

func (c *cli) solve(ctx context.Context, order SaveOrder, noWait bool) error {
	watch, err := c.service().Watch(ctx)
	if err != nil {
		return err
	}
	defer watch.Close()
	saved, err := c.save(ctx, order)
	if err != nil {
		return err
	}
	c.term.say("solve.saved", "path", saved.Path, "id", saved.Solve)
	if noWait {
		return c.term.emit(saved)
	}
	done, err := c.awaitSolve(ctx, watch, saved.Solve)
	if err != nil {
		return err
	}
	if err := c.term.emit(done); err != nil {
		return err
	}
	switch {
	case done.Reason != nil:
		return done.Reason
	case done.State == "cancelled":
		return api.Fail(api.Cancelled)
	case done.State == "failed":
		return api.Fail(api.SolveFailed, "reason", done.Message)
	}
	c.term.say("solve.done", "path", done.Result, "version", done.ResultVersion)
	return nil
}

func (c *cli) awaitSolve(ctx context.Context, watch Watch, id string) (api.Solve, error) {
	bar := c.percent("progress.solve")
	defer bar.Close()
	state := ""
	for {
		m, err := watch.Next(ctx)
		if err != nil {
			return api.Solve{}, err
		}
		s, ok := solveIn(m, id)
		if !ok {
			continue
		}
		if s.State != state {
			state = s.State
			c.term.note("solve.progress", "state", c.term.word("solve", s.State))
		}
		bar.Set(int64(s.Percent), 100)
		if solveEnded(s.State) {
			return s, nil
		}
	}
}

// solveIn finds a solve in a message: in its event, or in the state that
// follows an interruption of the watch.
func solveIn(m api.WatchMessage, id string) (api.Solve, bool) {
	if s, ok := eventData[api.Solve](m, api.EventSolve); ok && s.ID == id {
		return s, true
	}
	for _, state := range []*api.State{m.State, m.Changed} {
		if state == nil {
			continue
		}
		for _, s := range state.Solves {
			if s.ID == id {
				return s, true
			}
		}
	}
	return api.Solve{}, false
}

func (c *cli) solveListCommand() *cobra.Command {
	return c.command("list", "solve.list", between(0, 0), func(cmd *cobra.Command, _ []string) error {
		solves, err := c.service().Solves(cmd.Context())
		if err != nil {
			return err
		}
		if len(solves) == 0 {
			c.term.say("solve.none")
			return c.term.emit([]api.Solve{})
		}
		var rows [][]string
		for _, s := range solves {
			rows = append(rows, []string{s.ID, s.Path, c.term.word("solve", s.State), strconv.Itoa(s.Percent) + "%", s.Result})
		}
		c.term.table([]string{"column.solve", "column.document", "column.state", "column.progress", "column.result"}, rows)
		return c.term.emit(solves)
	})
}

func (c *cli) solveCancelCommand() *cobra.Command {
	return c.command("cancel ID", "solve.cancel", between(1, 1), func(cmd *cobra.Command, args []string) error {
		if err := c.service().CancelSolve(cmd.Context(), args[0]); err != nil {
			return err
		}
		c.term.say("solve.cancelled", "id", args[0])
		return c.term.emit(api.SolveRef{ID: args[0]})
	})
}
