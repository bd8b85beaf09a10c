package licensing

import (
	"context"
	"errors"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/isv"
)

var (
	errNoURL      = errors.New("the vendor has registered no production URL")
	errNoInstance = errors.New("the vendor has not created the instance yet")
)

// perform makes the call of a job and settles what follows from it. The call
// is outside any transaction.
func (s *Service) perform(ctx context.Context, seq int64) error {
	var j job
	err := s.DB.Read(ctx, func(tx database.Tx) (err error) {
		j, err = s.load(ctx, tx, seq)
		return err
	})
	if err != nil {
		if isGone(err) {
			return nil
		}
		return err
	}
	if j.Due.After(s.now()) {
		return nil // it was done and postponed after the list of what is due had been read
	}
	if j.Kind == jobExpire {
		return s.write(ctx, func(w *work) error { return s.expire(ctx, w, seq) })
	}
	answer, err := s.call(ctx, j)
	if ctx.Err() != nil {
		return ctx.Err() // stopped: the job is done again by the next process
	}
	return s.write(ctx, func(w *work) error { return s.settle(ctx, w, j, answer, err) })
}

// call makes the call that a job is about.
func (s *Service) call(ctx context.Context, j job) (isv.Answer, error) {
	if j.endpoint.URL == "" {
		return isv.Answer{}, errNoURL
	}
	if j.Kind != jobNew && j.instance.VendorInstance == "" {
		return isv.Answer{}, errNoInstance
	}
	c := isv.Call{InstanceID: j.instance.VendorInstance, TestFlag: "0"}
	switch j.Kind {
	case jobNew:
		c.Activity, c.InstanceID = isv.ActivityNewInstance, ""
		c.OrderID, c.OrderLineID, c.BusinessID = j.Detail, j.orderLine, newID("")
	case jobGet:
		c.Activity, c.EventID, c.DeviceFingerprint = isv.ActivityGetLicense, j.event.ID, j.event.Fingerprint
		c.EffectiveTime, c.ExpireTime = isv.LicenseTime(j.instance.Effective), isv.LicenseTime(j.instance.Expires)
	case jobStatus:
		c.Activity, c.Status = isv.ActivityUpdateStatus, j.Detail
	case jobRefresh:
		c.Activity, c.Scene = isv.ActivityRefreshInstance, isv.SceneRenewal
		c.OrderID, c.OrderLineID, c.ProductID, c.ExpireTime = j.Detail, j.orderLine, j.instance.Product, j.orderEnd
	case jobRelease:
		c.Activity = isv.ActivityReleaseInstance
	}
	return s.Callbacks.Do(ctx, j.endpoint, c)
}

// settle writes down what follows from a call. called is the job as it stood
// then: if there is somebody else to call by now, the job stays due.
func (s *Service) settle(ctx context.Context, w *work, called job, answer isv.Answer, callErr error) error {
	j, err := s.load(ctx, w, called.Seq)
	if err != nil {
		if isGone(err) {
			return nil
		}
		return err
	}
	if j.Kind == jobGet && j.event.State != statePending {
		return s.drop(ctx, w, j.Seq)
	}
	if callErr != nil && (called.endpoint != j.endpoint || called.instance.VendorInstance != j.instance.VendorInstance) {
		return nil
	}
	o := judge(j.Kind, answer, callErr, j.Event)
	now := s.now()
	if o.step == again && (j.Deadline.IsZero() || now.Before(j.Deadline)) {
		return s.postpone(ctx, w, j, o, callErr)
	}
	if err := s.drop(ctx, w, j.Seq); err != nil {
		return err
	}
	switch j.Kind {
	case jobNew:
		return s.created(ctx, w, j, answer, o)
	case jobGet:
		reason := o.reason
		if o.step == again {
			reason = fault.New(fault.LicenseUndecided, "event", j.Event)
		}
		return s.refuse(ctx, w, j.event, reason)
	}
	if o.step != done {
		s.Log.Warn("the vendor did not take a change of an instance", "job", j.Kind, "instance", j.Instance, "code", answer.ResultCode, "error", callErr)
	}
	return nil
}

