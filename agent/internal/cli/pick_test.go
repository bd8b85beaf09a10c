package cli

import (
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

func asked(kind api.PickKind) []api.WatchMessage {
	pick := api.Pick{ID: "p1", Kind: kind, Product: "minicad", SuggestedName: "new.step", Created: 2}
	return []api.WatchMessage{
		{State: &api.State{}},
		event(api.EventHeartbeat, nil),
		{Changed: &api.State{}, Sections: []string{api.SectionHealth}},
		{Changed: &api.State{Picks: []api.Pick{pick}}, Sections: []string{api.SectionPicks}},
	}
}

func TestPickInScripts(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind api.PickKind
		args []string
		want api.PickAnswer
	}{
		{"open", api.PickOpen, []string{"--path", "/team/free.step"}, api.PickAnswer{Path: "/team/free.step"}},
		{"open and check out", api.PickOpen, []string{"--path", "team/free.step", "--checkout"}, api.PickAnswer{Path: "/team/free.step", Checkout: true}},
		{"an old version", api.PickOpen, []string{"--path", "/team/free.step", "--version", "1"}, api.PickAnswer{Path: "/team/free.step", Version: 1}},
		{"save in a folder", api.PickSaveAs, []string{"--path", "/team"}, api.PickAnswer{Path: "/team/new.step"}},
		{"save in a folder with a slash", api.PickSaveAs, []string{"--path", "/other/"}, api.PickAnswer{Path: "/other/new.step"}},
		{"save under a name", api.PickSaveAs, []string{"--path", "/team", "--name", "b.step"}, api.PickAnswer{Path: "/team/b.step"}},
		{"save at a path", api.PickSaveAs, []string{"--path", "/team/b.step", "--overwrite"}, api.PickAnswer{Path: "/team/b.step", Overwrite: true}},
		{"cancel", api.PickOpen, []string{"--cancel"}, api.PickAnswer{Cancelled: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			service := team()
			service.messages = asked(tt.kind)
			got := service.run(t, "", append([]string{"pick", "--wait"}, tt.args...)...)
			if got.exit != ExitOK || service.answers["p1"] != tt.want {
				t.Errorf("exit %d, answered %+v, want %+v: %s", got.exit, service.answers, tt.want, got.err)
			}
		})
	}
}

func TestPickWithoutAnyoneWhoAsks(t *testing.T) {
	service := team()
	service.messages = asked(api.PickOpen)
	got := service.run(t, "", "pick", "--path", "/team/free.step")
	if got.exit != ExitNotFound || len(service.answers) != 0 {
		t.Errorf("exit %d, answered %v", got.exit, service.answers)
	}
}

func TestPickByNumbers(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind api.PickKind
		in   string
		want api.PickAnswer
		exit int
	}{
		{"folder, document", api.PickOpen, "1\n2\n", api.PickAnswer{Path: "/team/free.step"}, ExitOK},
		{"check out first", api.PickOpen, "c\n1\n3\n", api.PickAnswer{Path: "/team/mine.step", Checkout: true}, ExitOK},
		{"up and down again", api.PickOpen, "1\nu\n1\n1\n1\n2\n", api.PickAnswer{Path: "/team/free.step"}, ExitOK},
		{"nonsense is said, not done", api.PickOpen, "99\nabc\n-1\n\n1\n2\n", api.PickAnswer{Path: "/team/free.step"}, ExitOK},
		{"q", api.PickOpen, "1\nq\n", api.PickAnswer{Cancelled: true}, ExitCancelled},
		{"the input ends", api.PickOpen, "1\n", api.PickAnswer{Cancelled: true}, ExitCancelled},
		{"save here", api.PickSaveAs, "1\n2\n", api.PickAnswer{Path: "/team/new.step"}, ExitOK},
		{"save here under a name", api.PickSaveAs, "1\ns 新 件.step\n", api.PickAnswer{Path: "/team/新 件.step"}, ExitOK},
		{"not at the top", api.PickSaveAs, "s x\nq\n", api.PickAnswer{Cancelled: true}, ExitCancelled},
		{"a name that leads out", api.PickSaveAs, "1\ns ../x\nq\n", api.PickAnswer{Cancelled: true}, ExitCancelled},
		{"an existing document is asked about", api.PickSaveAs, "1\n3\n3\n", api.PickAnswer{Path: "/team/free.step", Overwrite: true}, ExitOK},
		{"… and can be left alone", api.PickSaveAs, "1\n3\nq\n", api.PickAnswer{Cancelled: true}, ExitCancelled},
		{"… by name too", api.PickSaveAs, "1\ns free.step\ns free.step\n", api.PickAnswer{Path: "/team/free.step", Overwrite: true}, ExitOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			service := team()
			service.messages = asked(tt.kind)
			got := service.run(t, tt.in, "pick")
			if got.exit != tt.exit || service.answers["p1"] != tt.want {
				t.Errorf("exit %d, answered %+v, want %+v:\n%s", got.exit, service.answers, tt.want, got.err)
			}
			if !strings.Contains(got.err, "minicad asks") {
				t.Errorf("it does not say who asks: %s", got.err)
			}
		})
	}
}

