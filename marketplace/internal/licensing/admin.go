package licensing

import (
	"context"
	"net/http"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// AdminAPI is where administrators of the marketplace call it.
const AdminAPI = "/api/admin/v1"

// AdminLicense is an instance as administrators see it.
type AdminLicense struct {
	agentapi.LicenseInfo
	State   string   `json:"state"`
	Tenant  string   `json:"tenant"`
	Users   []string `json:"users"`
	Vendor  string   `json:"vendor"`
	Trouble string   `json:"trouble,omitempty"` // what keeps the vendor from being told
	// Requests are the applications of the instance.
	Requests []AdminRequest `json:"requests"`
}

// AdminRequest is an application for a licence and its verdict.
type AdminRequest struct {
	EventID        string `json:"eventId"`
	User           string `json:"user"`
	Kind           string `json:"kind"`
	State          string `json:"state"`
	Reason         string `json:"reason,omitempty"`
	Verdict        string `json:"verdict,omitempty"`
	VerdictMessage string `json:"verdictMessage,omitempty"`
}

// AdminLicenses answers the list of licences.
type AdminLicenses struct {
	Licenses []AdminLicense `json:"licenses"`
}

// AdminRenewal is the body of a renewal.
type AdminRenewal struct {
	Years int `json:"years"`
}

// AdminProduct is a product to be sold to one user, with the vendor that is
// to license it.
type AdminProduct struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Vendor   string   `json:"vendor"`
	UserName string   `json:"userName"`
	Seats    int      `json:"seats"`
	Features []string `json:"features,omitempty"`
	Years    int      `json:"years"`
	Trial    bool     `json:"trial,omitempty"`
}

// AdminSold tells what a product became.
type AdminSold struct {
	Product  string `json:"product"`
	Instance string `json:"instance"`
}

func (s *Service) adminRoutes(r web.Router) {
	r.Handle("GET "+AdminAPI+"/licenses", web.Admin, s.adminList)
	r.Handle("POST "+AdminAPI+"/products", web.Admin, s.adminProduct)
	simple := map[string]func(context.Context, string) error{
		"freeze": s.Freeze, "unfreeze": s.Unfreeze, "release": s.Release, "retry": s.Retry,
	}
	for name, do := range simple {
		r.Handle("POST "+AdminAPI+"/licenses/{id}/"+name, web.Admin, func(w http.ResponseWriter, r *http.Request) error {
			if err := do(r.Context(), r.PathValue("id")); err != nil {
				return err
			}
			w.WriteHeader(http.StatusNoContent)
			return nil
		})
	}
	r.Handle("POST "+AdminAPI+"/licenses/{id}/renew", web.Admin, func(w http.ResponseWriter, r *http.Request) error {
		renewal, err := web.ReadJSON[AdminRenewal](w, r, web.MaxJSON)
		if err != nil {
			return err
		}
		if err := s.Renew(r.Context(), r.PathValue("id"), renewal.Years); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

func (s *Service) adminProduct(w http.ResponseWriter, r *http.Request) error {
	p, err := web.ReadJSON[AdminProduct](w, r, web.MaxJSON)
	if err != nil {
		return err
	}
	instance, err := s.Sell(r.Context(), p)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusCreated, AdminSold{Product: p.ID, Instance: instance})
}

// Sell adds a product unless it is there already, and places an order of it
// for a user. It gives the instance.
func (s *Service) Sell(ctx context.Context, p AdminProduct) (string, error) {
	user, err := s.Users.UserByName(ctx, p.UserName)
	if err != nil {
		return "", err
	}
	err = s.AddProduct(ctx, Product{ID: p.ID, Name: p.Name, Vendor: p.Vendor})
	if err != nil && fault.As(err).Code != fault.Exists {
		return "", err
	}
	return s.PlaceOrder(ctx, Order{
		Product: p.ID, Buyer: user, Users: []string{user.ID}, Seats: p.Seats, Features: p.Features, Years: p.Years, Trial: p.Trial,
	})
}

func (s *Service) adminList(w http.ResponseWriter, r *http.Request) error {
	list := AdminLicenses{Licenses: []AdminLicense{}}
	err := s.DB.Read(r.Context(), func(tx database.Tx) error {
		all, err := instances(r.Context(), tx, `ORDER BY i.created, i.id`)
		if err != nil {
			return err
		}
		for _, i := range all {
			a, err := s.adminLicense(r.Context(), tx, i)
			if err != nil {
				return err
			}
			list.Licenses = append(list.Licenses, a)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, list)
}

func (s *Service) adminLicense(ctx context.Context, tx database.Tx, i instance) (AdminLicense, error) {
	a := AdminLicense{State: i.State, Tenant: i.Tenant, Vendor: i.Vendor, Requests: []AdminRequest{}}
	var err error
	if a.LicenseInfo, err = describe(ctx, tx, i, s.now()); err != nil {
		return a, err
	}
	if a.Users, err = holders(ctx, tx, i.ID); err != nil {
		return a, err
	}
	troubles, err := texts(ctx, tx, `SELECT trouble FROM vendor_job WHERE instance = ? AND trouble <> '' ORDER BY seq LIMIT 1`, i.ID)
	if err != nil {
		return a, err
	}
	if len(troubles) > 0 {
		a.Trouble = troubles[0]
	}
	rows, err := tx.Query(ctx, `SELECT id, user_id, kind, state, reason, verdict, verdict_message FROM license_event WHERE instance = ? ORDER BY created DESC, id LIMIT 100`, i.ID)
	if err != nil {
		return a, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var q AdminRequest
		if err := rows.Scan(&q.EventID, &q.User, &q.Kind, &q.State, &q.Reason, &q.Verdict, &q.VerdictMessage); err != nil {
			return a, err
		}
		a.Requests = append(a.Requests, q)
	}
	return a, rows.Err()
}
