package cli

import (
	"context"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/signin"
)

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

// loginBrowser signs in through the system browser.
func (c *cli) loginBrowser(ctx context.Context, noBrowser bool) (api.Account, error) {
	login := signin.Browser{Service: c.service(), Tell: func(page string, opened bool) {
		key := "login.open_yourself"
		if opened {
			key = "login.browser"
		}
		c.term.note(key, "url", page)
	}}
	if !noBrowser {
		login.Open = func(ctx context.Context, page string) error {
			return signin.OpenBrowser(ctx, c.env.Getenv, page)
		}
	}
	return login.SignIn(ctx)
}

// loginDevice signs in on a machine without a browser.
func (c *cli) loginDevice(ctx context.Context) (api.Account, error) {
	return signin.Device(ctx, c.service(), func(login api.DeviceLogin) {
		c.term.note("login.device", "url", login.VerificationURI, "code", login.UserCode)
		if login.CompleteURI != "" {
			c.term.note("login.device_complete", "url", login.CompleteURI)
		}
	})
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