// postpone has the job done again later. The time for it runs from the first
// call on; while there is nobody to call, it does not run out.
func (s *Service) postpone(ctx context.Context, w *work, j job, o outcome, callErr error) error {
	now := s.now()
	if j.Deadline.IsZero() && !errors.Is(callErr, errNoURL) {
		j.Deadline = now.Add(s.Timing.RetryFor)
	}
	trouble := ""
	if callErr != nil {
		trouble = callErr.Error()
	}
	if j.Attempts == 0 && callErr != nil {
		s.Log.Info("vendor not reached; trying again", "job", j.Kind, "instance", j.Instance, "event", j.Event, "error", callErr)
	}
	_, err := w.Exec(ctx, `UPDATE vendor_job SET attempts = attempts + 1, due = ?, deadline = ?, trouble = ? WHERE seq = ?`,
		database.Millis(s.retryAt(now, j.Deadline)), database.Millis(j.Deadline), trouble, j.Seq)
	if err != nil || j.Kind != jobGet || string(o.reason.Code) == j.event.Reason {
		return err
	}
	_, err = w.Exec(ctx, `UPDATE license_event SET reason = ?, updated = ? WHERE id = ?`, string(o.reason.Code), database.Millis(now), j.Event)
	w.decided(j.event) // the reason is another: agents look again
	return err
}

// retryAt is when the next call is made: the last one at the deadline.
func (s *Service) retryAt(now, deadline time.Time) time.Time {
	next := now.Add(s.Timing.RetryEvery)
	if !deadline.IsZero() && next.After(deadline) {
		return deadline
	}
	return next
}

// created ends newInstance.
func (s *Service) created(ctx context.Context, w *work, j job, answer isv.Answer, o outcome) error {
	if o.step == done {
		_, err := w.Exec(ctx, `UPDATE instance SET vendor_instance = ?, state = CASE state WHEN 'creating' THEN 'active' ELSE state END WHERE id = ?`,
			answer.InstanceID, j.Instance)
		if err != nil {
			return err
		}
		if _, err := w.Exec(ctx, `UPDATE vendor_job SET due = ? WHERE instance = ? AND kind = 'get'`, database.Millis(s.now()), j.Instance); err != nil {
			return err
		}
		if j.instance.State != stateCreating {
			return nil // frozen or released meanwhile: the next job of the lane says so
		}
		return s.changed(ctx, w, j.Instance, agentapi.LicenseChangeNoticeChangeAssigned)
	}
	if _, err := w.Exec(ctx, `DELETE FROM vendor_job WHERE lane = ?`, j.Lane); err != nil {
		return err
	}
	code, message := "", ""
	if o.step == refused {
		code, message = answer.ResultCode, answer.ResultMsg
	}
	_, err := w.Exec(ctx, `UPDATE instance SET state = 'failed', fail_code = ?, fail_message = ? WHERE id = ? AND state = 'creating'`, code, message, j.Instance)
	if err != nil || o.step == again {
		return err
	}
	return s.refuseAll(ctx, w, j.Instance, refusal(answer, j.Detail))
}

// expire tells the holders of an instance that its time is over. If it was
// renewed meanwhile, its end is awaited again.
func (s *Service) expire(ctx context.Context, w *work, seq int64) error {
	j, err := s.load(ctx, w, seq)
	if err != nil {
		if isGone(err) {
			return nil
		}
		return err
	}
	if err := s.drop(ctx, w, seq); err != nil {
		return err
	}
	if j.instance.Expires.After(s.now()) {
		return s.awaitEnd(ctx, w, j.Instance)
	}
	if j.instance.State == stateReleased {
		return nil
	}
	if err := s.revokeLeases(ctx, w, j.Instance); err != nil {
		return err
	}
	return s.changed(ctx, w, j.Instance, agentapi.LicenseChangeNoticeChangeExpired)
}
