package app

import (
	"context"
	"sort"

	"iscdesk.dev/agent/api"
)

// List gives every product of the catalogue and every installed one.
func (e *Engine) List(context.Context) ([]api.App, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.Now()
	list := make([]api.App, 0, len(e.records))
	for product, r := range e.records {
		list = append(list, r.view(e.running(product), e.held[product] != nil, e.fetched[product], now))
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Product < list[j].Product })
	return list, nil
}

// Answer takes the application's own answer to an upgrade that is not forced.
// It fails with api.NotFound if there is no upgrade to answer.
func (e *Engine) Answer(ctx context.Context, s api.Session, a api.UpgradeAnswer) error {
	_, err := e.hear(ctx, s.Product, byApplication, a.Accept)
	return err
}

// AnswerUser takes the user's answer.
func (e *Engine) AnswerUser(ctx context.Context, a api.UserUpgradeAnswer) error {
	announced, err := e.hear(ctx, a.Product, byUser, a.Accept)
	if err == nil && announced != nil {
		e.announce(ctx, a.Product, *announced)
	}
	return err
}

// hear does what follows from somebody's answer; announced is the release
// that the application has to hear of.
func (e *Engine) hear(ctx context.Context, product string, who voice, yes bool) (announced *release, err error) {
	if r, _ := e.lookup(product); r.Offer == nil && r.Order == nil {
		return nil, api.Fail(api.NotFound, "what", "upgrade of "+product)
	}
	err = e.change(ctx, product, func(r *record) error {
		what, asked := r.Offer, r.Offer != nil
		if !asked {
			what = r.Order
		}
		if what == nil {
			return api.Fail(api.NotFound, "what", "upgrade of "+product)
		}
		v := decide(e.forced(what), who, yes)
		if v.order {
			r.order(*what)
		}
		if v.withdraw {
			r.withdraw()
		}
		if v.announce && asked {
			announced = what
		}
		return nil
	})
	return announced, err
}

// Install orders the newest version of the catalogue. Progress and result
// follow as EventInstallProgress. It fails with api.Exists if that version is
// installed and sound.
func (e *Engine) Install(ctx context.Context, product string) error {
	if r, _ := e.lookup(product); r.Latest.Version == "" {
		if e.Account().State != api.AccountSignedIn {
			return api.Fail(api.SignedOut)
		}
		if err := e.refresh(ctx); err != nil {
			return api.AsError(err)
		}
	}
	if r, _ := e.lookup(product); r.Latest.Version == "" {
		return api.Fail(api.NotFound, "what", product)
	}
	return e.change(ctx, product, func(r *record) error {
		if err := r.Latest.check(product); err != nil {
			return err
		}
		if r.Installed == r.Latest.Version && r.Failure == nil && !r.Removal {
			return api.Fail(api.Exists, "what", product+" "+r.Installed)
		}
		r.order(r.Latest)
		return nil
	})
}

// Uninstall orders the removal of what Install installed. Progress and result
// follow as EventInstallProgress. It fails with api.AppRunning while the
// application runs, with api.Busy while a version of it is being installed, and
// with api.NotFound where there is nothing to remove.
func (e *Engine) Uninstall(ctx context.Context, product string) error {
	if r, _ := e.lookup(product); r.Installed == "" && r.Order == nil {
		return api.Fail(api.NotFound, "what", product)
	}
	return e.change(ctx, product, func(r *record) error {
		switch {
		case r.Installed == "" && r.Order == nil:
			return api.Fail(api.NotFound, "what", product)
		case e.running(product):
			return api.Fail(api.AppRunning, "product", product)
		case r.Begun:
			return api.Fail(api.Busy)
		}
		r.Removal, r.Order, r.Offer, r.Failure, r.Begun = true, nil, nil, nil, false
		return nil
	})
}
