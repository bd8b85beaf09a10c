package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"iscdesk.dev/agent/agenttest"
)

// stage is what the steps share.
type stage struct {
	options
	out     io.Writer
	dir     string
	world   *agenttest.World
	gate    *gate
	display *display
	machine *machine
	hosts   hosts
	before  snapshot
}

type step struct {
	name string
	run  func(context.Context) error
}

func (s *stage) steps() []step {
	return []step{
		{"A fresh Windows, and a marketplace", s.begin},
		{"An INSTALLDIR that is no folder for iscdesk alone is refused", s.refuse},
		{"Installed silently, with settings, into a folder with a blank and Chinese letters", s.install},
		{"The main job through the service: sign in, save, get back", s.mainJob},
		{"The main job in a vendor's applications, 64 and 32 bit: licence, open, save, published, lease", s.applications},
		{"Upgraded while a drawing goes up, seats are held and the tray app runs: published once, the seats are kept, the tray app ends", s.upgrade},
		{"The older version is refused", s.downgrade},
		{"Repaired: a file and a setting that were lost are back", s.repair},
		{"Uninstalled while the tray app runs: nothing is left", s.uninstall},
		{"Uninstalled with work that is not in the cloud: it is kept, and said where", s.keepWork},
		{"Installed again: that work is published", s.carryOn},
		{"Uninstalled with PURGE=1: nothing is left", s.purge},
		{"AUTOSTART=0, then TRAY=0, odd and wrong settings: the service waits to be started, also when upgraded; policy show says what is wrong", s.byHand},
	}
}

func (s *stage) begin(ctx context.Context) error {
	if _, err := s.machine.run(ctx, nil, s.windowsProgram("iscdesk.exe"), "version"); err != nil {
		return err
	}
	if err := s.rest(&s.before); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(s.out, "   %d files, folders, keys and values\n", len(s.before))
	if err := s.machine.boot(ctx); err != nil {
		return err
	}
	if err := s.world.StartMarketplace(ctx); err != nil {
		return err
	}
	if err := s.gate.leadTo(s.world.MarketURL()); err != nil {
		return err
	}
	if err := s.world.StartVendor(ctx); err != nil {
		return err
	}
	return s.compile(ctx)
}

func (s *stage) windowsProgram(name string) string { return filepath.Join(s.windowsBin, name) }

// rest halts the machine and looks at what is on it.
func (s *stage) rest(to *snapshot) (err error) {
	if err := s.machine.halt(); err != nil {
		return err
	}
	*to, err = s.machine.snapshot()
	return err
}

func (s *stage) install(ctx context.Context) error {
	line := fmt.Sprintf(`/i %s MARKETPLACEURL=%s TENANT=sample LANGUAGE=en INSTALLDIR="%%FOLDER%%"`, s.machine.Path(s.msi), s.gate.url())
	if err := s.machine.msiexec(ctx, line); err != nil {
		return err
	}
	if err := s.tray(ctx, "1", true, true); err != nil {
		return err
	}
	return s.installed(ctx, map[string]string{
		"MarketplaceURL": s.gate.url(), "Tenant": "sample", "Language": "en", "Autostart": "1", "InstallDir": "C:\\",
	})
}

// installed checks the service and settings (by the beginning of their values).
func (s *stage) installed(ctx context.Context, settings map[string]string) error {
	if err := s.service(ctx, "RUNNING"); err != nil {
		return err
	}
	for name, want := range settings {
		said, err := s.machine.run(ctx, nil, "reg", "query", `HKLM\Software\iscdesk`, "/v", name, "/reg:64")
		if err != nil || !strings.Contains(said, "REG_SZ    "+want) {
			return fmt.Errorf("setting %s is not %s: %w: %s", name, want, err, said)
		}
	}
	said, err := s.machine.run(ctx, nil, "reg", "query", `HKLM\Software\iscdesk`, "/v", "InstallDir", "/reg:32")
	if err != nil {
		return fmt.Errorf("32-bit applications do not find the folder: %w: %s", err, said)
	}
	said, err = s.machine.run(ctx, nil, "cmd", "/c", "iscdesk.exe version")
	if err != nil {
		return fmt.Errorf("iscdesk.exe is not in PATH: %w: %s", err, said)
	}
	_, _ = fmt.Fprint(s.out, "   ", said)
	return nil
}

func (s *stage) service(ctx context.Context, state string) error {
	said, err := s.machine.run(ctx, nil, "sc", "query", "iscdeskd")
	if err != nil || !strings.Contains(said, state) {
		return fmt.Errorf("the service is not %s: %w: %s", state, err, said)
	}
	return nil
}

// cli runs the installed iscdesk.exe as the engineer.
func (s *stage) cli(ctx context.Context, args ...string) (string, error) {
	browser := strings.Join([]string{
		s.machine.Path(s.windowsProgram("iscmarket.exe")), "demo-browser", "%s",
		"--accounts", s.machine.Path(s.world.AccountsFile()), "--user", agenttest.Engineer,
	}, " ")
	said, err := s.machine.run(ctx, []string{"BROWSER=" + browser}, s.machine.path("软件 目录", "iscdesk.exe"), args...)
	if err != nil {
		return said, fmt.Errorf("iscdesk %s: %w: %s", strings.Join(args, " "), err, said)
	}
	return said, nil
}
