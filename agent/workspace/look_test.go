package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"iscdesk.dev/agent/api"
)

func TestLookTellsWhatOpenWouldMeet(t *testing.T) {
	s := newService(t)
	s.put("/me/a.step", api.Single, "a.step", "one")
	s.put("/me/gear", api.Assembly, "gear.step", "main", "bolt.step", "bolt")
	look := func(path string, kind api.DocumentKind) Found {
		t.Helper()
		f, err := Look(t.Context(), s, Order{Picked: api.Picked{Path: path, Kind: kind}})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for _, d := range []struct {
		path, file string
		kind       api.DocumentKind
	}{{"/me/a.step", "", api.Single}, {"/me/gear", "bolt.step", api.Assembly}} {
		if f := look(d.path, d.kind); f.There || f.Changed || f.LocalPath == "" {
			t.Errorf("%s before it was opened: %+v", d.path, f)
		}
		opened, err := Open(t.Context(), s, api.Picked{Path: d.path, Kind: d.kind})
		if err != nil {
			t.Fatal(err)
		}
		if f := look(d.path, d.kind); !f.There || f.Changed || f.LocalPath != opened.LocalPath || f.Opened.Version != 1 {
			t.Errorf("%s as it was opened: %+v", d.path, f)
		}
		if err := os.WriteFile(filepath.Join(opened.LocalPath, d.file), []byte("changed"), 0o600); err != nil {
			t.Fatal(err)
		}
		if f := look(d.path, d.kind); !f.There || !f.Changed {
			t.Errorf("%s with changes: %+v", d.path, f)
		}
		clear(s.bindings)
		if f := look(d.path, d.kind); !f.There || !f.Changed || f.Opened.Path != "" {
			t.Errorf("%s that the service does not know: %+v", d.path, f)
		}
	}
	if _, err := Look(t.Context(), s, Order{Picked: api.Picked{Path: "/me/../x"}}); !errors.Is(err, api.NameInvalid) {
		t.Errorf("a path that is none: %v", err)
	}
}
