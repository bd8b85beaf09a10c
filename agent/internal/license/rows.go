package license

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"iscdesk.dev/agent/api"
)

// request is a row of license_request.
type request struct {
	id, account, session, product, version string
	kind                                   api.LicenseKind
	device                                 string
	trial                                  bool
	tag                                    string
	application                            string
	state                                  api.LicenseState
	reason                                 *api.Error
	attempts, hints                        int
	due                                    time.Time
	told                                   told
	answer                                 *api.LicenseAnswer
	verdict, verdictMessage                string
	verdictAttempts                        int
	verdictDue                             time.Time // zero: nothing to report
	created, updated                       time.Time
}

const requestColumns = `id, account, session, product, version, kind, device, trial, tag, application, state, reason,
	attempts, hints, due, told, answer, verdict, verdict_message, verdict_attempts, verdict_due, created, updated`

// requests reads the rows that match a condition.
func (e *Engine) requests(ctx context.Context, where string, args ...any) ([]request, error) {
	rows, err := e.config.DB.QueryContext(ctx, `SELECT `+requestColumns+` FROM license_request WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells
	var list []request
	for rows.Next() {
		r, err := scanRequest(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

func scanRequest(rows *sql.Rows) (request, error) {
	var r request
	var reason, answer string
	var due, verdictDue, created, updated int64
	err := rows.Scan(&r.id, &r.account, &r.session, &r.product, &r.version, &r.kind, &r.device, &r.trial, &r.tag, &r.application,
		&r.state, &reason, &r.attempts, &r.hints, &due, &r.told, &answer, &r.verdict, &r.verdictMessage, &r.verdictAttempts, &verdictDue, &created, &updated)
	if err != nil {
		return r, err
	}
	r.due, r.verdictDue, r.created, r.updated = fromMillis(due), fromMillis(verdictDue), fromMillis(created), fromMillis(updated)
	r.reason = decodeReason(reason)
	if answer != "" {
		var a api.LicenseAnswer
		if err := json.Unmarshal([]byte(answer), &a); err != nil {
			return r, err
		}
		r.answer = &a
	}
	return r, nil
}

func decodeReason(content string) *api.Error {
	var reason api.Error
	if content == "" || json.Unmarshal([]byte(content), &reason) != nil || reason.Code == "" {
		return nil
	}
	return &reason
}

func encodeReason(reason *api.Error) string {
	if reason == nil {
		return ""
	}
	return string(encode(reason))
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// kept is a row of license_kept: a granted answer that is kept.
type kept struct {
	account, product string
	kind             api.LicenseKind
	device, version  string
	event, instance  string
	content          string
	fileName         string
	size             int64
	sha256           string
	status           string
	expires          int64 // Unix seconds; 0: no end
	stale            int   // how often it was renewed since it was fetched
	attempts         int
	due              time.Time
}

const keptColumns = `account, product, kind, device, version, event, instance, content, file_name, size, sha256, status, expires, stale, attempts, due`

func (e *Engine) keptAnswers(ctx context.Context, where string, args ...any) ([]kept, error) {
	rows, err := e.config.DB.QueryContext(ctx, `SELECT `+keptColumns+` FROM license_kept WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells
	var list []kept
	for rows.Next() {
		var k kept
		var due int64
		if err := rows.Scan(&k.account, &k.product, &k.kind, &k.device, &k.version, &k.event, &k.instance, &k.content, &k.fileName,
			&k.size, &k.sha256, &k.status, &k.expires, &k.stale, &k.attempts, &due); err != nil {
			return nil, err
		}
		k.due = fromMillis(due)
		list = append(list, k)
	}
	return list, rows.Err()
}

// keptFor gives the kept answer to a request, if there is one.
func (e *Engine) keptFor(ctx context.Context, r request) (*kept, error) {
	list, err := e.keptAnswers(ctx, `account = ? AND product = ? AND kind = ? AND device = ?`, r.account, r.product, r.kind, r.device)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// state tells whether a kept answer may be handed out, and why not.
func (k *kept) state(now time.Time) (keptState, *api.Error) {
	switch {
	case k == nil:
		return keptNone, nil
	case k.status != "active":
		return keptBlocked, blockedBy(k.status, k.product, day(k.expires))
	case k.expires != 0 && now.Unix() >= k.expires:
		return keptBlocked, blockedBy("expired", k.product, day(k.expires))
	}
	return keptUsable, nil
}

// answer gives the answer to r out of what is kept.
func (k *kept) answer(r request, cached bool) api.LicenseAnswer {
	return api.LicenseAnswer{
		Request: r.id, EventID: k.event, State: api.LicenseGranted, Kind: k.kind, Content: k.content,
		FileName: k.fileName, Size: k.size, SHA256: k.sha256, Cached: cached, Tag: r.tag,
	}
}

func day(seconds int64) string {
	if seconds == 0 {
		return ""
	}
	return time.Unix(seconds, 0).UTC().Format(time.DateOnly)
}
