package server

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/actor"
)

// policy is what the administrator has set. It concerns no single user and
// holds no secret.
func (s *Server) policy(context.Context, *call) (any, error) {
	if s.cfg.Policy == nil {
		return api.Policy{Settings: []api.PolicySetting{}, Problems: []*api.Error{}, Places: []string{}}, nil
	}
	p := s.cfg.Policy()
	p.Settings, _ = some(p.Settings, nil)
	p.Problems, _ = some(p.Problems, nil)
	p.Places, _ = some(p.Places, nil)
	return p, nil
}

// mayInstall fails with api.PolicyForbids where the administrator lets others
// install only.
func (s *Server) mayInstall(who actor.Actor) error {
	if s.cfg.MayInstall == nil {
		return nil
	}
	return s.cfg.MayInstall(who.Admin())
}

func (s *Server) install(ctx context.Context, c *call) (any, error) {
	if err := s.mayInstall(c.conn.who); err != nil {
		return nil, err
	}
	return named("product", func(ctx context.Context, u *User, product string) (nothing, error) {
		return nothing{}, u.Apps.Install(ctx, product)
	})(ctx, c)
}

// answerUpgrade takes anybody's no, and the yes of those who may install.
func (s *Server) answerUpgrade(ctx context.Context, c *call) (any, error) {
	return takes(func(ctx context.Context, u *User, in api.UserUpgradeAnswer) (nothing, error) {
		if in.Accept {
			if err := s.mayInstall(c.conn.who); err != nil {
				return nothing{}, err
			}
		}
		return nothing{}, u.Apps.AnswerUser(ctx, in)
	})(ctx, c)
}
