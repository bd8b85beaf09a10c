package guitest_test

import (
	"strings"
	"testing"

	"iscdesk.dev/agent/agenttest"
)

// TestADayWithACADProgram signs in from the window, and answers everything that
// the sample CAD program asks: a document to open with the mouse, where to save
// over a document that is there, and another document with the keyboard alone.
func TestADayWithACADProgram(t *testing.T) {
	s := start(t, wants{})
	s.click(mainWindow, "Sign in")
	s.await(mainWindow, "Signed in", "Everything is published.")
	cad := s.run(s.compile())

	const open, save = "Open for", "Save for"
	s.await(open, "MiniCAD asks for a document to open")
	s.doubleClick(open, "projects")
	s.click(open, "bracket.step", "Open and check out")
	s.await(save, "MiniCAD asks where to save 'bracket.step'")
	s.click(save, "Save")
	s.await(save, "'bracket.step' is here already.")
	s.click(save, "Save as a new version")
	s.await(open, "MiniCAD asks for a document to open")
	s.key("ctrl+f")
	s.types("beam")
	s.await(open, "1 found")
	s.key("Down", "ctrl+Return")
	said, err := cad.ended()
	s.Check(err)
	for _, want := range []string{"OpenAndCheckout", "ok  SelectSaveAsPath", "/projects/bracket.step, version 3", "ok  GetSolution", "ok  ShutOut"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in\n%s", want, said)
		}
	}
}

// TestAnUploadIsWatched sees a save that is paused, sent and published.
func TestAnUploadIsWatched(t *testing.T) {
	s := start(t, wants{})
	s.SignIn(agenttest.Engineer)
	s.Run(agenttest.Engineer, "transfers", "pause")
	s.Check(s.engineer.WriteFile("housing.step", strings.Repeat("#1 = CARTESIAN_POINT('', (0., 1., 2.));\n", 50_000)))
	s.Run(agenttest.Engineer, "files", "put", "housing.step", "/projects/housing.step")
	s.Run(agenttest.Engineer, "settings", "set", "upload_rate", "1MB/s")
	s.click(mainWindow, "Documents", "Not published yet")
	s.await(mainWindow, "housing.step", "Paused")
	s.click(mainWindow, "Resume uploads")
	s.await(mainWindow, "Sending")
	s.await(mainWindow, "Everything that was saved is published.")
	s.click(mainWindow, "Browse")
	s.doubleClick(mainWindow, "projects")
	s.click(mainWindow, "housing.step")
	s.await(mainWindow, "Published.")
}

// TestConflictsEndByTheirButtons makes three conflicts with a colleague, and
// ends each by another choice.
func TestConflictsEndByTheirButtons(t *testing.T) {
	s := start(t, wants{people: []string{agenttest.Colleague}})
	s.SignIn(agenttest.Engineer, agenttest.Colleague)
	for _, tt := range []struct {
		name, choice string
		versions     int  // of the document afterwards
		copies       bool // the copy is still there
	}{
		{"mine.step", "Keep mine", 3, false},
		{"theirs.step", "Keep theirs", 2, false},
		{"both.step", "Keep both", 2, true},
	} {
		cloud := "/projects/" + tt.name
		s.put(agenttest.Engineer, tt.name, "base", cloud)
		s.put(agenttest.Colleague, tt.name, "of the colleague", cloud)
		s.Check(s.engineer.WriteFile(tt.name, "of the engineer"))
		s.Run(agenttest.Engineer, "files", "put", tt.name)
		s.click(tt.name, "Compare the versions")
		s.await(mainWindow, "Theirs", "Mine", "While you worked on version 1 of '"+tt.name+"'")
		s.click(mainWindow, tt.choice)
		s.await(mainWindow, "Nothing is in conflict.")
		versions, err := s.Person(agenttest.Colleague).History(s.Context(), cloud)
		s.Check(err)
		if len(versions) != tt.versions {
			t.Errorf("%s: %s left %d versions", tt.choice, tt.name, len(versions))
		}
		list := s.Run(agenttest.Colleague, "files", "ls", "/projects")
		if strings.Contains(list, strings.TrimSuffix(tt.name, ".step")+" (conflict") != tt.copies {
			t.Errorf("%s left %s", tt.choice, list)
		}
	}
}

// TestALicenceIsFrozenAndReleased follows what the vendor's administrator does
// to the licence of an application that runs.
func TestALicenceIsFrozenAndReleased(t *testing.T) {
	s := start(t, wants{})
	s.SignIn(agenttest.Engineer)
	cad, err := s.engineer.StartApp(s.Context(), "minicad")
	s.Check(err)
	defer cad.Close()
	s.Check(cad.Hold(s.Context(), "modelling"))
	s.click(mainWindow, "Licences")
	s.await(mainWindow, "MiniCAD", "In use", "Active")
	s.market("license", "freeze", "minicad")
	s.await(mainWindow, "Frozen")
	s.market("license", "unfreeze", "minicad")
	s.gone(mainWindow, "Frozen")
	s.await(mainWindow, "Active")
	s.market("license", "release", "minicad")
	s.await(mainWindow, "Released")
}

// TestLanguageAndThemeChangeLive chooses both in the settings; the window
// speaks and looks so at once, and so does the one that is started next.
func TestLanguageAndThemeChangeLive(t *testing.T) {
	s := start(t, wants{})
	s.SignIn(agenttest.Engineer)
	s.click(mainWindow, "Settings")
	s.click(mainWindow, "Language", "As the desktop", "中文")
	s.await(mainWindow, "设置", "外观")
	s.click(mainWindow, "跟随桌面", "浅色")
	light := s.ground()
	s.click(mainWindow, "浅色", "深色")
	dark := s.ground()
	if light <= dark {
		t.Errorf("light is %s, dark %s", light, dark)
	}
	s.Check(s.tray.Close())
	s.open()
	s.await(mainWindow, "设置")
	if again := s.ground(); again != dark {
		t.Errorf("the next start is %s, not %s", again, dark)
	}
}

// TestAClickOutlivesTheService kills the service, clicks, and finds the click
// done when the service is back.
func TestAClickOutlivesTheService(t *testing.T) {
	s := start(t, wants{})
	s.SignIn(agenttest.Engineer)
	s.Run(agenttest.Engineer, "transfers", "pause")
	s.Check(s.engineer.WriteFile("late.step", "late"))
	s.Run(agenttest.Engineer, "files", "put", "late.step", "/projects/late.step")
	s.click(mainWindow, "Documents", "Not published yet")
	s.await(mainWindow, "late.step", "Resume uploads")
	s.Check(s.engineer.Kill())
	s.await(mainWindow, "The iscdesk service is restarting.", "late.step")
	s.click(mainWindow, "Resume uploads")
	s.Check(s.engineer.Restart(s.Context()))
	s.gone(mainWindow, "The iscdesk service is restarting.")
	s.await(mainWindow, "Everything that was saved is published.")
	s.Check(s.engineer.AwaitPublished(s.Context(), "/projects/late.step", 1))
}
