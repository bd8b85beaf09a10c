package solving

import (
	"net/http"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/web"
)

// Routes adds what agents may call.
func (s *Service) Routes(r web.Router) {
	const api = "/api/agent/v1/solves"
	r.Handle("GET "+api, web.Bearer, func(w http.ResponseWriter, r *http.Request) error {
		list, err := s.List(r.Context(), web.UserOf(r.Context()).ID)
		return answer(w, http.StatusOK, agentapi.SolveList{Solves: list}, err)
	})
	r.Handle("POST "+api, web.Bearer, func(w http.ResponseWriter, r *http.Request) error {
		q, err := web.ReadJSON[agentapi.SolveSubmit](w, r, web.MaxJSON)
		if err != nil {
			return err
		}
		job, err := s.Submit(r.Context(), web.UserOf(r.Context()), q)
		return answer(w, http.StatusCreated, job, err)
	})
	r.Handle("GET "+api+"/{id}", web.Bearer, func(w http.ResponseWriter, r *http.Request) error {
		job, err := s.Job(r.Context(), web.UserOf(r.Context()).ID, r.PathValue("id"))
		return answer(w, http.StatusOK, job, err)
	})
	r.Handle("DELETE "+api+"/{id}", web.Bearer, func(w http.ResponseWriter, r *http.Request) error {
		job, err := s.Cancel(r.Context(), web.UserOf(r.Context()).ID, r.PathValue("id"))
		return answer(w, http.StatusOK, job, err)
	})
}

func answer(w http.ResponseWriter, status int, value any, err error) error {
	if err != nil {
		return err
	}
	return web.WriteJSON(w, status, value)
}
