package health

import (
	"context"
	"strconv"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
)

// checkTimeout bounds one examination.
const checkTimeout = 20 * time.Second

// examination is one line of the doctor. It is left out where its fact is not
// configured.
type examination struct {
	name    string
	present bool
	examine func(context.Context) api.Check
}

// Doctor examines everything anew and gives a line for each examination.
func (e *Engine) Doctor(ctx context.Context) []api.Check {
	met := meeting{}
	if e.Info != nil {
		met = e.meet(ctx)
	}
	all := []examination{
		{"service", e.Version != "", func(context.Context) api.Check { return fine(e.Version) }},
		{"socket", e.Socket != nil, e.plain(e.Socket, api.ServiceUnavailable)},
		{"policy", e.Policy != nil, func(context.Context) api.Check { return checkPolicy(e.Policy()) }},
		{"marketplace", e.Info != nil, func(context.Context) api.Check { return e.checkMarketplace(met) }},
		{"clock", e.Info != nil, func(context.Context) api.Check { return checkClock(met) }},
		{"account", e.Account != nil, func(context.Context) api.Check { return checkAccount(e.Account()) }},
		{"licenses", e.Licenses != nil, e.checkLicenses},
		{"transfers", e.Transfers != nil, func(context.Context) api.Check { return checkTransfers(e.Transfers(), e.uploads()) }},
		{"disk", e.Dir != "", func(context.Context) api.Check { return e.checkDisk() }},
		{"database", e.Database != nil, e.kept(e.Database, "database")},
		{"staging", e.Staging != nil, e.kept(e.Staging, "staging")},
		{"device", e.Device != nil, e.checkDevice},
		{"fingerprint", e.Fingerprint != nil, e.checkFingerprint},
	}
	var checks []api.Check
	for _, x := range all {
		if !x.present {
			continue
		}
		limited, cancel := context.WithTimeout(ctx, checkTimeout)
		check := x.examine(limited)
		cancel()
		check.Name = x.name
		checks = append(checks, check)
	}
	poke(e.wake)
	return checks
}

// checkPolicy gives the first problem; 'iscdesk policy show' gives all.
func checkPolicy(problems []*api.Error) api.Check {
	if len(problems) == 0 {
		return fine("")
	}
	return trouble(problems[0], "").Tell(api.FoundProblems, "count", strconv.Itoa(len(problems)))
}

func fine(detail string) api.Check { return api.Check{OK: true, Detail: detail} }

func trouble(reason *api.Error, detail string) api.Check {
	return api.Check{Reason: reason, Detail: detail}
}

func (e *Engine) plain(examine func(context.Context) error, code api.Code) func(context.Context) api.Check {
	return func(ctx context.Context) api.Check {
		if err := examine(ctx); err != nil {
			return trouble(api.Fail(code).Because(err), err.Error())
		}
		return fine("")
	}
}

// kept examines what the service keeps here.
func (e *Engine) kept(examine func(context.Context) error, what string) func(context.Context) api.Check {
	return func(ctx context.Context) api.Check {
		if err := examine(ctx); err != nil {
			e.Log.Error("doctor", "what", what, "error", err)
			return trouble(api.Fail(api.StateDamaged, "detail", what+": "+err.Error()).Because(err), "")
		}
		return fine("")
	}
}

func (e *Engine) checkMarketplace(met meeting) api.Check {
	address := e.Account().Marketplace
	if bad := distrust(met.err); bad != nil {
		return trouble(bad, address)
	}
	if met.err != nil {
		e.Log.Info("doctor: marketplace", "error", met.err)
		return trouble(api.AsError(met.err), address)
	}
	told := api.FoundMarket
	if strings.HasPrefix(address, "https://") {
		told = api.FoundMarketTLS
	}
	return fine("").Tell(told, "name", strings.TrimSpace(met.info.Name+" "+met.info.Version), "address", address)
}

