package health

import (
	"fmt"
	"strconv"
	"time"

	"iscdesk.dev/agent/api"
)

// The limits at which trouble begins.
const (
	diskLow    = 1 << 30
	diskFull   = 64 << 20
	maxSkew    = 5 * time.Minute
	expirySoon = 7 * 24 * time.Hour
)

// rule finds one kind of trouble.
type rule func(f facts, now time.Time, dir string) []api.Warning

func rules() []rule {
	return []rule{policy, account, untrusted, disk, clock, transfers, paused, licenses, upgrades}
}

// evaluate gives the warnings that follow from the facts, the gravest first.
// Since is left to the caller.
func evaluate(f facts, now time.Time, dir string) []api.Warning {
	list := []api.Warning{}
	for _, find := range rules() {
		list = append(list, find(f, now, dir)...)
	}
	return list
}

func warn(reason *api.Error, action string) []api.Warning {
	return []api.Warning{{Code: string(reason.Code), Reason: reason, Action: action}}
}

// of is a warning about a product.
func of(product string, reason *api.Error, action string) api.Warning {
	return api.Warning{Code: string(reason.Code), Reason: reason, Action: action, Product: product}
}

// policy is what the administrator has to mend. It stands first: the rest may
// follow from it.
func policy(f facts, _ time.Time, _ string) (list []api.Warning) {
	for _, problem := range f.policy {
		list = append(list, warn(problem, "iscdesk policy show")...)
	}
	return list
}

func account(f facts, _ time.Time, _ string) []api.Warning {
	switch {
	case f.account.Marketplace == "" && f.account.State == api.AccountSignedOut:
		return warn(api.Fail(api.NotConfigured), "iscdesk policy show")
	case f.account.State == api.AccountSignedOut, f.account.State == api.AccountExpired:
		return warn(api.Fail(api.SignedOut), "iscdesk login")
	case f.account.State == api.AccountSignedIn && !f.account.Online:
		return warn(api.Fail(api.Offline), "iscdesk doctor")
	}
	return nil
}

func untrusted(f facts, _ time.Time, _ string) []api.Warning {
	if f.untrusted == nil {
		return nil
	}
	return warn(f.untrusted, "iscdesk doctor")
}

func disk(f facts, _ time.Time, dir string) []api.Warning {
	switch {
	case f.free < 0 || f.free >= diskLow:
		return nil
	case f.free < diskFull:
		return warn(api.Fail(api.DiskFull), "")
	}
	return warn(api.Fail(api.DiskLow, "free", size(f.free), "path", dir), "")
}

// size is rounded coarsely, so that a warning does not change with each byte.
func size(n int64) string {
	return fmt.Sprintf("%d MiB", (n>>20)/64*64)
}

func clock(f facts, _ time.Time, _ string) []api.Warning {
	if !f.skewKnown || f.skew.Abs() <= maxSkew {
		return nil
	}
	return warn(clockReason(f.skew), "timedatectl set-ntp true")
}

func clockReason(skew time.Duration) *api.Error {
	return api.Fail(api.ClockWrong, "minutes", strconv.Itoa(int(skew.Round(time.Minute)/time.Minute)))
}

func transfers(f facts, _ time.Time, _ string) []api.Warning {
	failed := 0
	operation := ""
	for _, t := range f.transfers {
		if t.State == "failed" {
			failed++
			operation = t.Operation
		}
	}
	switch failed {
	case 0:
		return nil
	case 1:
		return warn(api.Fail(api.TransfersFailed, "count", "1", "operation", operation), "iscdesk transfers retry "+operation)
	}
	return warn(api.Fail(api.TransfersFailed, "count", strconv.Itoa(failed)), "iscdesk transfers")
}

// paused reminds of uploads that the user has paused, while something waits for
// them.
func paused(f facts, _ time.Time, _ string) []api.Warning {
	if !f.uploads.Paused || len(f.transfers) == 0 {
		return nil
	}
	return warn(api.Fail(api.UploadsPaused), "iscdesk transfers resume")
}

func licenses(f facts, now time.Time, _ string) (list []api.Warning) {
	for _, l := range f.licenses {
		name := l.ProductName
		if name == "" {
			name = l.Product
		}
		switch end := time.Unix(l.ExpireTime, 0).UTC(); {
		case l.Status == "frozen":
			list = append(list, of(l.Product, api.Fail(api.LicenseFrozen, "product", name), ""))
		case l.Status == "expired", l.Status == "active" && l.ExpireTime > 0 && !now.Before(end):
			list = append(list, of(l.Product, api.Fail(api.LicenseExpired, "product", name, "date", end.Format(time.DateOnly)), ""))
		case l.Status == "active" && l.ExpireTime > 0 && end.Sub(now) <= expirySoon:
			list = append(list, of(l.Product, api.Fail(api.LicenseExpiring, "product", name, "date", end.Format(time.DateOnly)), ""))
		}
	}
	return list
}

func upgrades(f facts, _ time.Time, _ string) (list []api.Warning) {
	for _, a := range f.apps {
		if a.Offered != "" {
			list = append(list, of(a.Product, api.Fail(api.UpgradeWaiting, "product", a.Product, "version", a.Offered), "iscdesk apps answer "+a.Product+" yes"))
		}
		if a.State == "broken" && a.Reason != nil {
			list = append(list, of(a.Product, a.Reason, "iscdesk apps install "+a.Product))
		}
	}
	return list
}

// merge gives the new list with the time since when each trouble lasts, and
// tells whether it differs from the old one.
func merge(old, fresh []api.Warning, now time.Time) (list []api.Warning, changed bool) {
	since := make(map[string]int64, len(old))
	for _, w := range old {
		since[identity(w)] = w.Since
	}
	changed = len(old) != len(fresh)
	for i := range fresh {
		began, lasting := since[identity(fresh[i])]
		if !lasting {
			began = now.Unix()
		}
		fresh[i].Since = began
		changed = changed || fresh[i].Reason.Error() != old[i].Reason.Error()
	}
	return fresh, changed
}

// identity tells the same trouble from another: of a code that can come up
// for several products, each is its own.
func identity(w api.Warning) string {
	return w.Code + "\x00" + w.Product + w.Reason.Params["product"] + w.Reason.Params["key"]
}
