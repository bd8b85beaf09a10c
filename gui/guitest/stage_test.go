package guitest_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/gui/guitest"
)

// mainWindow is the title of the window with the rooms.
const mainWindow = "iscdesk"

// wants is what a test wants of its world.
type wants struct {
	people        []string
	width, height int
	panel         bool
	env           []string
}

// stage is the engineer's tray app on a display of its own, beside a whole
// world. What fails ends the test.
type stage struct {
	*agenttest.Test
	t        *testing.T
	desktop  *guitest.Desktop
	tray     *guitest.Tray
	engineer *agenttest.Agent
	wants    wants
}

// start makes a world and runs the tray app in it.
func start(t *testing.T, w wants) *stage {
	t.Helper()
	s := prepare(t, w)
	s.open()
	return s
}

// prepare makes the world and the display without a tray app.
func prepare(t *testing.T, w wants) *stage {
	t.Helper()
	if w.width == 0 {
		w.width, w.height = 1280, 900
	}
	s := &stage{Test: agenttest.Start(t, append([]string{agenttest.Engineer}, w.people...)...), t: t, wants: w}
	s.engineer = s.Person(agenttest.Engineer)
	var err error
	s.desktop, err = guitest.StartDesktop(s.Context(), t.TempDir(), w.width, w.height, w.panel)
	s.Check(err)
	t.Cleanup(func() {
		if err := s.desktop.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// open starts the tray app.
func (s *stage) open(args ...string) {
	s.t.Helper()
	var err error
	s.tray, err = s.desktop.StartTray(s.Context(), s.command(args...))
	s.Check(err)
}

// command is a command line of the engineer's tray app.
func (s *stage) command(args ...string) *exec.Cmd {
	return s.engineer.Program(s.Context(), os.Getenv(guitest.TrayEnv), s.wants.env, args...)
}

func (s *stage) await(window string, texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		s.Check(s.tray.Await(s.Context(), window, text))
	}
}

func (s *stage) gone(window, text string) {
	s.t.Helper()
	s.Check(s.tray.AwaitGone(s.Context(), window, text))
}

func (s *stage) click(window string, texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		s.Check(s.tray.Click(s.Context(), window, text))
	}
}

func (s *stage) doubleClick(window, text string) {
	s.t.Helper()
	s.Check(s.tray.DoubleClick(s.Context(), window, text))
}

func (s *stage) key(keys ...string) {
	s.t.Helper()
	s.Check(s.tray.Key(s.Context(), keys...))
}

func (s *stage) types(text string) {
	s.t.Helper()
	s.Check(s.tray.Type(s.Context(), text))
}

// seen is every text that can be seen.
func (s *stage) seen() string {
	s.t.Helper()
	seen, err := s.tray.Seen(s.Context())
	s.Check(err)
	return seen
}

// ground is the colour of the window beside everything in it.
func (s *stage) ground() string {
	s.t.Helper()
	s.Check(s.tray.Settle(s.Context()))
	colour, err := s.tray.Colour(s.Context(), guitest.MainWindow, 3, 3)
	s.Check(err)
	return colour
}

// market runs a command of the marketplace's administrator.
func (s *stage) market(args ...string) {
	s.t.Helper()
	cmd := exec.CommandContext(s.Context(), s.Bin.Market, append(args, "--state", s.MarketState())...)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("iscmarket %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// put saves a file of a person's into the cloud and waits until it is
// published.
func (s *stage) put(who, name, content, path string) {
	s.t.Helper()
	s.Check(s.Person(who).WriteFile(name, content))
	s.Run(who, "files", "put", name, path, "--wait")
}

// minicad is the sample CAD program, compiled against the SDK as a vendor does.
type minicad struct {
	cmd  *exec.Cmd
	out  bytes.Buffer
	over sync.WaitGroup
	err  error
}

// compile builds the sample CAD program for this world.
func (s *stage) compile() string {
	s.t.Helper()
	sdk, dir := os.Getenv(sdkEnv), s.t.TempDir()
	examples := filepath.Join(sdk, "share", "examples")
	keys, err := exec.CommandContext(s.Context(), filepath.Join(examples, "keys.sh"), s.Bin.Market, s.MarketState(), s.VendorState()).Output()
	s.Check(err)
	header := filepath.Join(dir, "keys.h")
	s.Check(os.WriteFile(header, keys, 0o600))
	if out, err := exec.CommandContext(s.Context(), filepath.Join(examples, "build.sh"), sdk, dir, header).CombinedOutput(); err != nil {
		s.t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(dir, "minicad")
}

// run starts the program for the engineer, who picks in the tray app.
func (s *stage) run(program string, args ...string) *minicad {
	s.t.Helper()
	m := &minicad{cmd: s.engineer.Program(s.Context(), program, []string{"LD_LIBRARY_PATH=" + filepath.Join(os.Getenv(sdkEnv), "lib")}, args...)}
	m.cmd.Stdout, m.cmd.Stderr = &m.out, &m.out
	s.Check(m.cmd.Start())
	m.over.Go(func() { m.err = m.cmd.Wait() })
	s.t.Cleanup(m.over.Wait) // it is killed when the test's context ends
	return m
}

// ended waits for its end and gives what it printed.
func (m *minicad) ended() (string, error) {
	m.over.Wait()
	if m.err != nil {
		return m.out.String(), fmt.Errorf("minicad: %w\n%s", m.err, m.out.String())
	}
	return m.out.String(), nil
}
