package documents_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
)

func TestPublishAppendsVersions(t *testing.T) {
	m := open(t)
	u := m.engineer()
	first := u.save("op1", "/engineer/beams/beam.step", 0, "one")
	if first.Version.Number != 1 || first.Version.Size != 3 || first.Version.Author != "engineer" || first.Version.OperationID != "op1" || first.Document.Path != "/engineer/beams/beam.step" || first.ConflictOf.ID != "" {
		t.Errorf("first: %+v", first)
	}
	p := single("op2", "/engineer/beams/beam.step", 1, "two")
	p.DocumentID, p.Comment = first.Document.ID, "thicker"
	u.upload("two")
	second, err := u.publish(p)
	m.must(err)
	if second.Document.ID != first.Document.ID || second.Version.Number != 2 || second.Version.Comment != "thicker" {
		t.Errorf("second: %+v", second)
	}
	if got := u.read("/engineer/beams/beam.step"); got != "two" {
		t.Errorf("newest content %q", got)
	}
	history, err := call[agentapi.VersionList](u, http.MethodGet, "/documents/"+first.Document.ID+"/versions", nil)
	m.must(err)
	if len(history.Versions) != 2 || history.Versions[0].Number != 2 || history.Versions[1].Number != 1 || history.Versions[1].Created.IsZero() {
		t.Errorf("history %+v", history)
	}
	if got := u.readVersion(first.Document.ID, 1); got != "one" {
		t.Errorf("old content %q", got)
	}
	if sent := m.push.take(); len(sent) != 2 || sent[0] != "[u1] document_changed "+first.Document.ID {
		t.Errorf("pushed %q", sent)
	}
}

func TestARepeatedOperationGetsTheFirstAnswer(t *testing.T) {
	m := open(t)
	u := m.engineer()
	first := u.save("op", "/engineer/a.step", 0, "one")
	u.save("later", "/engineer/a.step", 1, "two")
	again, err := u.publish(single("op", "/engineer/a.step", 0, "one"))
	m.must(err)
	if again.Version != first.Version || again.Document != first.Document {
		t.Errorf("again %+v, first %+v", again, first)
	}
	if names := u.names("/engineer"); !slices.Equal(names, []string{"a.step"}) {
		t.Errorf("the folder holds %q", names)
	}
	u.upload("three")
	_, err = u.publish(single("op", "/engineer/c.step", 0, "three"))
	m.expect("other content under the same operation", err, 400, fault.InvalidArgument)
	other := m.colleague().save("op", "/colleague/a.step", 0, "theirs")
	if other.Document.ID == first.Document.ID {
		t.Error("another user's operation of the same id got this one's answer")
	}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			r, err := u.publish(single("at once", "/engineer/b.step", 0, "one"))
			if err != nil || r.Version.Number != 1 || r.Document.Path != "/engineer/b.step" {
				t.Errorf("%+v %v", r, err)
			}
		})
	}
	group.Wait()
	if names := u.names("/engineer"); !slices.Equal(names, []string{"a.step", "b.step"}) {
		t.Errorf("the folder holds %q", names)
	}
}

func TestAConflictKeepsBoth(t *testing.T) {
	m := open(t)
	engineer, colleague := m.engineer(), m.colleague()
	base := engineer.save("op1", "/shared/beam.step", 0, "base")
	m.push.take()
	colleague.save("op2", "/shared/beam.step", 1, "colleague's")
	late := single("op3", "/shared/beam.step", 1, "engineer's")
	late.DocumentID = base.Document.ID
	engineer.upload("engineer's")
	kept, err := engineer.publish(late)
	m.must(err)
	if kept.ConflictOf.ID != base.Document.ID || kept.ConflictOf.Current.Number != 2 || kept.Document.ID == base.Document.ID || kept.Version.Number != 1 {
		t.Fatalf("conflict: %+v", kept)
	}
	if n := kept.Document.Name; !strings.HasPrefix(n, "beam (conflict engineer 2") || !strings.HasSuffix(n, ").step") || kept.Document.Path != "/shared/"+n {
		t.Errorf("its name is %q at %q", n, kept.Document.Path)
	}
	if got := colleague.read(kept.Document.Path); got != "engineer's" {
		t.Errorf("the copy holds %q", got)
	}
	if got := engineer.read("/shared/beam.step"); got != "colleague's" {
		t.Errorf("the document holds %q", got)
	}
	if sent := m.push.take(); len(sent) != 2 || sent[1] != "[tenant sample] document_changed "+kept.Document.ID {
		t.Errorf("pushed %q", sent)
	}
}

