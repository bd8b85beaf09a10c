package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// hosts are a vendor's applications: guide and minicad out of the SDK for
// Windows, his public keys compiled in, 64 and 32 bit.
type hosts struct {
	dir   string
	built errgroup.Group
}

// bits are the folders of the programs, and how they are compiled.
func bits() map[string]string {
	return map[string]string{"x64": "x86_64-w64-mingw32-g++-posix", "x86": "i686-w64-mingw32-g++-posix"}
}

// compile begins to build the applications; ready waits for that.
func (s *stage) compile(ctx context.Context) error {
	s.hosts.dir = filepath.Join(s.dir, "hosts")
	examples := filepath.Join(s.sdk, "share", "examples")
	if err := os.MkdirAll(s.hosts.dir, 0o700); err != nil {
		return err
	}
	keys, err := exec.CommandContext(ctx, filepath.Join(examples, "keys.sh"), s.world.Bin.Market, s.world.MarketState(), s.world.VendorState()).Output()
	if err != nil {
		return fmt.Errorf("%s: %w", examples, err)
	}
	header := filepath.Join(s.hosts.dir, "keys.h")
	if err := os.WriteFile(header, keys, 0o600); err != nil {
		return err
	}
	for name, compiler := range bits() {
		cmd := exec.CommandContext(ctx, filepath.Join(examples, "build.sh"), s.sdk, filepath.Join(s.hosts.dir, name), header)
		cmd.Env = append(os.Environ(), "CXX="+compiler)
		s.hosts.built.Go(func() error {
			if said, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%s with %s: %w\n%s", cmd.Path, compiler, err, said)
			}
			return nil
		})
	}
	return nil
}

// applications runs both programs, 64 and 32 bit, against the installed service
// over the pipe of the machine: licences, open, save, published, a lease.
func (s *stage) applications(ctx context.Context) error {
	if err := s.hosts.built.Wait(); err != nil {
		return err
	}
	for _, name := range []string{"guide", "minicad"} {
		for _, width := range []string{"x64", "x86"} {
			said, err := s.host(ctx, width, name).run()
			if err != nil {
				return fmt.Errorf("%s, %s: %w\n%s", name, width, err, said)
			}
			_, _ = fmt.Fprintf(s.out, "   %s, %s: %d steps ok\n", name, width, strings.Count("\n"+said, "\nok "))
		}
	}
	return nil
}

// host prepares an application in the folder of its documents, which is the same
// for 64 and 32 bit: the second saves what the first has begun.
func (s *stage) host(ctx context.Context, width, name string, args ...string) *application {
	program := filepath.Join(s.hosts.dir, width, name+".exe")
	cmd := s.machine.Command(ctx, program, args...)
	cmd.Env = append(append([]string{}, s.machine.env...), "ISCDESK_CLI="+installDir+`\iscdesk.exe`)
	cmd.Dir = filepath.Join(s.hosts.dir, "项目", "装配 体")
	return &application{cmd: cmd, said: filepath.Join(s.hosts.dir, name+"-"+width+".txt")}
}

// application is a host program. What it prints goes to a file, see finish.
type application struct {
	cmd  *exec.Cmd
	said string
	in   io.Closer
}

func (a *application) start() error {
	if err := os.MkdirAll(a.cmd.Dir, 0o700); err != nil {
		return err
	}
	f, err := os.Create(a.said)
	if err != nil {
		return err
	}
	a.cmd.Stdout, a.cmd.Stderr = f, f
	if a.in, err = a.cmd.StdinPipe(); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(a.cmd.Start(), f.Close())
}

// end closes the input of the program and waits for its end.
func (a *application) end() (string, error) {
	_ = a.in.Close()
	ran := a.cmd.Wait()
	said, err := os.ReadFile(a.said)
	return string(said), errors.Join(ran, err)
}

func (a *application) run() (string, error) {
	if err := a.start(); err != nil {
		return "", err
	}
	return a.end()
}

// holdSeats has a 64-bit and a 32-bit application hold a seat, until the
// function that it gives looks how that went.
func (s *stage) holdSeats(ctx context.Context) (look func(context.Context) error, err error) {
	held := map[string]*application{}
	for width := range bits() {
		a := s.host(ctx, width, "minicad", "lease", "-")
		if err := a.start(); err != nil {
			return nil, err
		}
		held[width] = a
	}
	before, err := s.seats(ctx, len(held))
	if err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(s.out, "   before: %s\n", before)
	return func(ctx context.Context) error {
		after, err := s.seats(ctx, len(held))
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(s.out, "   after:  %s\n", after)
		if !slices.Equal(before.ids, after.ids) {
			return errors.New("these are other seats")
		}
		for width, a := range held {
			said, err := a.end()
			if err != nil {
				return fmt.Errorf("the seat of %s: %w\n%s", width, err, said)
			}
			_, _ = fmt.Fprintf(s.out, "   %s: %s\n", width, strings.ReplaceAll(strings.TrimSpace(said), "\n", "\n        "))
		}
		_, err = s.seats(ctx, 0)
		return err
	}, nil
}

// leases are the seats of minicad that the engineer's machine holds.
type leases struct {
	ids  []string
	used int
}

func (l leases) String() string { return fmt.Sprintf("%d seats used, leases %v", l.used, l.ids) }

// seats asks 'iscdesk licenses' until so many leases are held, and as many
// seats used: one that is taken twice, or never given back, ends the waiting.
func (s *stage) seats(ctx context.Context, want int) (leases, error) {
	const soon = time.Minute
	ctx, cancel := context.WithTimeout(ctx, soon)
	defer cancel()
	for {
		said, err := s.cli(ctx, "licenses", "--json")
		if err != nil {
			return leases{}, err
		}
		now, err := minicadLeases(said)
		if err != nil || len(now.ids) == want && now.used == want {
			return now, err
		}
		if ctx.Err() != nil {
			return now, fmt.Errorf("%w: %s, want %d", ctx.Err(), now, want)
		}
	}
}

func minicadLeases(said string) (leases, error) {
	var all []struct {
		Product   string
		SeatsUsed int
		Leases    []struct{ ID string }
	}
	var l leases
	if err := json.Unmarshal([]byte(said), &all); err != nil {
		return l, fmt.Errorf("%w in %s", err, said)
	}
	for _, licence := range all {
		if licence.Product == "minicad" {
			l.used = licence.SeatsUsed
			for _, lease := range licence.Leases {
				l.ids = append(l.ids, lease.ID)
			}
		}
	}
	slices.Sort(l.ids)
	return l, nil
}
