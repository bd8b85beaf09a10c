package documents_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
)

func (u user) setAside(id string, version int) (agentapi.TrashedDocument, error) {
	u.Helper()
	return call[agentapi.TrashedDocument](u, http.MethodPost, "/documents/"+id+"/trash", agentapi.TrashRequest{Version: version})
}

func (u user) takeBack(id, path string) (agentapi.Document, error) {
	u.Helper()
	return call[agentapi.Document](u, http.MethodPost, "/documents/"+id+"/untrash", agentapi.UntrashRequest{Path: path})
}

func (u user) trash(path string) []string {
	u.Helper()
	list, err := call[agentapi.TrashList](u, http.MethodGet, "/trash?path="+url.QueryEscape(path), nil)
	u.must(err)
	paths := []string{}
	for _, d := range list.Documents {
		paths = append(paths, fmt.Sprint(d.Document.Path, " v", d.Document.Current.Number, " by ", d.By))
	}
	return paths
}

func (m *market) same(what string, got, want []string) {
	m.Helper()
	if !slices.Equal(got, want) {
		m.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestSetAsideKeepsEverythingAndFreesTheName(t *testing.T) {
	m := open(t)
	e, c := m.engineer(), m.colleague()
	doc := e.save("o1", "/shared/beams/a.step", 0, "one").Document
	e.save("o2", "/shared/beams/a.step", 1, "two")
	m.push.take()
	trashed, err := c.setAside(doc.ID, 2)
	m.must(err)
	if trashed.By != "colleague" || trashed.Document.Path != "/shared/beams/a.step" || trashed.Since.IsZero() {
		t.Errorf("%+v", trashed)
	}
	m.same("pushed", m.push.take(), []string{"[tenant sample] document_changed " + doc.ID})
	m.same("the folder", e.names("/shared/beams"), []string{})
	_, err = e.find("/shared/beams/a.step")
	m.expect("find", err, 404, fault.NotFound)
	_, err = call[agentapi.Document](e, http.MethodGet, "/documents/"+doc.ID, nil)
	m.expect("get", err, 404, fault.NotFound)
	_, err = call[agentapi.Document](e, http.MethodPost, "/documents/"+doc.ID+"/checkout", nil)
	m.expect("check out", err, 404, fault.NotFound)

	again, err := e.setAside(doc.ID, 0)
	if err != nil || again.By != "colleague" || len(m.push.take()) != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	other := e.save("o3", "/shared/beams/A.step", 0, "another")
	if other.Version.Number != 1 || other.ConflictOf.ID != "" {
		t.Errorf("the name is not free: %+v", other)
	}
	m.same("all", e.trash("/"), []string{"/shared/beams/a.step v2 by colleague"})
	m.same("below", c.trash("/shared/beams"), []string{"/shared/beams/a.step v2 by colleague"})
	m.same("elsewhere", c.trash("/colleague"), []string{})
	m.same("a stranger's", m.stranger().trash("/"), []string{})

	_, err = e.takeBack(doc.ID, "")
	m.expect("back to where another is", err, 409, fault.Exists)
	_, err = e.takeBack(doc.ID, "/engineer/a.step")
	m.expect("out of the space that others see", err, 403, fault.PermissionDenied)
	_, err = m.stranger().takeBack(doc.ID, "")
	m.expect("a stranger", err, 404, fault.NotFound)
	_, err = e.takeBack(doc.ID, "/shared")
	m.expect("to a space", err, 400, fault.NameInvalid)
	back, err := e.takeBack(doc.ID, "/shared/old/b.step")
	if err != nil || back.Path != "/shared/old/b.step" || back.Current.Number != 2 {
		t.Fatalf("back: %+v, %v", back, err)
	}
	if got := c.readVersion(doc.ID, 1) + c.read("/shared/old/b.step"); got != "onetwo" {
		t.Errorf("the versions are %q", got)
	}
	m.same("the trash", e.trash("/"), []string{})
	if back, err = e.takeBack(doc.ID, "/shared/elsewhere.step"); err != nil || back.Path != "/shared/old/b.step" {
		t.Errorf("what is not set aside: %+v, %v", back, err)
	}
}

func TestSetAsideRefuses(t *testing.T) {
	m := open(t)
	e, c := m.engineer(), m.colleague()
	doc := e.save("o1", "/shared/a.step", 0, "one").Document
	_, err := m.stranger().setAside(doc.ID, 1)
	m.expect("a stranger", err, 404, fault.NotFound)
	_, err = e.setAside(doc.ID, 2)
	m.expect("another version", err, 409, fault.DocumentChanged)
	_, err = call[agentapi.Document](c, http.MethodPost, "/documents/"+doc.ID+"/checkout", nil)
	m.must(err)
	_, err = e.setAside(doc.ID, 1)
	m.expect("somebody else's", err, 409, fault.DocumentCheckedOut)
	trashed, err := c.setAside(doc.ID, 1)
	m.must(err)
	back, err := e.takeBack(trashed.Document.ID, "")
	if err != nil || back.Checkout.UserID != "" {
		t.Errorf("the checkout of who set it aside lasts: %+v, %v", back, err)
	}
	_, err = call[agentapi.TrashList](e, http.MethodGet, "/trash?path=%2Fshared%2Fa.step", nil)
	m.expect("the trash of a document", err, 400, fault.InvalidArgument)
}

// A version for a document that is set aside is refused by its id, so that
// whoever has it makes a document of its own; the answer to what was published
// before stays.
func TestPublishingToWhatIsSetAside(t *testing.T) {
	m := open(t)
	e := m.engineer()
	doc := e.save("o1", "/shared/a.step", 0, "one").Document
	_, err := e.setAside(doc.ID, 0)
	m.must(err)
	p := single("o2", "/shared/a.step", 1, "two")
	p.DocumentID = doc.ID
	e.upload("two")
	_, err = e.publish(p)
	m.expect("by id", err, 404, fault.NotFound)
	if again, err := e.publish(single("o1", "/shared/a.step", 0, "one")); err != nil || again.Document.ID != doc.ID {
		t.Errorf("the first answer: %+v, %v", again, err)
	}
	_, err = call[agentapi.PublishResult](e, http.MethodPost, "/documents/"+doc.ID+"/restore", agentapi.Restore{OperationID: "o3", Version: 1})
	m.expect("restore", err, 404, fault.NotFound)
}

// conflict publishes one document, by two who both start from version 1.
func conflict(m *market) (doc, copied agentapi.Document) {
	m.Helper()
	doc = m.engineer().save("base", "/shared/a.step", 0, "base").Document
	m.colleague().save("hers", "/shared/a.step", 1, "hers")
	result := m.engineer().save("his", "/shared/a.step", 1, "his")
	if result.ConflictOf.ID != doc.ID {
		m.Fatalf("no conflict: %+v", result)
	}
	return doc, result.Document
}

func (u user) resolve(id string, r agentapi.Resolve) (agentapi.PublishResult, error) {
	u.Helper()
	return call[agentapi.PublishResult](u, http.MethodPost, "/documents/"+id+"/resolve", r)
}

func TestResolve(t *testing.T) {
	for _, row := range []struct {
		keep    agentapi.ResolveKeep
		version int
		content string
	}{{agentapi.Mine, 3, "his"}, {agentapi.Theirs, 2, "hers"}} {
		t.Run(string(row.keep), func(t *testing.T) {
			m := open(t)
			doc, copied := conflict(m)
			e := m.engineer()
			r := agentapi.Resolve{OperationID: "end", Keep: row.keep, Version: 2, CopyID: copied.ID, CopyVersion: 1}
			_, err := call[agentapi.PublishResult](e, http.MethodGet, "/operations/end", nil)
			m.expect("before", err, 404, fault.NotFound)
			m.push.take()
			for range 2 { // the second is a repetition
				result, err := e.resolve(doc.ID, r)
				if err != nil || result.Version.Number != row.version || result.Document.Path != "/shared/a.step" {
					t.Fatalf("%+v, %v", result, err)
				}
			}
			if sent := m.push.take(); len(sent) != 2 {
				t.Errorf("pushed %q", sent)
			}
			done, err := call[agentapi.PublishResult](e, http.MethodGet, "/operations/end", nil)
			if err != nil || done.Version.Number != row.version {
				t.Errorf("done: %+v, %v", done, err)
			}
			_, err = call[agentapi.PublishResult](m.colleague(), http.MethodGet, "/operations/end", nil)
			m.expect("somebody else's operation", err, 404, fault.NotFound)
			m.same("the folder", e.names("/shared"), []string{"a.step"})
			m.same("the trash", e.trash("/shared"), []string{copied.Path + " v1 by engineer"})
			if got := m.colleague().read("/shared/a.step"); got != row.content {
				t.Errorf("the newest is %q", got)
			}
			back, err := m.colleague().takeBack(copied.ID, "")
			m.must(err)
			if got := e.read(back.Path); got != "his" {
				t.Errorf("the copy is %q", got)
			}
		})
	}
}

func TestResolveRefusesWhatWasNotSeen(t *testing.T) {
	m := open(t)
	doc, copied := conflict(m)
	e, c := m.engineer(), m.colleague()
	r := agentapi.Resolve{OperationID: "end", Keep: agentapi.Mine, Version: 2, CopyID: copied.ID, CopyVersion: 1}
	changed := func(what, path string, r agentapi.Resolve) {
		t.Helper()
		_, err := e.resolve(doc.ID, r)
		m.expect(what, err, 409, fault.DocumentChanged)
		if f, ok := errors.AsType[*failure](err); !ok || f.answer.Params["path"] != path {
			t.Errorf("%s: %v", what, err)
		}
	}
	c.save("hers 2", "/shared/a.step", 2, "hers 2")
	changed("the document", doc.Path, r)
	r.Version = 3
	c.save("copy 2", copied.Path, 1, "hers, in his copy")
	changed("the copy, mine", copied.Path, r)
	r.Keep = agentapi.Theirs
	changed("the copy, theirs", copied.Path, r)
	r.CopyVersion = 2
	for _, id := range []string{doc.ID, copied.ID} {
		_, err := call[agentapi.Document](c, http.MethodPost, "/documents/"+id+"/checkout", nil)
		m.must(err)
		_, err = e.resolve(doc.ID, agentapi.Resolve{OperationID: "end", Keep: agentapi.Mine, Version: 3, CopyID: copied.ID, CopyVersion: 2})
		m.expect("checked out", err, 409, fault.DocumentCheckedOut)
		_, err = call[agentapi.Document](c, http.MethodPost, "/documents/"+id+"/checkin", nil)
		m.must(err)
	}
	m.same("nothing was done", e.trash("/"), []string{})
	if names := e.names("/shared"); len(names) != 2 || len(m.objectFiles("manifests")) == 0 {
		t.Errorf("the folder: %q", names)
	}
	for what, bad := range map[string]agentapi.Resolve{
		"no operation": {Keep: agentapi.Mine, Version: 3, CopyID: copied.ID, CopyVersion: 2},
		"no choice":    {OperationID: "x", Version: 3, CopyID: copied.ID, CopyVersion: 2},
		"no version":   {OperationID: "x", Keep: agentapi.Mine, CopyID: copied.ID, CopyVersion: 2},
		"itself":       {OperationID: "x", Keep: agentapi.Mine, Version: 3, CopyID: doc.ID, CopyVersion: 3},
	} {
		_, err := e.resolve(doc.ID, bad)
		m.expect(what, err, 400, fault.InvalidArgument)
	}
	for what, bad := range map[string]struct {
		user     user
		document string
		copied   string
	}{"a stranger": {m.stranger(), doc.ID, copied.ID}, "no document": {e, "none", copied.ID}, "no copy": {e, doc.ID, "none"}} {
		_, err := bad.user.resolve(bad.document, agentapi.Resolve{OperationID: "y", Keep: agentapi.Mine, Version: 3, CopyID: bad.copied, CopyVersion: 2})
		m.expect(what, err, 404, fault.NotFound)
	}
}

func TestResolveWithACopyThatIsAsideAlready(t *testing.T) {
	m := open(t)
	doc, copied := conflict(m)
	_, err := m.colleague().setAside(copied.ID, 0)
	m.must(err)
	result, err := m.engineer().resolve(doc.ID, agentapi.Resolve{OperationID: "end", Keep: agentapi.Mine, Version: 2, CopyID: copied.ID, CopyVersion: 1})
	if err != nil || result.Version.Number != 3 || m.engineer().read("/shared/a.step") != "his" {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestResolveOfAnotherKind(t *testing.T) {
	m := open(t)
	e := m.engineer()
	doc := e.save("o1", "/shared/a", 0, "one").Document
	p := single("o2", "/shared/a", 1, "two")
	p.Kind = agentapi.PublishKindAssembly
	e.upload("two")
	result, err := e.publish(p)
	m.must(err)
	result, err = e.resolve(doc.ID, agentapi.Resolve{OperationID: "end", Keep: agentapi.Mine, Version: 1, CopyID: result.Document.ID, CopyVersion: 1})
	if err != nil || result.Document.Kind != agentapi.DocumentKindAssembly || result.Version.Number != 2 {
		t.Errorf("%+v, %v", result, err)
	}
	if got := e.readVersion(doc.ID, 1) + e.read("/shared/a"); got != "onetwo" {
		t.Errorf("the versions are %q", got)
	}
}