// TestFiftyAtOnce: of all who publish on one base, one wins, and everybody's
// content is there.
func TestFiftyAtOnce(t *testing.T) {
	m := open(t)
	base := m.engineer().save("base", "/shared/beam.step", 0, "base")
	const authors = 50
	results := make([]agentapi.PublishResult, authors)
	var group sync.WaitGroup
	for i := range authors {
		group.Go(func() {
			u := []user{m.engineer(), m.colleague()}[i%2]
			content := fmt.Sprintf("content %d", i)
			u.upload(content)
			p := single(fmt.Sprintf("op%d", i), "/shared/beam.step", 1, content)
			p.DocumentID = base.Document.ID
			var err error
			if results[i], err = u.publish(p); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	won := 0
	for i, r := range results {
		if r.ConflictOf.ID == "" {
			won++
		}
		if got, want := m.engineer().readVersion(r.Document.ID, r.Version.Number), fmt.Sprintf("content %d", i); got != want {
			t.Errorf("publication %d holds %q", i, got)
		}
	}
	if won != 1 {
		t.Errorf("%d publications won, want 1", won)
	}
	if names := m.engineer().names("/shared"); len(names) != authors {
		t.Errorf("the folder holds %d documents, want %d", len(names), authors)
	}
}

func TestPublishAtAPathThatIsTaken(t *testing.T) {
	m := open(t)
	u := m.engineer()
	u.save("op1", "/engineer/a.step", 0, "one")
	if r := u.save("op2", "/engineer/A.STEP", 0, "two"); r.ConflictOf.Path != "/engineer/a.step" {
		t.Errorf("a name that differs in case: %+v", r)
	}
	p := single("op3", "/engineer/a.step", 0, "three")
	p.Overwrite = true
	u.upload("three")
	r, err := u.publish(p)
	m.must(err)
	if r.ConflictOf.ID != "" || r.Version.Number != 2 || r.Document.Path != "/engineer/a.step" {
		t.Errorf("overwriting: %+v", r)
	}
	p = agentapi.Publish{OperationID: "op4", Path: "/engineer/a.step", Kind: agentapi.PublishKindAssembly, Overwrite: true, Manifest: agentapi.Manifest{Entries: []agentapi.ManifestEntry{file("a.asm", "one")}}}
	if r, err = u.publish(p); err != nil || r.ConflictOf.Path != "/engineer/a.step" || r.Document.Kind != agentapi.DocumentKindAssembly {
		t.Errorf("an assembly over a single document: %+v %v", r, err)
	}
	_, err = call[struct{}](u, http.MethodPost, "/folders", agentapi.FolderCreate{Path: "/engineer/folder"})
	m.must(err)
	_, err = u.publish(single("op5", "/engineer/folder", 0, "one"))
	m.expect("at a folder", err, 409, fault.Exists)
	_, err = u.publish(single("op6", "/engineer/a.step/b.step", 0, "one"))
	m.expect("below a document", err, 409, fault.Exists)
	p = single("op7", "/engineer/a.step", 2, "one")
	p.DocumentID = "unknown"
	_, err = u.publish(p)
	m.expect("an unknown document", err, 404, fault.NotFound)
}

func TestPublishNeedsItsChunks(t *testing.T) {
	m := open(t)
	u := m.engineer()
	p := single("op", "/engineer/a.step", 0, "never uploaded")
	_, err := u.publish(p)
	m.expect("without its chunk", err, 422, fault.NotFound)
	m.stranger().upload("never uploaded")
	_, err = u.publish(p)
	m.expect("with a chunk of another tenant", err, 422, fault.NotFound)
	if names := u.names("/engineer"); len(names) != 0 {
		t.Errorf("the folder holds %q", names)
	}
	u.upload("never uploaded")
	if _, err := u.publish(p); err != nil {
		t.Errorf("the same operation with its chunk: %v", err)
	}
}

func TestCheckOut(t *testing.T) {
	m := open(t)
	engineer, colleague := m.engineer(), m.colleague()
	doc := engineer.save("op1", "/shared/beam.step", 0, "base").Document
	at := "/documents/" + doc.ID
	checkOut := func(u user) (agentapi.Document, error) {
		return call[agentapi.Document](u, http.MethodPost, at+"/checkout", nil)
	}
	checkIn := func(u user) (agentapi.Document, error) {
		return call[agentapi.Document](u, http.MethodPost, at+"/checkin", nil)
	}
	for range 2 {
		d, err := checkOut(engineer)
		if err != nil || !d.Checkout.Mine || d.Checkout.UserName != "engineer" || d.Checkout.Since.IsZero() {
			t.Errorf("check out: %+v %v", d.Checkout, err)
		}
	}
	_, err := checkOut(colleague)
	m.expect("somebody else's check out", err, 409, fault.DocumentCheckedOut)
	_, err = checkIn(colleague)
	m.expect("somebody else's check in", err, 409, fault.DocumentNotCheckedOut)
	if d, err := colleague.find("/shared/beam.step"); err != nil || d.Checkout.Mine || d.Checkout.UserID != "u1" {
		t.Errorf("the colleague sees %+v %v", d.Checkout, err)
	}
	p := single("op2", "/shared/beam.step", 1, "colleague's")
	p.DocumentID = doc.ID
	colleague.upload("colleague's")
	if r, err := colleague.publish(p); err != nil || r.ConflictOf.ID != doc.ID {
		t.Errorf("publishing over somebody's check out: %+v %v", r, err)
	}
	p.OperationID, p.DocumentID, p.Overwrite = "op3", "", true
	if r, err := colleague.publish(p); err != nil || r.ConflictOf.ID != doc.ID {
		t.Errorf("overwriting somebody's check out: %+v %v", r, err)
	}
	_, err = call[agentapi.PublishResult](colleague, http.MethodPost, at+"/restore", agentapi.Restore{OperationID: "op4", Version: 1})
	m.expect("restoring somebody's check out", err, 409, fault.DocumentCheckedOut)
	if r := engineer.save("op5", "/shared/beam.step", 1, "engineer's"); r.Version.Number != 2 {
		t.Errorf("the holder's own version: %+v", r)
	}
	if d, err := checkIn(engineer); err != nil || d.Checkout.UserID != "" {
		t.Errorf("check in: %+v %v", d, err)
	}
	_, err = checkIn(engineer)
	m.expect("a second check in", err, 409, fault.DocumentNotCheckedOut)
	if _, err := checkOut(colleague); err != nil {
		t.Errorf("check out after check in: %v", err)
	}
}

func TestRestore(t *testing.T) {
	m := open(t)
	u := m.engineer()
	doc := u.save("op1", "/engineer/a.step", 0, "one").Document
	u.save("op2", "/engineer/a.step", 1, "two")
	at := "/documents/" + doc.ID + "/restore"
	for range 2 {
		r, err := call[agentapi.PublishResult](u, http.MethodPost, at, agentapi.Restore{OperationID: "op3", Version: 1})
		if err != nil || r.Version.Number != 3 || r.Document.ID != doc.ID {
			t.Errorf("restore: %+v %v", r, err)
		}
	}
	if got := u.read("/engineer/a.step"); got != "one" {
		t.Errorf("restored content %q", got)
	}
	_, err := call[agentapi.PublishResult](u, http.MethodPost, at, agentapi.Restore{OperationID: "op4", Version: 9})
	m.expect("a version that is not there", err, 404, fault.NotFound)
}

func TestAssembly(t *testing.T) {
	m := open(t)
	u := m.engineer()
	u.upload("main", "a", "b")
	p := agentapi.Publish{OperationID: "op", Path: "/engineer/gear", Kind: agentapi.PublishKindAssembly, Manifest: agentapi.Manifest{Entries: []agentapi.ManifestEntry{
		file("gear.asm", "main"), file("parts/a.prt", "a", "b"), file("parts/empty.prt"), file("CON", "b"),
	}}}
	p.Manifest.Entries[1].Executable = true
	r, err := u.publish(p)
	m.must(err)
	if r.Version.Size != 7 || r.Document.Kind != agentapi.DocumentKindAssembly {
		t.Errorf("%+v", r)
	}
	got, err := call[agentapi.Manifest](u, http.MethodGet, "/documents/"+r.Document.ID+"/versions/1/manifest", nil)
	m.must(err)
	if len(got.Entries) != 4 || !got.Entries[1].Executable || got.Entries[1].Path != "parts/a.prt" || len(got.Entries[1].Chunks) != 2 {
		t.Errorf("manifest %+v", got)
	}
}
