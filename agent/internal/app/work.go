package app

import (
	"context"
	"os"
	"sort"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/app/helper"
)

// job is one step for one product.
type job struct {
	record record
	do     step
}

// work does one step after the other.
func (e *Engine) work(ctx context.Context) error {
	for {
		j, pause := e.nextJob()
		if j.do != stepNone {
			if err := e.run(ctx, j); err != nil {
				return err
			}
			continue
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-e.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// nextJob picks the first product, by name, that has something to do, and
// tells how long there is nothing else.
func (e *Engine) nextJob() (job, time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	products := make([]string, 0, len(e.records))
	for product := range e.records {
		products = append(products, product)
	}
	sort.Strings(products)
	now, pause := e.Now(), recheckEvery
	for _, product := range products {
		r := e.records[product]
		e.dropUnordered(r)
		_, do, due := next(r.facts(e.running(product), e.held[product] != nil), now)
		if installing, _ := e.allows(); !installing && (do == stepFetch || do == stepInstall) {
			continue
		}
		if do != stepNone {
			return job{record: *r, do: do}, 0
		}
		if !due.IsZero() {
			pause = min(pause, max(due.Sub(now), time.Second))
		}
	}
	return job{}, pause
}

// dropUnordered closes a package that is not wanted any more. The lock is held.
func (e *Engine) dropUnordered(r *record) {
	held := e.held[r.Product]
	if held == nil || (r.Order != nil && r.Order.Package.Sha256 == held.sha256) {
		return
	}
	held.close()
	delete(e.held, r.Product)
}

func (e *Engine) dropAll() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for product, held := range e.held {
		held.close()
		delete(e.held, product)
	}
}

// run does one step and keeps its failure. It returns an error only when that
// is impossible, so that nothing is tried again without a pause.
func (e *Engine) run(ctx context.Context, j job) error {
	product := j.record.Product
	var err error
	switch j.do {
	case stepFetch:
		e.tell(ctx, product, stateDownloading, 0, nil)
		err = e.fetchStep(ctx, j.record)
	case stepInstall:
		e.tell(ctx, product, stateInstalling, 0, nil)
		err = e.installStep(ctx, j.record)
	case stepRemove:
		e.tell(ctx, product, stateRemoving, 0, nil)
		err = e.removeStep(ctx, j.record)
	}
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	e.Log.Warn("application not brought up to date", "product", product, "error", err)
	kept := e.change(ctx, product, func(r *record) error {
		if same(r, j.record) {
			r.Failure, r.Begun = fail(r.Failure, err, e.Now()), false
		}
		return nil
	})
	e.tell(ctx, product, stateBroken, 0, api.AsError(err))
	return kept
}

// same tells whether what a step was done for still stands.
func same(now *record, then record) bool {
	if now.Order == nil || then.Order == nil {
		return now.Order == nil && then.Order == nil && now.Removal == then.Removal
	}
	return now.Order.Version == then.Order.Version && now.Order.Package == then.Order.Package
}

func (e *Engine) fetchStep(ctx context.Context, r record) error {
	held, err := e.fetch(ctx, r.Product, *r.Order)
	if err != nil {
		return err
	}
	e.mu.Lock()
	e.held[r.Product] = held
	e.mu.Unlock()
	e.Notify.Changed(api.SectionApps)
	return nil
}

// installStep hands the held package to the helper. Once Begun is kept, the
// order cannot be withdrawn; the lock decides which came first.
func (e *Engine) installStep(ctx context.Context, r record) error {
	withdrawn := false
	if err := e.change(ctx, r.Product, func(now *record) error {
		withdrawn = !same(now, r) || e.running(r.Product)
		now.Begun = !withdrawn
		return nil
	}); err != nil || withdrawn {
		return err
	}
	e.mu.Lock()
	held := e.held[r.Product]
	delete(e.held, r.Product)
	e.mu.Unlock()
	defer held.close()
	answer, err := e.Runner.Run(ctx, helper.Install, helper.Order{
		Product: r.Product, Version: r.Order.Version, File: r.Order.Package.File,
	}, held.file)
	if err != nil {
		e.keepLog(ctx, r.Product, answer)
		return err
	}
	err = e.change(ctx, r.Product, func(now *record) error {
		now.Installed, now.Failure, now.Begun = r.Order.Version, nil, false
		now.Log, now.Said, now.Folder, now.Launch = answer.Log, answer.Tail, answer.Folder, answer.Launch
		if same(now, r) {
			now.Order = nil
		}
		return nil
	})
	if err == nil {
		e.tell(ctx, r.Product, stateInstalled, r.Order.Package.Size, nil)
		e.sweep()
	}
	return err
}

func (e *Engine) keepLog(ctx context.Context, product string, answer helper.Answer) {
	if answer.Log == "" {
		return
	}
	if err := e.change(ctx, product, func(r *record) error {
		r.Log, r.Said = answer.Log, answer.Tail
		return nil
	}); err != nil {
		e.Log.Error("a script's log is not kept", "product", product, "error", err)
	}
}

// removeStep removes a product. Its script's failure is reported, but the
// product is gone then too.
func (e *Engine) removeStep(ctx context.Context, r record) error {
	answer, err := e.Runner.Run(ctx, helper.Uninstall, helper.Order{Product: r.Product, Version: r.Installed}, nil)
	if err != nil && api.AsError(err).Code != api.InstallFailed {
		return err
	}
	said := api.AsError(err)
	err = e.change(ctx, r.Product, func(now *record) error {
		now.Installed, now.Removal, now.Failure = "", false, nil
		now.Log, now.Said, now.Folder, now.Launch = answer.Log, answer.Tail, "", ""
		return nil
	})
	if err == nil {
		e.tell(ctx, r.Product, stateAbsent, 0, said)
	}
	return err
}

// tell publishes where the installation of a product stands.
func (e *Engine) tell(ctx context.Context, product, state string, done int64, reason *api.Error) {
	r, _ := e.lookup(product)
	p := api.InstallProgress{Product: product, State: state, Done: done, Reason: reason, Version: r.Installed}
	if r.Order != nil {
		p.Version, p.Total = r.Order.Version, r.Order.Package.Size
	}
	if state == stateInstalled {
		p.Total = done
	}
	e.mu.Lock()
	e.fetched[product] = done
	e.mu.Unlock()
	e.Notify.Changed(api.SectionApps)
	e.publish(ctx, api.EventInstallProgress, "", product, p)
}

// heldPackage is a package that was checked and has been held open since, so
// that what is installed is what was checked.
type heldPackage struct {
	sha256 string
	file   *os.File
}

func (h *heldPackage) close() {
	_ = h.file.Close() // opened for reading
}
