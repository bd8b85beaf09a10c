package server

import (
	"net/http"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/web"
)

// apiVersion is the version of the agent API.
const apiVersion = 1

// routes adds what belongs to no engine.
func (s *Server) routes(r web.Router) {
	r.Handle("GET /api/agent/v1/info", web.Public, s.info)
	r.Handle("GET /api/agent/v1/me", web.Bearer, me)
	r.Handle("POST /api/admin/v1/clients", web.Admin, s.addClient)
	r.Handle("GET /api/agent/v1/push", web.Bearer, s.hub.Handler(s.config.Push, s.accounts.Alive))
}

func (s *Server) info(w http.ResponseWriter, _ *http.Request) error {
	return web.WriteJSON(w, http.StatusOK, agentapi.Info{
		Name: "iscmarket", Version: s.config.Version, API: apiVersion,
		Time: time.Now().UTC(), HeartbeatSeconds: int(s.config.Heartbeat.Seconds()),
	})
}

func me(w http.ResponseWriter, r *http.Request) error {
	user := web.UserOf(r.Context())
	return web.WriteJSON(w, http.StatusOK, agentapi.Me{
		ID: user.ID, UserName: user.UserName, Name: user.Name, Email: user.Email, Tenant: user.Tenant, TenantName: user.TenantName,
	})
}
