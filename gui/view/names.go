package view

import "iscdesk.dev/agent/api"

// ProductName is what people call a product: as the catalogue or a licence
// names it, else the product's own id.
func ProductName(s api.State, product string) string {
	for _, a := range s.Apps {
		if a.Product == product && a.Name != "" {
			return a.Name
		}
	}
	for _, l := range s.Licenses {
		if l.Product == product && l.ProductName != "" {
			return l.ProductName
		}
	}
	return product
}

// SessionOf finds a connected application; ok tells whether it is connected.
func SessionOf(s api.State, id string) (session api.Session, ok bool) {
	for _, session := range s.Sessions {
		if session.ID == id {
			return session, true
		}
	}
	return api.Session{}, false
}
