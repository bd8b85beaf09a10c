package bugreport

import (
	"cmp"
	"fmt"
	"maps"

	"iscdesk.dev/agent/api"
)

// summary is the state as support needs it: what stands where and why, and no
// name of a person, a tenant or a document. It names every member that it
// takes over, so that a new member of the state stays out until somebody
// decides that it is harmless.
type summary struct {
	Service   api.ServiceInfo  `json:"service"`
	Account   accountSummary   `json:"account"`
	Licenses  []licenseSummary `json:"licenses"`
	Transfers []workSummary    `json:"transfers"`
	Picks     int              `json:"picks"`
	Apps      []appSummary     `json:"apps"`
	Solves    []workSummary    `json:"solves"`
	Sessions  []api.Session    `json:"sessions"`
	Health    []api.Warning    `json:"health"`
}

type accountSummary struct {
	State       api.AccountState `json:"state"`
	Marketplace string           `json:"marketplace"`
	Online      bool             `json:"online"`
}

type licenseSummary struct {
	Product    string           `json:"product"`
	Instance   string           `json:"instance"`
	Status     string           `json:"status"`
	Effective  int64            `json:"effectiveTime,omitempty"`
	Expires    int64            `json:"expireTime,omitempty"`
	Trial      bool             `json:"trial,omitempty"`
	Features   []string         `json:"features,omitempty"`
	SeatsTotal int              `json:"seatsTotal,omitempty"`
	SeatsUsed  int              `json:"seatsUsed,omitempty"`
	Requests   []requestSummary `json:"requests,omitempty"`
	Leases     []leaseSummary   `json:"leases,omitempty"`
}

type requestSummary struct {
	EventID string           `json:"eventId,omitempty"`
	State   api.LicenseState `json:"state"`
	Kind    api.LicenseKind  `json:"kind"`
	Verdict string           `json:"verdict,omitempty"`
	Updated int64            `json:"updated"`
	Reason  *api.Error       `json:"reason,omitempty"`
}

type leaseSummary struct {
	State    string   `json:"state"`
	Features []string `json:"features,omitempty"`
	Expires  int64    `json:"expires"`
	Grace    int64    `json:"grace"`
}

// workSummary is a transfer or a solve.
type workSummary struct {
	ID       string     `json:"id"`
	Document string     `json:"document"` // "document 3": the same number is the same document
	State    string     `json:"state"`
	Sent     int64      `json:"sent,omitempty"`
	Total    int64      `json:"total,omitempty"`
	Percent  int        `json:"percent,omitempty"`
	RetryAt  int64      `json:"retryAt,omitempty"`
	Created  int64      `json:"created"`
	Reason   *api.Error `json:"reason,omitempty"`
}

type appSummary struct {
	Product   string     `json:"product"`
	Installed string     `json:"installed,omitempty"`
	Latest    string     `json:"latest"`
	State     string     `json:"state"`
	Forced    bool       `json:"forced,omitempty"`
	Trial     bool       `json:"trial,omitempty"`
	Reason    *api.Error `json:"reason,omitempty"`
}

// summarise cleans every reason with r: their parameters name documents.
func summarise(s api.State, r redactor) summary {
	out := summary{
		Service: s.Service,
		Account: accountSummary{State: s.Account.State, Marketplace: r.text(s.Account.Marketplace), Online: s.Account.Online},
		Picks:   len(s.Picks), Sessions: s.Sessions,
	}
	for _, l := range s.Licenses {
		out.Licenses = append(out.Licenses, summariseLicense(l, r))
	}
	for _, t := range s.Transfers {
		out.Transfers = append(out.Transfers, workSummary{
			ID: t.Operation, Document: r.text(t.Path), State: t.State, Sent: t.Sent, Total: t.Total,
			RetryAt: t.RetryAt, Created: t.Created, Reason: r.reason(t.Reason),
		})
	}
	for _, a := range s.Apps {
		out.Apps = append(out.Apps, appSummary{
			Product: a.Product, Installed: a.Installed, Latest: a.Latest, State: a.State,
			Forced: a.Forced, Trial: a.Trial, Reason: r.reason(a.Reason),
		})
	}
	for _, j := range s.Solves {
		out.Solves = append(out.Solves, workSummary{
			ID: j.ID, Document: r.text(j.Path), State: j.State, Percent: j.Percent, Created: j.Created, Reason: r.reason(j.Reason),
		})
	}
	for _, w := range s.Health {
		w.Reason = r.reason(w.Reason)
		out.Health = append(out.Health, w)
	}
	return out
}

func summariseLicense(l api.License, r redactor) licenseSummary {
	out := licenseSummary{
		Product: l.Product, Instance: l.Instance, Status: l.Status, Effective: l.EffectiveTime, Expires: l.ExpireTime,
		Trial: l.Trial, Features: l.Features, SeatsTotal: l.SeatsTotal, SeatsUsed: l.SeatsUsed,
	}
	for _, q := range l.Requests {
		out.Requests = append(out.Requests, requestSummary{
			EventID: q.EventID, State: q.State, Kind: q.Kind, Verdict: q.Verdict, Updated: q.Updated, Reason: r.reason(q.Reason),
		})
	}
	for _, x := range l.Leases {
		out.Leases = append(out.Leases, leaseSummary{State: x.State, Features: x.Features, Expires: x.Expires, Grace: x.Grace})
	}
	return out
}

// reason is a copy of e without names and secrets in its parameters.
func (r redactor) reason(e *api.Error) *api.Error {
	if e == nil {
		return nil
	}
	clean := &api.Error{Code: e.Code, Params: maps.Clone(e.Params)}
	for k, v := range clean.Params {
		clean.Params[k] = r.text(v)
		if named.MatchString(k) {
			clean.Params[k] = cmp.Or(r.stand(k, clean.Params[k]), clean.Params[k])
		}
	}
	return clean
}

// namesIn are the names that the state holds.
func namesIn(s api.State) []name {
	a := s.Account
	names := []name{
		{a.UserName, "<user>"},
		{a.UserID, "<user>"},
		{a.Name, "<user>"},
		{a.Tenant, "<tenant>"},
		{a.TenantName, "<tenant>"},
	}
	numbers := map[string]string{}
	document := func(path string) {
		if path == "" || numbers[path] != "" {
			return
		}
		numbers[path] = fmt.Sprintf("<document %d>", len(numbers)+1)
		names = append(names, name{path, numbers[path]})
		if base := lastPart(path); base != path {
			names = append(names, name{base, numbers[path]})
		}
	}
	for _, t := range s.Transfers {
		document(t.Path)
	}
	for _, j := range s.Solves {
		document(j.Path)
		document(j.Result)
	}
	return names
}

// summarisePolicy keeps every setting, and replaces those whose value is the
// name of somebody.
func summarisePolicy(p api.Policy, r redactor) api.Policy {
	out := api.Policy{Places: p.Places, Loaded: p.Loaded, Problems: r.reasons(p.Problems), Settings: make([]api.PolicySetting, 0, len(p.Settings))}
	for _, s := range p.Settings {
		s.Value = r.text(s.Value)
		switch s.Key {
		case "tenant", "proxy_user":
			s.Value = cmp.Or(r.stand(s.Key, s.Value), s.Value)
		}
		s.Problems = r.reasons(s.Problems)
		out.Settings = append(out.Settings, s)
	}
	return out
}

func (r redactor) reasons(all []*api.Error) []*api.Error {
	out := make([]*api.Error, 0, len(all))
	for _, e := range all {
		out = append(out, r.reason(e))
	}
	return out
}
