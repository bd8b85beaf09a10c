package cli

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
)

func (c *cli) statusCommand() *cobra.Command {
	return c.command("status", "status", between(0, 0), func(cmd *cobra.Command, _ []string) error {
		state, err := c.service().State(cmd.Context())
		if err != nil {
			return err
		}
		c.sayAccount(state)
		c.saySessions(state.Sessions)
		c.sayTransfers(state)
		c.sayConflicts(state.Conflicts)
		c.sayPicks(state.Picks)
		c.sayUpgrades(state.Apps)
		c.saySolves(state.Solves)
		c.sayHealth(state.Health)
		return c.term.emit(state)
	})
}

func (c *cli) sayAccount(state api.State) {
	p, a := c.term, state.Account
	p.say("status.service", "version", state.Service.Version, "since", p.when(state.Service.Started))
	switch a.State {
	case api.AccountSignedIn:
		p.say("status.signed_in", "name", a.Name, "user", a.UserName, "tenant", a.TenantName, "marketplace", a.Marketplace)
	case api.AccountSigningIn:
		p.say("status.signing_in", "marketplace", a.Marketplace)
	case api.AccountExpired:
		p.say("status.expired", "marketplace", a.Marketplace)
	default:
		if a.Marketplace != "" { // without one a health warning says all
			p.say("status.signed_out", "marketplace", a.Marketplace)
		}
	}
	switch {
	case a.Online:
		p.say("status.online")
	case a.State == api.AccountSignedIn: // without an account the marketplace is not asked
		p.say("status.offline")
	}
}

func (c *cli) saySessions(sessions []api.Session) {
	for _, s := range sessions {
		c.term.say("status.session", "product", s.Product, "version", s.Version, "pid", s.PID, "since", c.term.when(s.Since))
	}
}

// sayTransfers shows the ledger: everything that is safe here and not yet in
// the cloud, with the reason and the next attempt.
func (c *cli) sayTransfers(state api.State) {
	transfers := state.Transfers
	if state.Uploads.Paused {
		c.term.say("transfers.are_paused")
	}
	if len(transfers) == 0 {
		c.term.say("transfers.none")
		return
	}
	c.term.say("transfers.count", "count", len(transfers))
	c.term.table([]string{"column.document", "column.state", "column.sent", "column.next", "column.reason", "column.operation"}, c.transferRows(transfers))
}

func (c *cli) sayConflicts(conflicts []api.Conflict) {
	for _, x := range conflicts {
		c.term.say("status.conflict", "path", x.Path, "copy", x.Copy)
	}
}

func (c *cli) transferRows(transfers []api.Transfer) (rows [][]string) {
	p := c.term
	for _, t := range transfers {
		reason := ""
		if t.Reason != nil {
			reason = p.reason(t.Reason)
		}
		rows = append(rows, []string{
			t.Path, p.word("transfer", t.State), p.size(t.Sent) + " / " + p.size(t.Total),
			p.next(t), reason, t.Operation,
		})
	}
	return rows
}

// next tells when a transfer is tried again.
func (p *printer) next(t api.Transfer) string {
	if t.State == "uploading" || t.State == "picking" {
		return ""
	}
	switch {
	case t.Reason != nil && t.Reason.Code == api.UploadsPaused:
		return p.text("transfers.on_resume")
	case t.RetryAt == 0 && t.State == "failed":
		return p.text("transfers.asked")
	case t.RetryAt == 0:
		return p.text("transfers.now")
	}
	return time.Unix(t.RetryAt, 0).Format("15:04:05")
}

// word is the text of a state, or the state itself where there is none.
func (p *printer) word(kind, state string) string {
	if key := "state." + kind + "." + state; p.has(key) {
		return p.text(key)
	}
	return safe(state)
}

func (c *cli) sayPicks(picks []api.Pick) {
	for _, pick := range picks {
		c.term.say("status.pick", "product", pick.Product, "what", c.term.word("pick", string(pick.Kind)), "id", pick.ID)
	}
}

func (c *cli) sayUpgrades(apps []api.App) {
	for _, app := range apps {
		if app.Installed != "" && app.Latest != "" && app.Installed != app.Latest {
			c.term.say("status.upgrade", "name", app.Name, "installed", app.Installed, "latest", app.Latest)
		}
	}
}

