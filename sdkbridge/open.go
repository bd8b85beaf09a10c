package sdkbridge

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
)

// OpenCloudFile lets the user pick a document; the answer is EventOpenFile.
func (s *Session) OpenCloudFile(tag string) error {
	if err := checkText("tag", tag, maxText); err != nil {
		return err
	}
	s.requests.asking.Lock()
	defer s.requests.asking.Unlock()
	var ticket api.PickTicket
	if err := s.call(api.CallDocumentPick, nil, &ticket); err != nil {
		return err
	}
	s.requests.remember(ticket.Pick, request{tag: tag})
	return nil
}

// picked fetches what the user has picked and tells the application where it
// is.
func (s *Session) picked(p api.Picked) {
	tag := s.requests.lookup(p.Pick).tag
	failed := workspace.Opened{OpenedDocument: api.OpenedDocument{Path: p.Path, Kind: p.Kind}}
	if p.Reason != nil {
		s.queue.push(openedEvent(failed, tag, p.Reason, s.lang))
		return
	}
	s.jobs.fetch(func(ctx context.Context) {
		var opened workspace.Opened
		err := error(api.Fail(api.Internal)) // what a panic leaves
		s.recovered("open", func() { opened, err = s.fetch(ctx, p) })
		if err != nil {
			opened = failed
		}
		s.queue.push(openedEvent(opened, tag, err, s.lang))
	})
}

// fetch brings a document into the workspace.
func (s *Session) fetch(ctx context.Context, p api.Picked) (workspace.Opened, error) {
	conn, err := s.transferWhenUp(ctx)
	if err != nil {
		return workspace.Opened{}, err
	}
	defer func() { _ = conn.Close() }() // the document is verified and in place
	return s.documents.Open(ctx, conn, p)
}

func openedEvent(o workspace.Opened, tag string, err error, lang api.Language) Event {
	e := newEnvelope(EventOpenFile, tag)
	e.text("mainFile", o.LocalPath).text("openType", orElse(o.OpenType, api.OpenOnly)).
		text("workState", orElse(o.WorkState, api.CheckedIn)).truth("assembly", o.Kind == api.Assembly)
	e.some("path", o.Path)
	if err != nil {
		return e.because(err, lang).event()
	}
	return e.number("version", int64(o.Version)).some("localChangesMovedTo", o.Aside).event()
}
