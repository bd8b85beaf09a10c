package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// upgrade replaces the product while the gate holds a drawing half-way and two
// applications hold seats.
func (s *stage) upgrade(ctx context.Context) error {
	const name = "装配 2.step"
	seats, err := s.holdSeats(ctx)
	if err != nil {
		return err
	}
	held := s.gate.hold()
	if err := s.put(ctx, name, 20<<20); err != nil {
		return err
	}
	select {
	case <-held:
	case <-ctx.Done():
		return fmt.Errorf("no upload came: %w", ctx.Err())
	}
	trayEnded, err := s.runTray(ctx)
	if err != nil {
		return err
	}
	if err := s.machine.msiexec(ctx, "/i "+s.machine.Path(s.newer)); err != nil {
		return err
	}
	if err := trayEnded(); err != nil {
		return err
	}
	s.gate.release()
	if err := seats(ctx); err != nil {
		return err
	}
	if err := s.tray(ctx, "1", true, true); err != nil {
		return err
	}
	if err := s.installed(ctx, map[string]string{
		"MarketplaceURL": s.gate.url(), "Tenant": "sample", "Language": "en", "Autostart": "1", "InstallDir": "C:\\",
	}); err != nil {
		return err
	}
	if err := s.entries(1); err != nil {
		return err
	}
	return s.publishedOnce(ctx, name)
}

// entries counts the product in the list of installed programs.
func (s *stage) entries(want int) error {
	folders, err := os.ReadDir(s.machine.path("windows", "Installer"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	icons := 0
	for _, folder := range folders {
		if strings.HasPrefix(folder.Name(), "{") {
			icons++
		}
	}
	if icons != want {
		return fmt.Errorf("%d products are registered, want %d: %v", icons, want, folders)
	}
	return nil
}

// downgrade shows that the older version is refused. What the refusal says is
// in testdata/msi.golden: Wine's log leaves it out.
func (s *stage) downgrade(ctx context.Context) error {
	before, err := s.cli(ctx, "version")
	if err != nil {
		return err
	}
	if err := s.machine.msiexec(ctx, "/i "+s.machine.Path(s.msi)); err == nil {
		return errors.New("the older version was taken")
	}
	after, err := s.cli(ctx, "version")
	if err != nil || after != before {
		return fmt.Errorf("%s is now %s: %w", before, after, err)
	}
	return s.installed(ctx, map[string]string{"MarketplaceURL": s.gate.url()})
}

func (s *stage) repair(ctx context.Context) error {
	program := s.machine.path("软件 目录", "iscdesk.exe")
	if err := os.Remove(program); err != nil {
		return err
	}
	if _, err := s.machine.run(ctx, nil, "reg", "delete", `HKLM\Software\iscdesk`, "/v", "Version", "/f", "/reg:64"); err != nil {
		return err
	}
	if err := s.machine.msiexec(ctx, "/i "+s.machine.Path(s.newer)+" REINSTALL=ALL REINSTALLMODE=amus"); err != nil {
		return err
	}
	if err := s.installed(ctx, map[string]string{"MarketplaceURL": s.gate.url(), "Version": "", "InstallDir": "C:\\"}); err != nil {
		return err
	}
	_, err := s.cli(ctx, "files", "ls", cloud)
	return err
}

func (s *stage) uninstall(ctx context.Context) error {
	trayEnded, err := s.runTray(ctx)
	if err != nil {
		return err
	}
	if err := s.gone(ctx, s.newer, "", ""); err != nil {
		return err
	}
	return trayEnded()
}

// documents is where applications keep the cloud's documents for the engineer to
// work on: his own files, which nobody takes away.
const documents = `C:\users\root\iscdesk`

// gone uninstalls and compares with the state before; what is the user's own may
// stay, and what begins with except.
func (s *stage) gone(ctx context.Context, msi, property, except string) error {
	if err := s.machine.msiexec(ctx, "/x "+s.machine.Path(msi)+property); err != nil {
		return err
	}
	var after snapshot
	if err := s.rest(&after); err != nil {
		return err
	}
	var left []string
	own := append([]string{documents}, personal()...)
	if except != "" {
		own = append(own, except)
	}
	for _, line := range diff(s.before, after) {
		what := strings.TrimPrefix(line, "left:    ")
		if slices.ContainsFunc(own, func(p string) bool { return strings.HasPrefix(what, p) }) {
			continue
		}
		left = append(left, line)
	}
	if len(left) > 0 {
		return fmt.Errorf("not as before:\n%s", strings.Join(left, "\n"))
	}
	return s.machine.boot(ctx)
}

// keepWork uninstalls while the marketplace is away and a save waits for it.
func (s *stage) keepWork(ctx context.Context) error {
	if err := s.install(ctx); err != nil {
		return err
	}
	if _, err := s.cli(ctx, "login"); err != nil {
		return err
	}
	s.gate.hold()
	if err := s.put(ctx, kept, 2<<20); err != nil {
		return err
	}
	if err := s.gone(ctx, s.msi, "", `C:\ProgramData\iscdesk`); err != nil {
		return err
	}
	list, err := filepath.Glob(s.machine.path("ProgramData", "iscdesk", "*.txt"))
	if err != nil || len(list) != 1 {
		return fmt.Errorf("no list of what was kept: %v %w", list, err)
	}
	content, err := os.ReadFile(list[0])
	if err != nil {
		return err
	}
	if !strings.Contains(string(content), kept) {
		return fmt.Errorf("%s does not name %s: %s", list[0], kept, content)
	}
	_, _ = fmt.Fprintf(s.out, "   %s:\n%s", s.machine.Path(list[0]), content)
	return nil
}

// kept is the document that outlives the product.
const kept = "未发布 3.step"

func (s *stage) carryOn(ctx context.Context) error {
	s.gate.release()
	if err := s.install(ctx); err != nil {
		return err
	}
	if _, err := s.cli(ctx, "login"); err != nil {
		return err
	}
	return s.publishedOnce(ctx, kept)
}

func (s *stage) purge(ctx context.Context) error {
	s.gate.hold()
	defer s.gate.release()
	if err := s.put(ctx, "weg 4.step", 2<<20); err != nil {
		return err
	}
	return s.gone(ctx, s.msi, " PURGE=1", "")
}