func (c *cli) saySolves(solves []api.Solve) {
	for _, s := range solves {
		if !solveEnded(s.State) {
			c.term.say("status.solve", "path", s.Path, "state", c.term.word("solve", s.State), "percent", s.Percent)
		}
	}
}

func (c *cli) sayHealth(warnings []api.Warning) {
	for _, w := range warnings {
		if w.Reason == nil {
			c.term.say("status.warning", "text", w.Code)
			continue
		}
		c.term.say("status.warning", "text", c.term.reason(w.Reason))
		if w.Action != "" {
			c.term.say("status.action", "command", w.Action)
		}
	}
}

func (c *cli) transfersCommand() *cobra.Command {
	cmd := c.command("transfers", "transfers", between(0, 0), func(cmd *cobra.Command, _ []string) error {
		state, err := c.service().State(cmd.Context())
		if err != nil {
			return err
		}
		c.sayTransfers(state)
		return c.term.emit(listOf(state.Transfers))
	})
	cmd.AddCommand(c.redirectCommand(), c.discardCommand(),
		c.pauseCommand("pause", "transfers.pause", true), c.pauseCommand("resume", "transfers.resume", false))
	cmd.AddCommand(c.command("retry OPERATION", "transfers.retry", between(1, 1), func(cmd *cobra.Command, args []string) error {
		if err := c.service().Retry(cmd.Context(), args[0]); err != nil {
			return err
		}
		c.term.say("transfers.retried")
		return c.term.emit(struct {
			Operation string `json:"operation"`
		}{args[0]})
	}))
	return cmd
}

// listOf makes an empty list [] in JSON instead of null.
func listOf[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (c *cli) licensesCommand() *cobra.Command {
	return c.command("licenses", "licenses", between(0, 0), func(cmd *cobra.Command, _ []string) error {
		licenses, err := c.service().Licenses(cmd.Context())
		if err == nil && len(licenses) == 0 {
			err = c.needSignIn(cmd.Context())
		}
		if err != nil {
			return err
		}
		if len(licenses) == 0 {
			c.term.say("licenses.none")
		}
		for _, l := range licenses {
			c.sayLicense(l)
		}
		return c.term.emit(listOf(licenses))
	})
}

// needSignIn is an error where nobody is signed in: then an empty list says
// nothing.
func (c *cli) needSignIn(ctx context.Context) error {
	state, err := c.service().State(ctx)
	if err == nil && state.Account.State != api.AccountSignedIn {
		err = api.Fail(api.SignedOut)
	}
	return err
}

func (c *cli) sayLicense(l api.License) {
	p := c.term
	end := p.text("licenses.no_end")
	if l.ExpireTime != 0 {
		end = p.when(l.ExpireTime)
	}
	p.say("licenses.line", "name", l.ProductName, "product", l.Product, "status", p.word("license", l.Status), "end", end)
	if l.Trial {
		p.say("licenses.trial")
	}
	if l.SeatsTotal > 0 {
		p.say("licenses.seats", "used", l.SeatsUsed, "total", l.SeatsTotal)
	}
	if len(l.Features) > 0 {
		p.say("licenses.features", "features", strings.Join(l.Features, ", "))
	}
	for _, r := range l.Requests {
		c.sayRequest(r)
	}
	for _, lease := range l.Leases {
		p.say("licenses.lease", "state", p.word("lease", lease.State), "expires", p.when(lease.Expires), "grace", p.when(lease.Grace))
	}
}

func (c *cli) sayRequest(r api.LicenseRecord) {
	p := c.term
	p.say("licenses.request", "kind", p.word("license_kind", string(r.Kind)), "state", p.word("request", string(r.State)),
		"event", r.EventID, "updated", p.when(r.Updated))
	if r.Reason != nil {
		p.say("licenses.detail", "text", p.reason(r.Reason))
	}
	switch r.Verdict {
	case "accepted":
		p.say("licenses.accepted")
	case "rejected":
		p.say("licenses.rejected", "message", r.VerdictMessage)
	}
}

// versionColumn is the version of an entry in a table.
func versionColumn(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
