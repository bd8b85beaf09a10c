package documents_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
)

func (u user) search(q, path string) (agentapi.EntryList, error) {
	u.Helper()
	return call[agentapi.EntryList](u, http.MethodGet, "/search?q="+url.QueryEscape(q)+"&path="+url.QueryEscape(path), nil)
}

func (u user) finds(q, path string) []string {
	u.Helper()
	list, err := u.search(q, path)
	u.must(err)
	paths := []string{}
	for _, e := range list.Entries {
		paths = append(paths, e.Path)
		if !e.Folder && (e.Document.ID == "" || e.Document.Path != e.Path || e.Document.Current.Number != 1) {
			u.Errorf("%s: %+v", e.Path, e.Document)
		}
	}
	return paths
}

func TestSearch(t *testing.T) {
	m := open(t)
	e := m.engineer()
	for i, path := range []string{
		"/shared/Frames/Frame 100%.step", "/shared/Frames/deep/frame_200.step", "/shared/曲轴 Frame.step", "/engineer/frame.step", "/engineer/Crème.step", `/engineer/ßtraße.step`,
	} {
		e.save(fmt.Sprint("o", i), path, 0, path)
	}
	m.colleague().save("c", "/colleague/frame.step", 0, "hers")
	m.stranger().save("s", "/shared/frame.step", 0, "of another tenant")
	aside := e.save("aside", "/shared/Frames/old frame.step", 0, "old").Document
	_, err := e.setAside(aside.ID, 0)
	m.must(err)
	for _, row := range []struct {
		q, path string
		want    []string
	}{
		{"FRAME", "/", []string{"/shared/Frames", "/shared/Frames/Frame 100%.step", "/engineer/frame.step", "/shared/Frames/deep/frame_200.step", "/shared/曲轴 Frame.step"}},
		{"frame", "/shared/frames", []string{"/shared/Frames/Frame 100%.step", "/shared/Frames/deep/frame_200.step"}},
		{"frame", "/engineer", []string{"/engineer/frame.step"}},
		{"曲轴", "/", []string{"/shared/曲轴 Frame.step"}},
		{"%", "/", []string{"/shared/Frames/Frame 100%.step"}},
		{"_", "/", []string{"/shared/Frames/deep/frame_200.step"}},
		{`\`, "/", []string{}},
		{"f%e", "/", []string{}},
		{"CRE\u0300ME", "/", []string{"/engineer/Crème.step"}},
		{"STRASSE", "/", []string{"/engineer/ßtraße.step"}},
		{"DEEP", "/shared", []string{"/shared/Frames/deep"}},
		{"' OR 1=1 --", "/", []string{}},
	} {
		m.same(row.q+" below "+row.path, e.finds(row.q, row.path), row.want)
	}
	m.same("the colleague's", m.colleague().finds("frame", "/colleague"), []string{"/colleague/frame.step"})
	m.same("the stranger's", m.stranger().finds("frame", "/"), []string{"/shared/frame.step"})
	_, err = e.search("", "/")
	m.expect("nothing", err, 400, fault.InvalidArgument)
	_, err = e.search("frame", "/colleague")
	m.expect("somebody else's space", err, 404, fault.NotFound)
	_, err = e.search("frame", "/engineer/frame.step")
	m.expect("below a document", err, 400, fault.InvalidArgument)
}

// TestSearchAmongTwentyThousand is bounded in what it lists and in the time
// that it takes. It needs some 5 to 40 ms; two seconds tell a scan of 20,000 names from one
// of each with each, also on a machine that does much else.
func TestSearchAmongTwentyThousand(t *testing.T) {
	m := open(t)
	e := m.engineer()
	first := e.save("first", "/shared/one.step", 0, "one")
	m.must(m.engine.Fill(t.Context(), first.Document.ID, 20_000))
	for _, row := range []struct {
		q, path string
		n       int
		more    bool
	}{
		{"Part", "/", 500, true},
		{"part-19999", "/shared", 1, false},
		{"零件 1234", "/shared/f7", 1, false},
		{"零件 100", "/shared", 111, false},
		{"absent", "/", 0, false},
	} {
		begun := time.Now()
		list, err := e.search(row.q, row.path)
		took := time.Since(begun)
		if err != nil || len(list.Entries) != row.n || list.More != row.more {
			t.Errorf("%s: %d found, more %v, %v", row.q, len(list.Entries), list.More, err)
		}
		t.Logf("%-14s below %-10s %3d found in %v", row.q, row.path, len(list.Entries), took)
		if took > 2*time.Second {
			t.Errorf("%s took %v", row.q, took)
		}
	}
}
