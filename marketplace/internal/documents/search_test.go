package documents_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

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

func TestSearchIsBounded(t *testing.T) {
	m := open(t)
	e := m.engineer()
	first := e.save("first", "/shared/one.step", 0, "one")
	m.must(m.engine.Fill(t.Context(), first.Document.ID, 1_500))
	for _, row := range []struct {
		q, path string
		n       int
		more    bool
	}{
		{"Part", "/", 500, true},
		{"part-01499", "/shared", 1, false},
		{"零件 123", "/shared/f3", 1, false},
		{"零件 10", "/shared", 111, false},
		{"absent", "/", 0, false},
	} {
		list, err := e.search(row.q, row.path)
		if err != nil || len(list.Entries) != row.n || list.More != row.more {
			t.Errorf("%s: %d found, more %v, %v", row.q, len(list.Entries), list.More, err)
		}
	}
}

// BenchmarkSearch looks among 20,000 documents in 20 folders, HTTP and all.
func BenchmarkSearch(b *testing.B) {
	m := open(b)
	e := m.engineer()
	first := e.save("first", "/shared/one.step", 0, "one")
	m.must(m.engine.Fill(b.Context(), first.Document.ID, 20_000))
	for name, row := range map[string][2]string{
		"500 of all": {"part", "/"}, "one of all": {"part-19999", "/"}, "one of a folder": {"零件 1234", "/shared/f7"}, "none of all": {"absent", "/"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := e.search(row[0], row[1]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
