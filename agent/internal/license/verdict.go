package license

import (
	"context"
	"errors"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/agentapi"
)

// The verdicts of an application, as License.Requests shows them.
const (
	verdictAccepted = "accepted"
	verdictRejected = "rejected"
)

// Verdict records what an application says of the licence that it was given
// last, and reports it to the marketplace when that can be reached.
func (e *Engine) Verdict(ctx context.Context, app api.Session, v api.LicenseVerdict) error {
	if len(v.Message) > maxMessage {
		v.Message = v.Message[:maxMessage]
	}
	verdict := verdictRejected
	if v.Accepted {
		verdict = verdictAccepted
	}
	now := e.now().UnixMilli()
	changed, err := e.config.DB.ExecContext(ctx, `UPDATE license_request
		SET verdict = ?, verdict_message = ?, verdict_attempts = 0, verdict_due = ?, updated = ?
		WHERE number = (SELECT max(number) FROM license_request WHERE session = ? AND answer != '')`,
		verdict, v.Message, now, now, app.ID)
	if err != nil {
		return internal(err)
	}
	if n, err := changed.RowsAffected(); err != nil || n == 0 {
		return api.Fail(api.NotFound, "what", "licence answer")
	}
	if !v.Accepted {
		e.log.Warn("an application did not accept its licence", "product", app.Product, "message", v.Message)
	}
	e.look()
	e.changed()
	return nil
}

// report tells the marketplace a verdict.
func (e *Engine) report(ctx context.Context, r request) {
	err := e.reportNow(ctx, r)
	if ctx.Err() != nil {
		return
	}
	due := int64(0)
	if err != nil {
		why := trouble(err)
		if !gone(why) {
			due = e.now().Add(jittered(growing(pauseFirst, pauseMost, r.verdictAttempts))).UnixMilli()
		}
		e.log.Info("a verdict could not be reported", "product", r.product, "error", why, "again", due != 0)
	}
	_, err = e.config.DB.ExecContext(ctx, `UPDATE license_request SET verdict_due = ?, verdict_attempts = verdict_attempts + 1
		WHERE id = ? AND verdict = ? AND verdict_message = ?`, due, r.id, r.verdict, r.verdictMessage)
	e.logOn(err, "a reported verdict could not be recorded")
}

func (e *Engine) reportNow(ctx context.Context, r request) error {
	if r.answer == nil || r.answer.EventID == "" {
		return nil // the marketplace knows nothing of what was answered
	}
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	return e.config.Market.ReportVerdict(ctx, r.answer.EventID, agentapi.Verdict{Accepted: r.verdict == verdictAccepted, Message: r.verdictMessage})
}

// gone tells that there is nobody to report to.
func gone(err *api.Error) bool {
	return errors.Is(err, api.NotFound) || errors.Is(err, api.InvalidArgument) || errors.Is(err, api.PermissionDenied)
}
