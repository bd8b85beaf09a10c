package app

import (
	"context"
	"encoding/json"
	"net/url"
	"runtime"
	"strings"
	"time"
	"unicode"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/app/helper"
	"iscdesk.dev/marketplace/agentapi"
)

// Check asks the catalogue for a version above the session's. The answer
// follows as EventUpgradeNotice, also when the catalogue cannot be asked.
func (e *Engine) Check(_ context.Context, s api.Session) error {
	select {
	case e.checks <- s:
		return nil
	default:
		return api.Fail(api.Busy)
	}
}

func (e *Engine) answerChecks(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case s := <-e.checks:
			e.check(ctx, s)
		}
	}
}

// check answers one session, and does what follows from what was found.
func (e *Engine) check(ctx context.Context, s api.Session) {
	found, err := e.ask(ctx, s)
	if ctx.Err() != nil {
		return
	}
	notice := api.UpgradeNotice{Reason: api.AsError(err)}
	if found != nil {
		notice.Available, notice.Version, notice.Forced, notice.Notes = true, found.Version, e.forced(found), found.Notes
	}
	if err == nil {
		err = e.settleCheck(ctx, s, found)
		notice.Reason = api.AsError(err)
	}
	if err != nil {
		e.Log.Info("check for upgrades", "product", s.Product, "error", err)
	}
	e.publish(ctx, api.EventUpgradeNotice, s.ID, s.Product, notice)
	if found != nil && err == nil && decide(e.forced(found), byCatalogue, true).announce {
		e.announce(ctx, s.Product, *found)
	}
}

// settleCheck keeps what a check found.
func (e *Engine) settleCheck(ctx context.Context, s api.Session, found *release) error {
	if _, known := e.lookup(s.Product); found == nil && !known {
		return nil
	}
	return e.change(ctx, s.Product, func(r *record) error {
		if found == nil {
			r.Offer = nil
			return nil
		}
		r.Latest = *found
		v := decide(e.forced(found), byCatalogue, true)
		if ordered := r.Order != nil && r.Order.Version == found.Version; v.ask && !ordered {
			r.Offer = found
		}
		if v.order {
			r.order(*found)
		}
		return nil
	})
}

// ask gives the release above the session's version, nil if there is none.
func (e *Engine) ask(ctx context.Context, s api.Session) (*release, error) {
	if err := helper.CheckProduct(s.Product); err != nil {
		return nil, err
	}
	if e.Account().State != api.AccountSignedIn {
		return nil, api.Fail(api.SignedOut)
	}
	upgrade, err := e.Market.CheckUpgrade(ctx, s.Product, agentapi.CheckUpgradeParams{
		Version: s.Version, Os: runtime.GOOS, Arch: runtime.GOARCH,
	})
	if err != nil || !upgrade.Available {
		return nil, err
	}
	found := releaseOf(upgrade.Version, upgrade.Forced)
	if err := found.check(s.Product); err != nil {
		return nil, err
	}
	return &found, nil
}

// announce tells every open session of a product that its upgrade is coming.
func (e *Engine) announce(ctx context.Context, product string, what release) {
	e.mu.Lock()
	var ids []string
	for _, s := range e.sessions {
		if s.Product == product && s.Version != what.Version {
			ids = append(ids, s.ID)
		}
	}
	e.mu.Unlock()
	for _, id := range ids {
		e.publish(ctx, api.EventUpgrade, id, product, api.UpgradeOrder{Version: what.Version, Forced: what.Forced})
	}
}

func (e *Engine) publish(ctx context.Context, name, session, product string, data any) {
	text, err := json.Marshal(data)
	if err != nil {
		e.Log.Error("event", "name", name, "error", err)
		return
	}
	e.Notify.Publish(ctx, api.Event{Name: name, Session: session, Product: product, Time: e.Now().UnixMilli(), Data: text})
}

// followCatalogue keeps what the catalogue offers.
func (e *Engine) followCatalogue(ctx context.Context) error {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		case <-e.stale:
		}
		if e.Account().State != api.AccountSignedIn {
			continue
		}
		if err := e.refresh(ctx); err != nil && ctx.Err() == nil {
			e.Log.Info("catalogue not refreshed", "error", err)
		}
	}
}

// refresh takes the catalogue over into the records.
func (e *Engine) refresh(ctx context.Context) error {
	apps, err := e.Market.Apps(ctx)
	if err != nil {
		return err
	}
	listed := make(map[string]bool, len(apps))
	for _, a := range apps {
		if helper.CheckProduct(a.Product) != nil {
			e.Log.Warn("the catalogue names a product that cannot be installed", "product", a.Product)
			continue
		}
		listed[a.Product] = true
		latest := releaseOf(a.Latest, false)
		name, summary, trial := said(a)
		if r, _ := e.lookup(a.Product); r.Name == name && r.Latest == latest && r.Summary == summary && r.TrialURL == trial {
			continue
		}
		if err := e.change(ctx, a.Product, func(r *record) error {
			r.Name, r.Latest, r.Summary, r.TrialURL = name, latest, summary, trial
			return nil
		}); err != nil {
			return err
		}
	}
	return e.forget(ctx, listed)
}

// The bounds of what the catalogue says of an application, in bytes.
const (
	maxCalled = 256
	maxSaid   = 2048
	maxNotes  = 16 << 10
)

// said is what the catalogue says of an application, as far as it may be shown:
// people are sent to web pages only. One without a name is called by its product.
func said(a agentapi.App) (name, summary, trialURL string) {
	if len(a.Name) <= maxCalled && !strings.ContainsFunc(a.Name, unicode.IsControl) {
		name = a.Name
	}
	if len(a.Summary) <= maxSaid {
		summary = a.Summary
	}
	u, err := url.Parse(a.TrialURL)
	if err == nil && len(a.TrialURL) <= maxSaid && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		trialURL = a.TrialURL
	}
	return name, summary, trialURL
}

// cut is a text of at most so many bytes.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// forget drops the products that the catalogue no longer has and that nobody
// has installed.
func (e *Engine) forget(ctx context.Context, listed map[string]bool) error {
	e.mu.Lock()
	var err error
	for product, r := range e.records {
		if err != nil || listed[product] || r.Installed != "" || r.Order != nil || r.Removal {
			continue
		}
		if err = e.table.remove(ctx, product); err == nil {
			delete(e.records, product)
		}
	}
	e.mu.Unlock()
	e.Notify.Changed(api.SectionApps)
	return err
}
