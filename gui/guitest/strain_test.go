package guitest_test

import (
	"math/rand/v2"
	"testing"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/gui/guitest"
	"iscdesk.dev/gui/guitest/probe"
)

// TestTwentyThousandDocuments lists a folder of them while an upload runs:
// clicks are answered meanwhile, the list scrolls to its end, and the last
// document opens.
func TestTwentyThousandDocuments(t *testing.T) {
	s := start(t, wants{})
	s.SignIn(agenttest.Engineer)
	s.put(agenttest.Engineer, "first.step", "ISO-10303-21;", "/shared/first.step")
	s.Check(s.Fill(s.Context(), "first.step", 19_998)) // and one is uploaded below
	s.Run(agenttest.Engineer, "settings", "set", "uploadRate", "500kB/s")
	s.Check(s.engineer.WriteFile("large.step", noise(8<<20)))
	s.Run(agenttest.Engineer, "files", "put", "large.step", "/shared/large.step")
	s.click(mainWindow, "Documents")
	s.doubleClick(mainWindow, "shared")
	s.await(mainWindow, "Part-00000.step", "20,000 entries")
	s.click(mainWindow, "Part-00003.step")
	s.await(mainWindow, "Published.", "Version 1")
	s.click(mainWindow, "Home")
	s.await(mainWindow, "Being sent")
	s.click(mainWindow, "Documents")
	s.await(mainWindow, "Part-00003.step")
	s.click(mainWindow, "Part-00005.step")
	s.key("End")
	s.await(mainWindow, "Part-19997.step")
	s.key("Home")
	s.await(mainWindow, "first.step")
}

// noise is content of which no part comes twice.
func noise(size int) string {
	content := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(content) // it never fails
	return string(content)
}

// TestNothingIsCutOff shows every room with text of twice the size, and in a
// narrow window: what a room says first can be seen.
func TestNothingIsCutOff(t *testing.T) {
	for _, tt := range []struct {
		name          string
		width, height int
		env           []string
	}{
		{"text of 200 %", 1280, 900, []string{"FYNE_SCALE=2"}},
		{"a narrow window", 480, 640, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, wants{width: tt.width, height: tt.height, env: tt.env})
			s.SignIn(agenttest.Engineer)
			s.Check(s.desktop.Maximize(s.Context(), mainWindow))
			for _, r := range guitest.Rooms() {
				s.Check(r.Enter(s.Context(), s.tray))
				a, err := s.tray.Ask(s.Context(), probe.Request{})
				s.Check(err)
				if len(a.Windows) != 1 || len(a.Windows[0].Texts) < 2 {
					t.Errorf("%s shows %+v", r.Name, a.Windows)
					continue
				}
				for _, text := range a.Windows[0].Texts {
					if text.Cut {
						t.Errorf("%s: %q is cut off at %v", r.Name, text.Text, text.At)
					}
				}
			}
		})
	}
}
