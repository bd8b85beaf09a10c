package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
)

// loginLimit is how long the user has to sign in in the browser.
const loginLimit = 5 * time.Minute

func (c *cli) loginCommand() *cobra.Command {
	var device, noBrowser bool
	cmd := c.command("login", "login", between(0, 0), func(cmd *cobra.Command, _ []string) error {
		login := func(ctx context.Context) (api.Account, error) { return c.loginBrowser(ctx, noBrowser) }
		if device {
			login = c.loginDevice
		}
		account, err := login(cmd.Context())
		if err != nil {
			return err
		}
		c.term.say("login.done", "name", account.Name, "user", account.UserName, "tenant", account.TenantName)
		return c.term.emit(account)
	})
	cmd.Flags().BoolVar(&device, "device", false, c.term.text("login.flag.device"))
	cmd.Flags().BoolVar(&noBrowser, "no-browser", false, c.term.text("login.flag.no_browser"))
	return cmd
}

// loginBrowser signs in through the system browser. The listener that the
// browser comes back to lives here, for one answer.
func (c *cli) loginBrowser(ctx context.Context, noBrowser bool) (api.Account, error) {
	ctx, cancel := context.WithTimeout(ctx, loginLimit)
	defer cancel()
	landing, err := listenForCode(ctx, c.term)
	if err != nil {
		return api.Account{}, api.Fail(api.LoginFailed, "reason", c.term.text("login.reason.listen")).Because(err)
	}
	defer landing.Close()
	service := c.service()
	begun, err := service.LoginBegin(ctx, api.LoginBegin{RedirectURI: landing.URL()})
	if err != nil {
		return api.Account{}, err
	}
	landing.Expect(begun.State)
	if noBrowser || openBrowser(ctx, c.env.Getenv, begun.URL) != nil {
		c.term.note("login.open_yourself", "url", begun.URL)
	} else {
		c.term.note("login.browser", "url", begun.URL)
	}
	answer, err := landing.Await(ctx)
	if err != nil {
		return api.Account{}, c.loginFailure(err)
	}
	if answer.denied != "" {
		landing.Finish(false)
		return api.Account{}, api.Fail(api.LoginFailed, "reason", c.term.text("login.reason.denied", "error", answer.denied))
	}
	account, err := service.LoginComplete(ctx, api.LoginComplete{State: begun.State, Code: answer.code})
	landing.Finish(err == nil)
	return account, err
}

func (c *cli) loginFailure(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return api.Fail(api.LoginFailed, "reason", c.term.text("login.reason.timeout")).Because(err)
	}
	return err
}

// loginDevice signs in on a machine without a browser.
func (c *cli) loginDevice(ctx context.Context) (api.Account, error) {
	service := c.service()
	login, err := service.DeviceBegin(ctx)
	if err != nil {
		return api.Account{}, err
	}
	c.term.note("login.device", "url", login.VerificationURI, "code", login.UserCode)
	if login.CompleteURI != "" {
		c.term.note("login.device_complete", "url", login.CompleteURI)
	}
	ctx, cancel := context.WithDeadline(ctx, time.Unix(login.ExpiresAt, 0))
	defer cancel()
	account, err := service.DeviceAwait(ctx, login.ID)
	if ctx.Err() != nil {
		return api.Account{}, c.loginFailure(ctx.Err())
	}
	return account, err
}

func (c *cli) logoutCommand() *cobra.Command {
	return c.command("logout", "logout", between(0, 0), func(cmd *cobra.Command, _ []string) error {
		if err := c.service().Logout(cmd.Context()); err != nil {
			return err
		}
		c.term.say("logout.done")
		return c.term.emit(struct {
			State api.AccountState `json:"state"`
		}{api.AccountSignedOut})
	})
}
