package guitest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/sdkbridge"
)

// Scene is a world in the middle of a working day, as pictures and people who
// try the tray app want it: documents, a conflict, a save that waits, a
// licence in use, a solve with results, an application to install.
type Scene struct {
	*agenttest.World
	Engineer, Colleague *agenttest.Agent
	app                 *sdkbridge.Session // asks
	seat                *agenttest.App     // holds a seat
}

// NewScene starts a world and signs both people in.
func NewScene(ctx context.Context, bin agenttest.Binaries) (*Scene, error) {
	world, err := agenttest.New(agenttest.Options{Binaries: bin})
	if err != nil {
		return nil, err
	}
	s := &Scene{World: world}
	if err = world.StartAll(ctx, agenttest.Engineer, agenttest.Colleague); err == nil {
		s.Engineer, err = world.Agent(agenttest.Engineer)
	}
	if err == nil {
		s.Colleague, err = world.Agent(agenttest.Colleague)
	}
	if err != nil {
		return nil, errors.Join(err, world.Close())
	}
	return s, nil
}

// Close ends everything of the scene.
func (s *Scene) Close() error {
	if s.seat != nil {
		s.seat.Close()
	}
	var err error
	if s.app != nil {
		err = s.app.Close(true)
	}
	return errors.Join(err, s.World.Close())
}

// Furnish makes what there is to see.
func (s *Scene) Furnish(ctx context.Context) error {
	for _, step := range []func(context.Context) error{s.documents, s.conflict, s.solve, s.use, s.pending} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// run runs a command line of a person that has to succeed.
func run(ctx context.Context, who *agenttest.Agent, args ...string) error {
	result, err := who.CLI(ctx, args...)
	return errors.Join(err, result.Failed())
}

func (s *Scene) documents(ctx context.Context) error {
	for _, who := range []*agenttest.Agent{s.Engineer, s.Colleague} {
		if err := who.SignIn(ctx); err != nil {
			return err
		}
	}
	for _, folder := range []string{"/projects/减速机 2026", "/projects/Gearbox trials", "/projects/夹具"} {
		if err := run(ctx, s.Engineer, "files", "mkdir", folder); err != nil {
			return err
		}
	}
	part, err := s.fetch(ctx, "/projects/bracket.step")
	if err != nil {
		return err
	}
	for _, name := range []string{"支架 A.step", "支架 B.step", "housing.step", "shaft-12mm.step", "flange.step", "底板.step"} {
		if err := s.put(ctx, s.Engineer, "new "+name, part, "/projects/减速机 2026/"+name); err != nil {
			return err
		}
	}
	if err := s.Engineer.AwaitAllPublished(ctx); err != nil {
		return err
	}
	if err := run(ctx, s.Colleague, "files", "checkout", "/projects/减速机 2026/housing.step"); err != nil {
		return err
	}
	return run(ctx, s.Engineer, "files", "checkout", "/projects/减速机 2026/支架 A.step")
}

// fetch reads a document of the samples.
func (s *Scene) fetch(ctx context.Context, path string) (string, error) {
	file := filepath.Join(s.Engineer.Work(), "fetched"+filepath.Ext(path))
	if err := run(ctx, s.Engineer, "files", "get", path, s.Engineer.Path(file)); err != nil {
		return "", err
	}
	content, err := os.ReadFile(file)
	return string(content), err
}

// put saves content as a file of a person's into the cloud.
func (s *Scene) put(ctx context.Context, who *agenttest.Agent, name, content, path string) error {
	if err := who.WriteFile(name, content); err != nil {
		return err
	}
	return run(ctx, who, "files", "put", filepath.Join(who.Work(), name), path)
}

// conflict lets both change the same document, the engineer second and on top
// of the version that he has.
func (s *Scene) conflict(ctx context.Context) error {
	const path = "/projects/减速机 2026/flange.step"
	mine := filepath.Join(s.Engineer.Work(), "flange.step")
	if err := run(ctx, s.Engineer, "files", "get", path, mine, "--checkout"); err != nil {
		return err
	}
	if err := run(ctx, s.Engineer, "files", "checkin", path); err != nil {
		return err
	}
	content, err := os.ReadFile(mine)
	if err != nil {
		return err
	}
	holes := func(n string) string {
		return strings.Replace(string(content), "ENDSEC;", "/* "+n+" holes */\nENDSEC;", 1)
	}
	if err := s.put(ctx, s.Colleague, "flange.step", holes("six"), path); err != nil {
		return err
	}
	if err := s.Colleague.AwaitAllPublished(ctx); err != nil {
		return err
	}
	if err := os.WriteFile(mine, []byte(holes("eight")), 0o600); err != nil {
		return err
	}
	if err := run(ctx, s.Engineer, "files", "put", mine); err != nil {
		return err
	}
	return s.Engineer.AwaitAllPublished(ctx)
}

// solve has a model computed in the cloud.
func (s *Scene) solve(ctx context.Context) error {
	model, err := s.fetch(ctx, "/projects/beam.inp")
	if err != nil {
		return err
	}
	if err := s.Engineer.WriteFile("beam.inp", model); err != nil {
		return err
	}
	return run(ctx, s.Engineer, "solve", s.Engineer.Path(filepath.Join(s.Engineer.Work(), "beam.inp")))
}

// use lets an application hold a seat and install another.
func (s *Scene) use(ctx context.Context) (err error) {
	if err := run(ctx, s.Engineer, "apps", "install", "minicad"); err != nil {
		return err
	}
	s.app, err = sdkbridge.Start(sdkbridge.Options{
		Product: "minicad", Version: "1.0.0", Socket: s.Engineer.Socket, Workspace: filepath.Join(s.Engineer.Work(), "workspace"),
		Callback: func(sdkbridge.EventType, string) {},
	})
	if err != nil {
		return err
	}
	if s.seat, err = s.Engineer.StartApp(ctx, "guide"); err != nil {
		return err
	}
	return s.seat.Hold(ctx, "modelling")
}

// pending leaves saves that wait, because the uploads are paused.
func (s *Scene) pending(ctx context.Context) error {
	if err := run(ctx, s.Engineer, "transfers", "pause"); err != nil {
		return err
	}
	for i := range 3 {
		name := fmt.Sprintf("草图-%d.step", i+1)
		if err := s.put(ctx, s.Engineer, name, strings.Repeat("draft "+name+"\n", 40_000), "/projects/夹具/"+name); err != nil {
			return err
		}
	}
	return nil
}

// Ask lets the application ask for a document.
func (s *Scene) Ask() error { return s.app.OpenCloudFile("open") }

// AskWhere lets it ask where to save one, of a name that is there already.
func (s *Scene) AskWhere() error {
	const name = "shaft-12mm.step"
	if err := s.Engineer.WriteFile(name, "a new shaft"); err != nil {
		return err
	}
	return s.app.Save(sdkbridge.SaveOrder{Path: filepath.Join(s.Engineer.Work(), name), SaveAs: true})
}

// Freeze freezes a licence, as the vendor's administrator does.
func (s *Scene) Freeze(ctx context.Context, product string) error {
	out, err := exec.CommandContext(ctx, s.Bin.Market, "license", "freeze", product, "--state", s.MarketState()).CombinedOutput()
	if err != nil {
		return fmt.Errorf("iscmarket: %w\n%s", err, out)
	}
	return nil
}

// Set changes a setting of the engineer's.
func (s *Scene) Set(ctx context.Context, key, value string) error {
	return run(ctx, s.Engineer, "settings", "set", key, value)
}
