package signin

import (
	"context"
	"errors"
	"time"

	"iscdesk.dev/agent/api"
)

// Timeout is how long the user has to sign in in the browser.
const Timeout = 5 * time.Minute

// Service is what signing in asks of the service; *client.Client is one.
type Service interface {
	LoginBegin(context.Context, api.LoginBegin) (api.LoginBegun, error)
	LoginComplete(context.Context, api.LoginComplete) (api.Account, error)
	LoginCancel(context.Context, api.LoginCancel) error
	DeviceBegin(context.Context) (api.DeviceLogin, error)
	DeviceAwait(ctx context.Context, id string) (api.Account, error)
}

// Browser signs in through the user's browser on this machine.
type Browser struct {
	Service Service
	// Open shows a page to the user, as OpenBrowser does; nil: he opens the
	// address himself.
	Open func(ctx context.Context, page string) error
	// Tell hears the address, once, before the browser is waited for; opened
	// tells whether Open showed it. nil: nobody wants to know.
	Tell func(page string, opened bool)
	// Timeout bounds the wait for the user; 0: the package's Timeout.
	Timeout time.Duration
}

// SignIn returns when the user has signed in, has refused, has let the time
// pass (api.LoginFailed), or when ctx is cancelled (api.Cancelled). The port is
// closed by then.
func (b Browser) SignIn(ctx context.Context) (api.Account, error) {
	if b.Timeout == 0 {
		b.Timeout = Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, b.Timeout)
	defer cancel()
	landing, err := listenForCode(ctx)
	if err != nil {
		return api.Account{}, api.Fail(api.LoginFailed).Why(api.Explain(api.LoginNoPort)).Because(err)
	}
	defer landing.Close()
	begun, err := b.Service.LoginBegin(ctx, api.LoginBegin{RedirectURI: landing.URL()})
	if err != nil {
		return api.Account{}, ended(ctx, err)
	}
	landing.Expect(begun.State)
	done := false
	defer func() {
		if !done {
			giveUp(ctx, b.Service, api.LoginCancel{State: begun.State})
		}
	}()
	opened := b.Open != nil && b.Open(ctx, begun.URL) == nil
	if b.Tell != nil {
		b.Tell(begun.URL, opened)
	}
	answer, err := landing.Await(ctx)
	if err != nil {
		return api.Account{}, ended(ctx, err)
	}
	if answer.denied != "" {
		landing.Finish(false)
		return api.Account{}, api.Fail(api.LoginFailed).Why(api.Explain(api.LoginDenied, "error", answer.denied))
	}
	done = true // whatever comes of it
	account, err := b.Service.LoginComplete(ctx, api.LoginComplete{State: begun.State, Code: answer.code})
	landing.Finish(err == nil)
	return account, ended(ctx, err)
}

// Device signs in with a code that the user enters in a browser of any
// machine. tell hears the code before it is waited for.
func Device(ctx context.Context, service Service, tell func(api.DeviceLogin)) (api.Account, error) {
	login, err := service.DeviceBegin(ctx)
	if err != nil {
		return api.Account{}, ended(ctx, err)
	}
	tell(login)
	ctx, cancel := context.WithDeadline(ctx, time.Unix(login.ExpiresAt, 0))
	defer cancel()
	account, err := service.DeviceAwait(ctx, login.ID)
	if err != nil {
		giveUp(ctx, service, api.LoginCancel{Device: login.ID})
	}
	return account, ended(ctx, err)
}

// giveUpTimeout bounds how long a login that is over anyway is held up.
const giveUpTimeout = 2 * time.Second

// giveUp has the service forget a login, so that the user is not said to be
// signing in any more. Without the service's answer it forgets it in time.
func giveUp(ctx context.Context, service Service, what api.LoginCancel) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveUpTimeout)
	defer cancel()
	_ = service.LoginCancel(ctx, what)
}

// ended gives a call that failed because its time was over, or because the
// user would not wait, as what it is.
func ended(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return api.Fail(api.LoginFailed).Why(api.Explain(api.LoginTimedOut)).Because(err)
	case ctx.Err() != nil:
		return api.Fail(api.Cancelled).Because(err)
	}
	return err
}
