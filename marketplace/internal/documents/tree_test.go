package documents_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
)

func TestEveryUserHasHisOwnSpace(t *testing.T) {
	m := open(t)
	spaces, err := call[agentapi.SpaceList](m.engineer(), http.MethodGet, "/spaces", nil)
	m.must(err)
	if len(spaces.Spaces) != 2 || spaces.Spaces[0].Name != "engineer" || !spaces.Spaces[0].Personal || spaces.Spaces[1].Name != "shared" || spaces.Spaces[1].Personal {
		t.Errorf("spaces %+v", spaces)
	}
	if names := m.colleague().names("/"); !slices.Equal(names, []string{"colleague", "shared"}) {
		t.Errorf("the colleague sees %q", names)
	}
}

// TestOthersAreInvisible tries every call on what the caller may not see: it
// is answered as if it were not there.
func TestOthersAreInvisible(t *testing.T) {
	m := open(t)
	engineer := m.engineer()
	mine := engineer.save("op1", "/engineer/secret.step", 0, "secret").Document
	shared := engineer.save("op2", "/shared/plan.step", 0, "plan").Document
	if got := m.colleague().read("/shared/plan.step"); got != "plan" {
		t.Errorf("a colleague reads %q in the shared space", got)
	}
	for _, c := range []struct {
		name string
		who  user
		doc  agentapi.Document
	}{
		{"a colleague and a personal document", m.colleague(), mine},
		{"a stranger and a personal document", m.stranger(), mine},
		{"a stranger and a shared document", m.stranger(), shared},
	} {
		at := "/documents/" + c.doc.ID
		publish := single("x"+c.name, c.doc.Path, 1, "mine")
		publish.DocumentID = c.doc.ID
		c.who.upload("mine")
		for _, request := range []struct {
			method, path string
			body         any
		}{
			{"GET", "/documents?path=" + url.QueryEscape(c.doc.Path), nil},
			{"GET", at, nil},
			{"GET", at + "/versions", nil},
			{"GET", at + "/versions/1/manifest", nil},
			{"POST", at + "/versions/1/chunks", agentapi.HashList{Hashes: []string{hashOf([]byte("secret"))}}},
			{"POST", at + "/checkout", nil},
			{"POST", at + "/checkin", nil},
			{"POST", at + "/restore", agentapi.Restore{OperationID: "r" + c.name, Version: 1}},
			{"POST", "/versions", publish},
		} {
			_, err := call[struct{}](c.who, request.method, request.path, request.body)
			m.expect(c.name+" "+request.method+" "+request.path, err, 404, fault.NotFound)
		}
	}
	_, err := call[agentapi.EntryList](m.colleague(), http.MethodGet, "/entries?path=/engineer", nil)
	m.expect("a colleague lists a personal space", err, 404, fault.NotFound)
	_, err = call[struct{}](m.colleague(), http.MethodPost, "/folders", agentapi.FolderCreate{Path: "/engineer/x"})
	m.expect("a colleague makes a folder there", err, 404, fault.NotFound)
	_, err = m.colleague().publish(single("y", "/engineer/x.step", 0, "mine"))
	m.expect("a colleague publishes there", err, 404, fault.NotFound)
	if names := m.stranger().names("/shared"); len(names) != 0 {
		t.Errorf("a stranger sees %q", names)
	}
	_, err = call[struct{}](user{m, "nobody"}, http.MethodGet, "/spaces", nil)
	m.expect("nobody", err, 401, fault.SignedOut)
}

func TestFoldersAndListing(t *testing.T) {
	m := open(t)
	u := m.engineer()
	for range 2 {
		_, err := call[struct{}](u, http.MethodPost, "/folders", agentapi.FolderCreate{Path: "/engineer/z/deep/er"})
		m.must(err)
	}
	doc := u.save("op", "/engineer/a.step", 0, "one").Document
	list, err := call[agentapi.EntryList](u, http.MethodGet, "/entries?path=/Engineer", nil)
	m.must(err)
	if len(list.Entries) != 2 || !list.Entries[0].Folder || list.Entries[0].Path != "/engineer/z" || list.Entries[1].Folder || list.Entries[1].Document != doc || list.Path != "/engineer" {
		t.Errorf("listing %+v", list)
	}
	for _, c := range []struct {
		path   string
		status int
		code   fault.Code
	}{{"/engineer/none", 404, fault.NotFound}, {"/engineer/a.step", 400, fault.InvalidArgument}, {"engineer", 400, fault.NameInvalid}, {"/engineer/..", 400, fault.NameInvalid}} {
		_, err := call[agentapi.EntryList](u, http.MethodGet, "/entries?path="+url.QueryEscape(c.path), nil)
		m.expect("listing "+c.path, err, c.status, c.code)
	}
	_, err = call[struct{}](u, http.MethodPost, "/folders", agentapi.FolderCreate{Path: "/engineer/a.step/x"})
	m.expect("a folder below a document", err, 409, fault.Exists)
	_, err = call[struct{}](u, http.MethodPost, "/folders", agentapi.FolderCreate{Path: "/newspace"})
	m.expect("a new space", err, 403, fault.PermissionDenied)
	_, err = u.find("/engineer/z")
	m.expect("a folder as document", err, 404, fault.NotFound)
}

func TestHostileNames(t *testing.T) {
	m := open(t)
	u := m.engineer()
	u.upload("x")
	for _, name := range []string{"", ".", "..", "a/../b", "a//b", "a\x00b", "a\nb", "a\\b", "..\\..\\x", strings.Repeat("a", 256), "\u0085", "a\x7f"} {
		_, err := u.publish(single("op", "/engineer/"+name, 0, "x"))
		m.expect("publish "+name, err, 400, fault.NameInvalid)
		_, err = call[struct{}](u, http.MethodPost, "/folders", agentapi.FolderCreate{Path: "/engineer/" + name})
		m.expect("folder "+name, err, 400, fault.NameInvalid)
	}
	_, err := u.publish(single("op", "/engineer/"+strings.Repeat("a/", 40)+"b", 0, "x"))
	m.expect("too deep", err, 400, fault.NameInvalid)
	_, err = u.publish(single("op", "/engineer", 0, "x"))
	m.expect("a space", err, 400, fault.NameInvalid)
	for i, name := range []string{"梁.step", "CON", "a:b", "…", "a b.", strings.Repeat("é", 127)} {
		r, err := u.publish(single(fmt.Sprint("op ", i), "/engineer/"+name, 0, "x"))
		if err != nil || r.Document.Name != name {
			t.Errorf("%q: %q %v", name, r.Document.Name, err)
		}
	}
	r, err := u.publish(single("decomposed", "/engineer/Cafe\u0301.step", 0, "x"))
	if err != nil || r.Document.Name != "Caf\u00e9.step" {
		t.Errorf("decomposed: %q %v", r.Document.Name, err)
	}
	if _, err := u.find("/engineer/caf\u00c9.step"); err != nil {
		t.Errorf("found by another spelling: %v", err)
	}
}
