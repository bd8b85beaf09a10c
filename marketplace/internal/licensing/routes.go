package licensing

import (
	"mime"
	"net/http"
	"strconv"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/web"
)

const agentAPI = "/api/agent/v1"

// Routes adds what agents, vendors and administrators may call.
func (s *Service) Routes(r web.Router) {
	r.Handle("POST "+agentAPI+"/license-requests", web.Bearer, s.postApplication)
	r.Handle("GET "+agentAPI+"/license-requests/{id}", web.Bearer, s.getApplication)
	r.Handle("GET "+agentAPI+"/license-requests/{id}/file", web.Bearer, s.getLicenseFile)
	r.Handle("POST "+agentAPI+"/license-requests/{id}/verdict", web.Bearer, s.postVerdict)
	r.Handle("GET "+agentAPI+"/licenses", web.Bearer, s.getLicenses)
	r.Handle("POST "+agentAPI+"/leases", web.Bearer, s.postLease)
	r.Handle("POST "+agentAPI+"/leases/{id}/renew", web.Bearer, s.postRenewal)
	r.Handle("DELETE "+agentAPI+"/leases/{id}", web.Bearer, s.deleteLease)

	r.Handle("POST "+isv.PathEventFile, web.Signed, s.signed(s.postUpload))
	r.Handle("GET "+isv.PathOrderQuery, web.Signed, s.signed(s.getOrder))
	r.Handle("PUT "+isv.PathSellerURL, web.Signed, s.signed(s.putProductionURL))

	s.adminRoutes(r)
}

func (s *Service) postApplication(w http.ResponseWriter, r *http.Request) error {
	a, err := web.ReadJSON[agentapi.LicenseApplication](w, r, web.MaxJSON)
	if err != nil {
		return err
	}
	d, err := s.Apply(r.Context(), web.UserOf(r.Context()).ID, a)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, d)
}

func (s *Service) getApplication(w http.ResponseWriter, r *http.Request) error {
	d, err := s.Decision(r.Context(), web.UserOf(r.Context()).ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, d)
}

func (s *Service) getLicenseFile(w http.ResponseWriter, r *http.Request) error {
	e, err := s.ownEvent(r.Context(), web.UserOf(r.Context()).ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	if e.State != stateGranted {
		return fault.New(fault.NotFound, "what", e.ID)
	}
	content, err := s.Objects.Get(r.Context(), e.Object)
	if err != nil {
		return fault.New(fault.Internal).Because(err)
	}
	defer func() { _ = content.Close() }()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("ETag", strconv.Quote(e.SHA256))
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": e.FileName}))
	http.ServeContent(w, r, "", e.Created, content)
	return nil
}

func (s *Service) postVerdict(w http.ResponseWriter, r *http.Request) error {
	v, err := web.ReadJSON[agentapi.Verdict](w, r, web.MaxJSON)
	if err != nil {
		return err
	}
	if err := s.Verdict(r.Context(), web.UserOf(r.Context()).ID, r.PathValue("id"), v); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Service) getLicenses(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Licenses(r.Context(), web.UserOf(r.Context()).ID)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, agentapi.LicenseList{Licenses: list})
}

func (s *Service) postLease(w http.ResponseWriter, r *http.Request) error {
	a, err := web.ReadJSON[agentapi.LeaseApplication](w, r, web.MaxJSON)
	if err != nil {
		return err
	}
	l, err := s.Acquire(r.Context(), web.UserOf(r.Context()).ID, a)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusCreated, l)
}

func (s *Service) postRenewal(w http.ResponseWriter, r *http.Request) error {
	l, err := s.RenewLease(r.Context(), web.UserOf(r.Context()).ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, l)
}

func (s *Service) deleteLease(w http.ResponseWriter, r *http.Request) error {
	if err := s.ReleaseLease(r.Context(), web.UserOf(r.Context()).ID, r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
