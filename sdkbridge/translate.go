package sdkbridge

import (
	"encoding/json"

	"iscdesk.dev/agent/api"
)

// take turns an event of the service into what the application gets. Events
// that this library does not know are left alone: the service may be newer.
func (s *Session) take(e api.Event) {
	switch e.Name {
	case api.EventHeartbeat:
		with(s, e, func(b api.Heartbeat) { s.queue.push(s.heartbeatEvent(b)) })
	case api.EventServiceClosing:
		s.queue.push(newEnvelope(EventClosed, "").because(api.Fail(api.ShuttingDown), s.lang).event())
	case api.EventLicenseVerify:
		with(s, e, s.licenseAnswered)
	case api.EventLicenseChanged:
		with(s, e, s.licenseChanged)
	case api.EventLeaseRenewed:
		with(s, e, s.renewed)
	case api.EventLeaseLost:
		with(s, e, s.leaseLost)
	case api.EventDocumentPicked:
		with(s, e, s.picked)
	case api.EventUploadProgress:
		with(s, e, s.uploading)
	case api.EventDocumentPublished:
		with(s, e, s.published)
	case api.EventUpgradeNotice:
		with(s, e, s.noticed)
	case api.EventUpgrade:
		with(s, e, s.ordered)
	case api.EventInstallProgress:
		with(s, e, s.installing)
	case api.EventSolve:
		with(s, e, s.solved)
	}
}

// with reads the data of an event and hands it to f.
func with[T any](s *Session, e api.Event, f func(T)) {
	var data T
	if err := json.Unmarshal(e.Data, &data); err != nil {
		s.failure("event "+e.Name, api.Fail(api.Protocol).Because(err))
		return
	}
	f(data)
}

func (s *Session) licenseChanged(c api.LicenseChange) {
	e := newEnvelope(EventLicenseChanged, "").text("change", c.Change).text("status", c.Status)
	if c.ExpireTime != 0 {
		e.number("expireTime", c.ExpireTime)
	}
	if c.Reason != nil {
		e.because(c.Reason, s.lang)
	}
	s.queue.push(e.event())
}

func (s *Session) uploading(p api.UploadProgress) {
	s.queue.push(newEnvelope(EventUploadProgress, "").text("path", p.Path).number("sent", p.Sent).
		number("total", p.Total).text("operation", p.Operation).event())
}

func (s *Session) published(p api.Published) {
	status := "published"
	switch {
	case p.ConflictOf != "":
		status = "conflict"
		if p.Reason == nil {
			p.Reason = api.Fail(api.DocumentConflict, "path", p.ConflictOf, "copy", p.Path)
		}
	case p.Reason != nil:
		status = "failed"
	}
	e := newEnvelope(EventPublishResult, p.Tag).text("status", status).text("filePath", p.LocalPath).text("path", p.Path)
	if p.Version != 0 {
		e.number("version", int64(p.Version))
	}
	e.some("conflictOf", p.ConflictOf).text("operation", p.Operation)
	if p.Reason != nil {
		e.because(p.Reason, s.lang)
	}
	s.queue.push(e.event())
}
