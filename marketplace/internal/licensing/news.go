package licensing

import (
	"context"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
)

// work is a writing transaction that gathers what agents are told once it is
// committed.
type work struct {
	database.Tx
	news []notice
	// after runs once the transaction is committed.
	after []func()
}

type notice struct {
	users   []string
	message agentapi.PushMessage
}

func (w *work) tell(message agentapi.PushMessage, users ...string) {
	w.news = append(w.news, notice{users, message})
}

func (w *work) decided(e event) {
	w.tell(agentapi.PushMessage{Type: agentapi.LicenseDecided, ID: e.ID}, e.User)
}

// write runs f in a transaction; what it told is pushed if it was committed.
func (s *Service) write(ctx context.Context, f func(*work) error) error {
	var w work
	err := s.DB.Write(ctx, func(tx database.Tx) error {
		w = work{Tx: tx}
		return f(&w)
	})
	if err != nil {
		return err
	}
	for _, f := range w.after {
		f()
	}
	for _, n := range w.news {
		s.Push.Send(n.users, n.message)
	}
	return nil
}

// changed tells the holders of an instance what became of it.
func (s *Service) changed(ctx context.Context, w *work, id string, change agentapi.LicenseChangeNoticeChange) error {
	i, err := instanceByID(ctx, w, id)
	if err != nil {
		return err
	}
	users, err := holders(ctx, w, id)
	if err != nil {
		return err
	}
	w.tell(agentapi.PushMessage{Type: agentapi.LicenseChanged, ID: id, License: agentapi.LicenseChangeNotice{
		Product: i.Product, Instance: id, Change: change, ExpireTime: i.Expires,
		Status: agentapi.LicenseChangeNoticeStatus(i.status(s.now())),
	}}, users...)
	return nil
}
