package license

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
	"iscdesk.dev/marketplace/agentapi"
)

const (
	// listFresh is how long the marketplace's list is good without asking.
	listFresh = 10 * time.Minute
	// listSettle is the pause after a seat was taken or given back.
	listSettle = 2 * time.Second
	// listRetry is the pause after a failure.
	listRetry = time.Minute
	// listPatience bounds what the first List after signing in waits.
	listPatience  = 5 * time.Second
	maxLicenses   = 10_000
	maxInfo       = 16 << 10
	shownRequests = 20 // of a product
)

// List gives the user's licences as the marketplace listed them last, with
// this machine's requests and leases. Requests for a product that the list
// lacks stand under an entry without an instance.
func (e *Engine) List(ctx context.Context) ([]api.License, error) {
	account, signedIn, err := e.owner(ctx)
	if err != nil {
		return nil, internal(err)
	}
	if known, err := e.meta(ctx, listedMark(account)); err == nil && known == "" && signedIn && e.neverListed() {
		e.listNow(ctx, account, listPatience)
	}
	infos, err := e.keptList(ctx, account)
	if err != nil {
		return nil, internal(err)
	}
	requests, err := e.requests(ctx, `account = ? ORDER BY number DESC LIMIT 500`, account)
	if err != nil {
		return nil, internal(err)
	}
	leases, err := e.leases(ctx)
	if err != nil {
		return nil, internal(err)
	}
	return merge(infos, requests, leases, e.now()), nil
}

// neverListed tells whether nobody tried to list the licences since the
// service started or the marketplace came back.
func (e *Engine) neverListed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.listed.IsZero()
}

// listNow fetches the marketplace's list; if that fails, it is tried again in
// a while, or with the next hello.
func (e *Engine) listNow(ctx context.Context, account string, patience time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := e.fetchList(ctx, account); err != nil {
		e.log.Info("the licences could not be listed", "error", trouble(err))
		e.mu.Lock()
		e.listed = e.now().Add(listRetry - listFresh)
		e.mu.Unlock()
	}
}

func (e *Engine) keptList(ctx context.Context, account string) ([]agentapi.LicenseInfo, error) {
	rows, err := e.config.DB.QueryContext(ctx, `SELECT info FROM license_list WHERE account = ? ORDER BY instance`, account)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells
	var list []agentapi.LicenseInfo
	for rows.Next() {
		var content string
		var info agentapi.LicenseInfo
		if err := rows.Scan(&content); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(content), &info); err != nil {
			return nil, err
		}
		list = append(list, info)
	}
	return list, rows.Err()
}

// merge joins what the marketplace listed with this machine's records. Those
// of a product stand with its first licence that is active.
func merge(infos []agentapi.LicenseInfo, requests []request, leases []leaseRow, now time.Time) []api.License {
	list := make([]api.License, 0, len(infos))
	home := make(map[string]int) // where a product's records stand
	for _, info := range infos {
		list = append(list, fromInfo(info))
		at, known := home[info.Product]
		if !known || list[at].Status != "active" && info.Status == agentapi.LicenseInfoStatusActive {
			home[info.Product] = len(list) - 1
		}
	}
	at := func(product string) *api.License {
		i, known := home[product]
		if !known {
			i = len(list)
			home[product] = i
			list = append(list, api.License{Product: product, ProductName: product})
		}
		return &list[i]
	}
	for _, r := range requests {
		if l := at(r.product); len(l.Requests) < shownRequests {
			l.Requests = append(l.Requests, record(r))
		}
	}
	for _, l := range leases {
		if l.state == leaseHeld {
			into := at(l.product)
			into.Leases = append(into.Leases, l.info(now))
		}
	}
	return list
}

