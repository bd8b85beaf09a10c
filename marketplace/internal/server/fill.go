package server

import (
	"context"

	"iscdesk.dev/marketplace/internal/seed"
	"iscdesk.dev/marketplace/internal/web"
)

// fill gives the users of the sample tenant products, models and applications.
func (s *Server) fill(ctx context.Context, samples SampleAccounts) error {
	var users []web.User
	for _, a := range samples.Accounts {
		if a.Tenant != SampleTenant {
			continue
		}
		user, err := s.accounts.UserByName(ctx, a.UserName)
		if err != nil {
			return err
		}
		users = append(users, user)
	}
	return seed.Fill(ctx, seed.Market{
		Licensing: s.licensing, Catalogue: s.catalogue, Documents: s.documents, Users: users,
		State: s.config.State, URL: s.config.URL, Write: WriteFileAtomic,
	})
}
