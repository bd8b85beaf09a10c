package server

import (
	"context"
	"slices"
	"strings"

	"iscdesk.dev/agent/api"
)

// state is the whole state of the user who asks.
func (s *Server) state(ctx context.Context, c *call) (any, error) {
	return s.stateOf(ctx, c.user, c.tenant), nil
}

func (s *Server) stateOf(ctx context.Context, u *User, t *tenant) *api.State {
	return s.sectionsOf(ctx, u, t, []string{
		api.SectionAccount, api.SectionLicenses, api.SectionTransfers, api.SectionPicks,
		api.SectionApps, api.SectionSolves, api.SectionSessions, api.SectionHealth,
		api.SectionConflicts, api.SectionRecent,
		api.SectionMessages, api.SectionSettings,
	})
}

// sectionsOf fills the named sections. A section that cannot be had is empty:
// what is wrong stands in the health section and in the engine's own calls.
func (s *Server) sectionsOf(ctx context.Context, u *User, t *tenant, sections []string) *api.State {
	ctx, cancel := within(ctx, s.cfg.Limits.CallWait)
	defer cancel()
	st := &api.State{Service: s.cfg.Service}
	for _, name := range sections {
		switch name {
		case api.SectionAccount:
			st.Account = u.Account.State()
		case api.SectionLicenses:
			st.Licenses = section(s, name, func() ([]api.License, error) { return u.Licenses.List(ctx) })
		case api.SectionTransfers:
			st.Transfers, st.Uploads = u.Files.Transfers(), u.Files.Uploads()
		case api.SectionConflicts:
			st.Conflicts = section(s, name, func() ([]api.Conflict, error) { return u.Files.Conflicts(ctx) })
		case api.SectionRecent:
			st.Recent = section(s, name, func() ([]api.Recent, error) { return u.Files.Recent(ctx) })
		case api.SectionPicks:
			st.Picks = u.Files.Picks()
		case api.SectionApps:
			st.Apps = section(s, name, func() ([]api.App, error) { return u.Apps.List(ctx) })
		case api.SectionSolves:
			st.Solves = section(s, name, func() ([]api.Solve, error) { return u.Solves.List(ctx) })
		case api.SectionSessions:
			st.Sessions = t.list()
		case api.SectionHealth:
			st.Health = u.Health.Warnings()
		case api.SectionMessages:
			st.Messages = section(s, name, func() ([]api.Message, error) { return latest(ctx, u) })
		case api.SectionSettings:
			st.Settings = u.Settings.Settings()
		}
	}
	noNulls(st)
	return st
}

func section[T any](s *Server, name string, get func() ([]T, error)) []T {
	list, err := get()
	if err != nil {
		s.cfg.Log.Debug("section of the state", "section", name, "err", err)
	}
	return list
}

func noNulls(st *api.State) {
	st.Licenses, _ = some(st.Licenses, nil)
	st.Transfers, _ = some(st.Transfers, nil)
	st.Picks, _ = some(st.Picks, nil)
	st.Apps, _ = some(st.Apps, nil)
	st.Solves, _ = some(st.Solves, nil)
	st.Sessions, _ = some(st.Sessions, nil)
	st.Health, _ = some(st.Health, nil)
	st.Conflicts, _ = some(st.Conflicts, nil)
	st.Recent, _ = some(st.Recent, nil)
	st.Messages, _ = some(st.Messages, nil)
}

// list gives the user's sessions, the oldest first.
func (t *tenant) list() []api.Session {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]api.Session, 0, len(t.sessions))
	for _, w := range t.sessions {
		all = append(all, w.app)
	}
	slices.SortFunc(all, func(a, b api.Session) int {
		if a.Since != b.Since {
			return int(a.Since - b.Since)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}
