package agenttest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Options of a World.
type Options struct {
	// Binaries are the programs to run; empty: those in the folder that
	// BinariesEnv names.
	Binaries Binaries
	// Dir is where everything lives; empty: a temporary folder, removed by
	// Close.
	Dir string
	// Keep leaves the folder in place.
	Keep bool
	// Market are more arguments of the marketplace.
	Market []string
	// Platform is the system that the people's programs run on; nil: this one.
	Platform Platform
}

// World is a marketplace, its vendor, and the services of its people, in one
// folder.
type World struct {
	Dir string
	Bin Binaries

	options  Options
	platform Platform
	sockets  string // a folder with a short path, because sockets need one

	mu     sync.Mutex
	market *market
	vendor *process
	agents []*Agent
}

// New makes an empty world.
func New(o Options) (*World, error) {
	if o.Binaries == (Binaries{}) {
		dir := os.Getenv(BinariesEnv)
		if dir == "" {
			return nil, errors.New("run the tests through agenttest.Main, or set " + BinariesEnv)
		}
		o.Binaries = BinariesIn(dir)
	}
	if err := o.Binaries.check(); err != nil {
		return nil, err
	}
	var err error
	if o.Dir == "" {
		o.Dir, err = os.MkdirTemp("", "iscdesk-world-")
	} else {
		err = os.MkdirAll(o.Dir, 0o700)
	}
	if err != nil {
		return nil, err
	}
	if o.Platform == nil {
		o.Platform = native{}
	}
	w := &World{Dir: o.Dir, Bin: o.Binaries, options: o, platform: o.Platform}
	if err := os.MkdirAll(w.path("logs"), 0o700); err != nil {
		return nil, err
	}
	w.sockets, err = shortDir(o.Dir)
	return w, err
}

// longestSocket is what a socket's path may measure, with room for a name.
const longestSocket = 70

// shortDir is a folder for sockets: inside dir where its path is short enough.
func shortDir(dir string) (string, error) {
	if inside := filepath.Join(dir, "run"); len(inside) <= longestSocket {
		return inside, os.MkdirAll(inside, 0o700)
	}
	if short, err := os.MkdirTemp("", "isc-"); err == nil && len(short) <= longestSocket {
		return short, nil
	}
	return os.MkdirTemp("/tmp", "isc-")
}

func (w *World) path(parts ...string) string {
	return filepath.Join(append([]string{w.Dir}, parts...)...)
}

func (w *World) logPath(name string) string { return w.path("logs", name+".log") }

// Close ends every process, newest first, and removes the folders.
func (w *World) Close() error {
	w.mu.Lock()
	agents, vendor := slices.Clone(w.agents), w.vendor
	w.mu.Unlock()
	var errs []error
	for _, a := range slices.Backward(agents) {
		errs = append(errs, a.Stop())
	}
	if vendor != nil {
		errs = append(errs, vendor.stop())
	}
	errs = append(errs, w.StopMarketplace())
	if !w.options.Keep {
		errs = append(errs, os.RemoveAll(w.sockets), os.RemoveAll(w.Dir))
	}
	return errors.Join(errs...)
}

// Logs is the end of every log, for a failure report.
func (w *World) Logs(lines int) string {
	var b strings.Builder
	logs, _ := filepath.Glob(w.path("logs", "*.log")) // the patterns are well formed
	browsers, _ := filepath.Glob(w.path("people", "*", "browser.log"))
	for _, path := range append(logs, browsers...) {
		_, _ = fmt.Fprintf(&b, "--- %s\n%s\n", filepath.Base(path), tail(path, lines))
	}
	return b.String()
}

// environ is the environment of every process: that of this one without what
// would reach outside the world, and the pairs of extra.
func environ(extra ...string) []string {
	var env []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if !foreign(name) {
			env = append(env, pair)
		}
	}
	return append(env, extra...)
}

func foreign(name string) bool {
	upper := strings.ToUpper(name)
	return strings.HasSuffix(upper, "_PROXY") || strings.HasPrefix(upper, "XDG_") || strings.HasPrefix(upper, "LC_") ||
		strings.HasPrefix(upper, "ISCDESK_") || slices.Contains([]string{
		"HOME", "LANG", "LANGUAGE", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS",
	}, upper)
}

func (w *World) adopt(a *Agent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.agents = append(w.agents, a)
}

// StartAll starts a marketplace, its vendor, and a service for each person.
func (w *World) StartAll(ctx context.Context, people ...string) error {
	if err := w.StartMarketplace(ctx); err != nil {
		return err
	}
	if err := w.StartVendor(ctx); err != nil {
		return err
	}
	for _, name := range people {
		if _, err := w.StartService(ctx, name); err != nil {
			return err
		}
	}
	return nil
}