func checkClock(met meeting) api.Check {
	switch {
	case met.err != nil || met.info.Time.IsZero():
		return trouble(api.AsError(met.err), "").Tell(api.FoundNoTime)
	case met.skew.Abs() > maxSkew:
		return trouble(clockReason(met.skew), "").Tell(api.FoundSkew, "skew", met.skew.Round(time.Second).String())
	}
	return fine("").Tell(api.FoundSkew, "skew", met.skew.Round(time.Millisecond).String())
}

func checkAccount(a api.Account) api.Check {
	if a.State != api.AccountSignedIn {
		told := map[api.AccountState]api.Reason{
			api.AccountSignedOut: api.FoundSignedOut, api.AccountSigningIn: api.FoundSigningIn, api.AccountExpired: api.FoundExpired,
		}[a.State]
		return trouble(api.Fail(api.SignedOut), string(a.State)).Tell(told)
	}
	return fine(strings.TrimSpace(a.UserName + " " + a.TenantName))
}

func (e *Engine) checkLicenses(ctx context.Context) api.Check {
	list, err := e.Licenses(ctx)
	if err != nil {
		return trouble(api.AsError(err), "")
	}
	count := strconv.Itoa(len(list))
	for _, w := range licenses(facts{licenses: list}, e.Now(), "") {
		return trouble(w.Reason, "").Tell(api.FoundLicenses, "count", count)
	}
	for _, l := range list {
		for _, r := range l.Requests {
			if r.State == api.LicenseRefused {
				return trouble(r.Reason, l.ProductName)
			}
		}
	}
	return fine("").Tell(api.FoundLicenses, "count", count)
}

func checkTransfers(list []api.Transfer, uploads api.Uploads) api.Check {
	count := strconv.Itoa(len(list))
	f := facts{transfers: list, uploads: uploads}
	if found := append(transfers(f, time.Time{}, ""), paused(f, time.Time{}, "")...); len(found) > 0 {
		return trouble(found[0].Reason, "").Tell(api.FoundTransfers, "count", count)
	}
	return fine("").Tell(api.FoundTransfers, "count", count)
}

func (e *Engine) checkDisk() api.Check {
	free, total, err := e.Disk(e.Dir)
	if err != nil {
		return trouble(api.Fail(api.StateDamaged, "detail", err.Error()).Because(err), e.Dir)
	}
	check := fine("")
	if found := disk(facts{free: free}, time.Time{}, e.Dir); len(found) > 0 {
		check = trouble(found[0].Reason, "")
	}
	return check.Tell(api.FoundDisk, "path", e.Dir, "free", strconv.FormatInt(free>>20, 10), "total", strconv.FormatInt(total>>20, 10))
}

// checkDevice never shows the identity itself: a shortened one is enough to
// tell two machines apart.
func (e *Engine) checkDevice(ctx context.Context) api.Check {
	id, err := e.Device(ctx)
	if err != nil || id == "" {
		return trouble(api.Fail(api.DeviceUnknown).Because(err), "")
	}
	return fine(id[:min(8, len(id))] + "…")
}

// checkFingerprint is content with a fingerprint that names anything: vendors
// decide which parts they need.
func (e *Engine) checkFingerprint(ctx context.Context) api.Check {
	fingerprint, err := e.Fingerprint(ctx)
	if err != nil {
		return trouble(api.AsError(err), "")
	}
	names := []string{"MAC", "disk", "mainboard", "CPU"} // as vendors and the SDK call them
	var missing []string
	for i, part := range strings.Split(fingerprint, "|") {
		if part == "" && i < len(names) {
			missing = append(missing, names[i])
		}
	}
	switch {
	case len(missing) == len(names) || fingerprint == "":
		return trouble(api.Fail(api.LicenseFingerprintRequired), "")
	case len(missing) > 0:
		return fine("").Tell(api.FoundWithout, "missing", strings.Join(missing, ", "))
	}
	return fine("").Tell(api.FoundComplete)
}
