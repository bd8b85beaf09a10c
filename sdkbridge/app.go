package sdkbridge

import "iscdesk.dev/agent/api"

// CheckNewVersions asks the catalogue; the answer is EventUpgradeNotice.
func (s *Session) CheckNewVersions(tag string) error {
	if err := checkText("tag", tag, maxText); err != nil {
		return err
	}
	s.notice.Store(&tag)
	return s.call(api.CallAppCheck, nil, nil)
}

// UpgradeNotify is the application's answer to EventUpdate.
func (s *Session) UpgradeNotify(accept bool) error {
	return s.call(api.CallAppAnswer, api.UpgradeAnswer{Accept: accept}, nil)
}

func (s *Session) noticed(n api.UpgradeNotice) {
	tag := ""
	if t := s.notice.Swap(nil); t != nil {
		tag = *t
	}
	e := newEnvelope(EventUpgradeNotice, tag).truth("available", n.Available)
	if n.Available {
		e.text("version", n.Version).truth("forced", n.Forced).some("notes", n.Notes)
	}
	if n.Reason != nil {
		e.because(n.Reason, s.lang)
	}
	s.queue.push(e.event())
}

func (s *Session) ordered(o api.UpgradeOrder) {
	s.queue.push(newEnvelope(EventUpdate, "").truth("fromForceWin", o.Forced).some("version", o.Version).event())
}

func (s *Session) installing(p api.InstallProgress) {
	e := newEnvelope(EventInstallProgress, "").text("state", p.State).text("version", p.Version).
		number("done", p.Done).number("total", p.Total)
	if p.Reason != nil {
		e.because(p.Reason, s.lang)
	}
	s.queue.push(e.event())
}
