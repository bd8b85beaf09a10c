package license

import (
	"context"
	"database/sql"
	"strings"

	"github.com/google/uuid"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/store"
)

// Bounds of what an application may hand in.
const (
	maxDeviceInfo = 5 << 10 // the documented 5 KB
	maxTag        = 4 << 10
	maxName       = 256
	maxPending    = 200 // requests of one user that are under way
	maxMessage    = 4 << 10
)

// Request takes a request down and answers with its ticket; the loop sees to
// the rest. It fails only if the request is not valid or cannot be written.
func (e *Engine) Request(ctx context.Context, app api.Session, in api.LicenseRequest) (api.LicenseTicket, error) {
	if err := checkRequest(app, in); err != nil {
		return api.LicenseTicket{}, err
	}
	account, _, err := e.owner(ctx)
	if err != nil {
		return api.LicenseTicket{}, internal(err)
	}
	id := uuid.NewString()
	now := e.now().UnixMilli()
	err = store.InTx(ctx, e.config.DB, func(tx *sql.Tx) error {
		var pending int
		if err := tx.QueryRow(`SELECT count(*) FROM license_request WHERE state = 'pending'`).Scan(&pending); err != nil {
			return err
		}
		if pending >= maxPending {
			return api.Fail(api.Busy)
		}
		_, err := tx.Exec(`INSERT INTO license_request (id, account, session, product, version, kind, device, trial, tag, created, updated)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			id, account, app.ID, app.Product, app.Version, in.Kind, in.DeviceInfo, in.Trial, in.Tag, now, now)
		return err
	})
	if err != nil {
		return api.LicenseTicket{}, internal(err)
	}
	if in.Trial {
		e.publish(ctx, api.EventTrialExpired, "", "", api.TrialOver{Product: app.Product, Request: id})
	}
	e.look()
	e.changed()
	return api.LicenseTicket{Request: id}, nil
}

func checkRequest(app api.Session, in api.LicenseRequest) error {
	bad := func(argument, reason string) error {
		return api.Fail(api.InvalidArgument, "argument", argument, "reason", reason)
	}
	switch {
	case in.Kind != api.LicenseString && in.Kind != api.LicenseFile:
		return bad("kind", "it must be string or file")
	case app.ID == "" || len(app.ID) > maxName || app.Product == "" || len(app.Product) > maxName || len(app.Version) > maxName:
		return bad("session", "it needs an id and a product")
	case len(in.DeviceInfo) > maxDeviceInfo:
		return api.Fail(api.TooLarge, "what", "device information", "limit", "5 KB")
	case len(in.Tag) > maxTag:
		return api.Fail(api.TooLarge, "what", "tag", "limit", "4 KB")
	}
	return nil
}

// tell writes an answer down, so that its file can be fetched and a verdict on
// it be given, publishes it, and records that it was told. A crash in between
// tells it twice, which is better than not at all.
func (e *Engine) tell(ctx context.Context, r request, what told, answer api.LicenseAnswer) error {
	_, err := e.config.DB.ExecContext(ctx, `UPDATE license_request SET answer = ?, updated = ? WHERE id = ?`,
		string(encode(answer)), e.now().UnixMilli(), r.id)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // a service that stops finishes this
	e.publish(ctx, api.EventLicenseVerify, r.session, r.product, answer)
	_, err = e.config.DB.ExecContext(ctx, `UPDATE license_request SET told = ? WHERE id = ?`, what, r.id)
	e.changed()
	return err
}

// pendingAnswer is what a session hears that has to wait.
func (e *Engine) pendingAnswer(r request, signedIn bool, k *kept) api.LicenseAnswer {
	reason := r.reason
	switch _, blocked := k.state(e.now()); {
	case blocked != nil:
		reason = blocked
	case !signedIn:
		reason = api.Fail(api.SignedOut)
	case reason == nil:
		reason = api.Fail(api.LicensePending)
	}
	return api.LicenseAnswer{Request: r.id, EventID: r.application, State: api.LicensePendingState, Kind: r.kind, Reason: reason, Tag: r.tag}
}

// decisionAnswer is what a session hears when the decision is there. A grant
// lives in what is kept.
func decisionAnswer(r request, k *kept) api.LicenseAnswer {
	if r.state == api.LicenseGranted && k != nil {
		return k.answer(r, false)
	}
	return api.LicenseAnswer{Request: r.id, EventID: r.application, State: r.state, Kind: r.kind, Reason: r.reason, Tag: r.tag}
}

// same tells whether a session that has answer a need not hear of b.
func same(a *api.LicenseAnswer, b api.LicenseAnswer) bool {
	return a != nil && a.State == b.State && a.Content == b.Content && strings.EqualFold(a.SHA256, b.SHA256) && a.FileName == b.FileName
}

func internal(err error) error {
	if e := api.AsError(err); e.Code != api.Internal {
		return e
	}
	return api.Fail(api.Internal).Because(err)
}