func newWalker(t *testing.T, kind api.PickKind) *walker {
	t.Helper()
	p, _, _ := newPrinter(t, api.English)
	w := &walker{pick: api.Pick{Kind: kind, SuggestedName: "new.step"}, list: team().List, term: p}
	if err := w.enter(t.Context(), "/"); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestPickByKeys(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind api.PickKind
		keys string
		want api.PickAnswer
		done bool
	}{
		{"Enter, down, Enter", api.PickOpen, "\r\x1b[B\r", api.PickAnswer{Path: "/team/free.step"}, true},
		{"typing filters", api.PickOpen, "\rMINE\x1b[B\r", api.PickAnswer{Path: "/team/mine.step"}, true},
		{"Tab checks out", api.PickOpen, "\r\t\x1b[B\r", api.PickAnswer{Path: "/team/free.step", Checkout: true}, true},
		{"left goes up", api.PickOpen, "\r\x1b[D\x1b[C\x1b[B\r", api.PickAnswer{Path: "/team/free.step"}, true},
		{"q", api.PickOpen, "q", api.PickAnswer{Cancelled: true}, true},
		{"Esc", api.PickOpen, "\x1b", api.PickAnswer{Cancelled: true}, true},
		{"Ctrl-C", api.PickOpen, "\x03", api.PickAnswer{Cancelled: true}, true},
		{"q inside a filter is a letter", api.PickOpen, "aq", api.PickAnswer{}, false},
		{"backspace takes the filter back", api.PickOpen, "\rzz\x7f\x7f\x1b[B\r", api.PickAnswer{Path: "/team/free.step"}, true},
		{"the cursor stays in the list", api.PickOpen, "\x1b[A\x1b[A\x1b[B\x1b[B\x1b[B\r\x1b[B\r", api.PickAnswer{Path: "/team/free.step"}, true},
		{"Enter on nothing", api.PickOpen, "nothing of that name\r", api.PickAnswer{}, false},
		{"save here", api.PickSaveAs, "\r\x1b[B\r", api.PickAnswer{Path: "/team/new.step"}, true},
		{"save over, asked once", api.PickSaveAs, "\rfree\x1b[B\x1b[B\r", api.PickAnswer{}, false},
		{"save over, confirmed", api.PickSaveAs, "\rfree\x1b[B\x1b[B\r\r", api.PickAnswer{Path: "/team/free.step", Overwrite: true}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWalker(t, tt.kind)
			answer, done := api.PickAnswer{}, false
			for _, chunk := range chunks(tt.keys) {
				for _, k := range keysOf(chunk) {
					if answer, done = w.press(t.Context(), k); done {
						break
					}
				}
			}
			if answer != tt.want || done != tt.done {
				t.Errorf("answer %+v (%v), want %+v (%v)", answer, done, tt.want, tt.done)
			}
		})
	}
}

// chunks splits input as a terminal delivers it: an escape begins a chunk.
func chunks(keys string) []string {
	var out []string
	for _, part := range strings.SplitAfter(strings.ReplaceAll(keys, "\x1b", "\x00\x1b"), "\x00") {
		out = append(out, strings.TrimSuffix(part, "\x00"))
	}
	return out
}

func TestKeys(t *testing.T) {
	for chunk, want := range map[string][]key{
		"\x1b[A\x1b[B":   {"up", "down"},
		"\x1bOC":         {"right"},
		"\x1b":           {"esc"},
		"\x1b[15~":       nil,
		"轴a":             {"轴", "a"},
		"\x00\x01":       nil,
		"\xff":           {"\ufffd"},
		"\r\n\t\x7f\x08": {"enter", "enter", "tab", "backspace", "backspace"},
	} {
		if got := keysOf(chunk); !slices.Equal(got, want) {
			t.Errorf("keysOf(%q) = %q, want %q", chunk, got, want)
		}
	}
}

func TestScreenFitsTheTerminal(t *testing.T) {
	w := newWalker(t, api.PickOpen)
	for range 100 {
		w.entries = append(w.entries, api.Entry{Name: strings.Repeat("很长的名字", 30) + "\x1b[2J", Folder: true})
	}
	for cursor := range len(w.items()) {
		w.cursor = cursor
		lines := w.screen(40, 12)
		if len(lines) > 11 {
			t.Fatalf("%d lines on a terminal of 12", len(lines))
		}
		if !slices.ContainsFunc(lines, func(s string) bool { return strings.HasPrefix(s, "> ") }) {
			t.Fatalf("the cursor %d is not to be seen:\n%s", cursor, strings.Join(lines, "\n"))
		}
		for _, line := range lines {
			if strings.ContainsRune(line, 0x1b) || columnWidths([][]string{{line}})[0] > 39 {
				t.Fatalf("line %q", line)
			}
		}
	}
}