// record shows a request; the content of the licence is not for screens.
func record(r request) api.LicenseRecord {
	rec := api.LicenseRecord{Updated: r.updated.Unix(), Verdict: r.verdict, VerdictMessage: r.verdictMessage}
	switch {
	case r.answer != nil:
		rec.LicenseAnswer = *r.answer
	default:
		rec.LicenseAnswer = api.LicenseAnswer{Request: r.id, EventID: r.application, State: r.state, Kind: r.kind, Reason: r.reason, Tag: r.tag}
	}
	rec.Content = ""
	return rec
}

func fromInfo(info agentapi.LicenseInfo) api.License {
	return api.License{
		Product: info.Product, ProductName: info.ProductName, Instance: info.Instance, Status: string(info.Status),
		EffectiveTime: seconds(info.EffectiveTime), ExpireTime: seconds(info.ExpireTime), Trial: info.Trial,
		Features: info.Features, SeatsTotal: info.SeatsTotal, SeatsUsed: info.SeatsUsed,
	}
}

// fetchList fetches the marketplace's list, applies the changes that no push
// brought, and keeps it.
func (e *Engine) fetchList(ctx context.Context, account string) error {
	infos, err := e.config.Market.Licenses(ctx)
	if err != nil {
		return err
	}
	infos = infos[:min(len(infos), maxLicenses)]
	before, err := e.keptList(ctx, account)
	if err != nil {
		return err
	}
	err = store.InTx(ctx, e.config.DB, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`DELETE FROM license_list WHERE account = ?`, account); err != nil {
			return err
		}
		for _, info := range infos {
			content := encode(info)
			if info.Instance == "" || len(content) > maxInfo {
				continue
			}
			if _, err := tx.Exec(`INSERT INTO license_list (account, instance, info) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
				account, info.Instance, string(content)); err != nil {
				return err
			}
			if _, err := tx.Exec(`UPDATE license_kept SET status = ? WHERE account = ? AND instance = ?`, string(info.Status), account, info.Instance); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT INTO license_meta (name, value) VALUES (?, '1') ON CONFLICT DO NOTHING`, listedMark(account))
		return err
	})
	if err != nil {
		return err
	}
	for _, notice := range missed(before, infos) {
		if err := e.apply(ctx, account, notice); err != nil {
			return err
		}
	}
	e.mu.Lock()
	e.listed = e.now()
	e.mu.Unlock()
	if string(encode(before)) != string(encode(infos)) {
		e.changed()
	}
	return nil
}

func listedMark(account string) string { return "listed " + account }

// missed derives the changes between two lists. A licence that the new list
// lacks is no change: only what the marketplace says of it counts.
func missed(before, now []agentapi.LicenseInfo) []agentapi.LicenseChangeNotice {
	old := make(map[string]agentapi.LicenseInfo, len(before))
	for _, info := range before {
		old[info.Instance] = info
	}
	var list []agentapi.LicenseChangeNotice
	for _, info := range now {
		was, known := old[info.Instance]
		change := agentapi.LicenseChangeNoticeChange("")
		switch {
		case !known:
		case was.Status != info.Status:
			change = changeTo(info.Status)
		case info.ExpireTime.After(was.ExpireTime):
			change = agentapi.LicenseChangeNoticeChangeRenewed
		}
		if change != "" {
			list = append(list, agentapi.LicenseChangeNotice{
				Product: info.Product, Instance: info.Instance, Change: change,
				Status: agentapi.LicenseChangeNoticeStatus(info.Status), ExpireTime: info.ExpireTime,
			})
		}
	}
	return list
}

func changeTo(status agentapi.LicenseInfoStatus) agentapi.LicenseChangeNoticeChange {
	switch status {
	case agentapi.LicenseInfoStatusFrozen:
		return agentapi.LicenseChangeNoticeChangeFrozen
	case agentapi.LicenseInfoStatusReleased:
		return agentapi.LicenseChangeNoticeChangeReleased
	case agentapi.LicenseInfoStatusExpired:
		return agentapi.LicenseChangeNoticeChangeExpired
	case agentapi.LicenseInfoStatusActive:
		return agentapi.LicenseChangeNoticeChangeUnfrozen
	}
	return ""
}
