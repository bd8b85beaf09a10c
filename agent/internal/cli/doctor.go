package cli

import (
	"context"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/ipc"
)

const (
	doctorLimit = 30 * time.Second
	// leastDisk is the room below which saving large drawings is in danger.
	leastDisk = 1 << 30
)

func (c *cli) doctorCommand() *cobra.Command {
	return c.command("doctor", "doctor", between(0, 0), func(cmd *cobra.Command, _ []string) error {
		ctx, cancel := context.WithTimeout(cmd.Context(), doctorLimit)
		defer cancel()
		checks, reached := c.examine(ctx)
		for _, check := range checks {
			c.sayCheck(check)
		}
		if err := c.term.emit(checks); err != nil {
			return err
		}
		return c.diagnosis(checks, reached)
	})
}

// examine looks at what can be seen from here, then asks the service for the
// rest. reached tells whether the service answered.
func (c *cli) examine(ctx context.Context) (checks []api.Check, reached bool) {
	socket := c.socket
	if socket == "" {
		socket = ipc.DefaultPath()
	}
	checks = append(checks, examineSocket(socket))
	service := c.service()
	state, err := service.State(ctx)
	if err != nil {
		checks = append(checks, api.Check{Name: "service", Reason: api.AsError(err), Detail: c.term.text("doctor.start")})
		return append(checks, c.examineAlone()...), false
	}
	checks = append(checks, api.Check{Name: "service", OK: true, Detail: state.Service.Version})
	more, err := service.Doctor(ctx)
	if err != nil {
		return append(checks, api.Check{Name: "doctor", Reason: api.AsError(err)}), true
	}
	return append(checks, slices.DeleteFunc(more, func(c api.Check) bool {
		return slices.ContainsFunc(checks, func(seen api.Check) bool { return seen.Name == c.Name })
	})...), true
}

func examineSocket(path string) api.Check {
	check := api.Check{Name: "socket", Detail: path}
	info, err := os.Lstat(path)
	switch {
	case err != nil && os.PathSeparator == '\\':
		check.OK = true // a named pipe is no file; the service check tells
	case err != nil:
		check.Reason = api.Fail(api.NotFound, "what", path)
	case info.Mode()&os.ModeSocket == 0 && os.PathSeparator == '/':
		check.Reason = api.Fail(api.ServiceImpostor, "reason", path)
	default:
		check.OK = true
	}
	return check
}

// examineAlone is what can be said while the service is down.
func (c *cli) examineAlone() []api.Check {
	disk := api.Check{Name: "disk", OK: true}
	if free, err := freeDisk(os.TempDir()); err == nil {
		disk.Detail = c.term.size(free)
		if free < leastDisk {
			disk.OK, disk.Reason = false, api.Fail(api.DiskFull)
		}
	}
	clock := api.Check{Name: "clock", OK: true, Detail: time.Now().Format(time.RFC3339)}
	if time.Now().Year() < 2026 {
		clock.OK, clock.Reason = false, api.Fail(api.LeaseNotYetValid)
	}
	unknown := c.term.text("doctor.unknown")
	return []api.Check{disk, clock, {Name: "marketplace", Detail: unknown}, {Name: "licenses", Detail: unknown}}
}

func (c *cli) sayCheck(check api.Check) {
	p := c.term
	mark := "doctor.bad"
	switch {
	case check.OK:
		mark = "doctor.ok"
	case check.Reason == nil:
		mark = "doctor.open"
	}
	line := "doctor.line"
	if check.Detail == "" {
		line = "doctor.bare"
	}
	p.say(line, "mark", p.text(mark), "name", p.word("check", check.Name), "detail", check.Text(p.lang))
	if check.Reason != nil {
		p.say("doctor.reason", "text", p.reason(check.Reason))
	}
}

// diagnosis is the exit code, whose reasons have all been printed.
func (c *cli) diagnosis(checks []api.Check, reached bool) error {
	if !reached {
		return silent(ExitNoService)
	}
	for _, check := range checks {
		if !check.OK {
			c.term.say("doctor.trouble")
			return silent(ExitFailed)
		}
	}
	c.term.say("doctor.healthy")
	return nil
}
