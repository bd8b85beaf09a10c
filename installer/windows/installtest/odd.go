package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// refused are values of INSTALLDIR with which the folder of the programs could
// not be closed to users, or found by Windows.
func refused() []string {
	return []string{`C:\`, `C:\\`, `C:\iscdesk\..`, `C:/iscdesk`, `C:\isc;desk`, `C:\%%PATH%%`, `\\server\share\iscdesk`}
}

func (s *stage) refuse(ctx context.Context) error {
	for _, folder := range refused() {
		if err := s.machine.msiexec(ctx, fmt.Sprintf(`/i %s INSTALLDIR="%s"`, s.machine.Path(s.msi), folder)); err == nil {
			return fmt.Errorf("%s was taken", folder)
		}
		if said, err := s.machine.run(ctx, nil, "sc", "query", "iscdeskd"); err == nil {
			return fmt.Errorf("the service is there: %s", said)
		}
	}
	if _, err := os.Stat(s.machine.path("iscdeskd.exe")); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("in the root of the drive: %w", err)
	}
	return nil
}

// odd is the name of a tenant that batch files and code pages break. It has no
// quotes: Wine, and not Windows, ends a value that it searches at the second.
const odd = `重庆 '研究院' & Co 100% ^!`

// byHand installs a service that does not start by itself, with settings that
// are odd or wrong, and upgrades it: it stays so.
func (s *stage) byHand(ctx context.Context) error {
	line := fmt.Sprintf(`/i %s MARKETPLACEURL=ftp://nowhere CAFILE="C:\no such\ca.pem" TENANT="%%ODD%%" AUTOSTART=0`, s.machine.Path(s.msi))
	if err := s.machine.msiexec(ctx, line); err != nil {
		return err
	}
	if err := s.tray(ctx, "1", false, true); err != nil {
		return err
	}
	if err := s.wrongSettings(ctx, s.msi); err != nil {
		return err
	}
	if said, err := s.machine.run(ctx, nil, "net", "stop", "iscdeskd"); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	if err := s.machine.msiexec(ctx, "/i "+s.machine.Path(s.newer)+" TRAY=0"); err != nil {
		return err
	}
	if err := s.tray(ctx, "0", false, false); err != nil {
		return err
	}
	if err := s.wrongSettings(ctx, s.newer); err != nil {
		return err
	}
	if err := s.policyChanges(ctx); err != nil {
		return err
	}
	return s.gone(ctx, s.newer, "", "")
}

// wrongSettings looks at a service that waits to be started, starts it, and has
// the command line say what is wrong with its settings.
func (s *stage) wrongSettings(ctx context.Context, msi string) error {
	if err := s.service(ctx, "STOPPED"); err != nil {
		return fmt.Errorf("%s: %w", msi, err)
	}
	said, err := s.machine.run(ctx, nil, "reg", "query", `HKLM\SYSTEM\CurrentControlSet\Services\iscdeskd`, "/v", "Start")
	if err != nil || !strings.Contains(said, "0x3") {
		return fmt.Errorf("%s: the service is not started by hand: %w: %s", msi, err, said)
	}
	if said, err := s.machine.run(ctx, nil, "net", "start", "iscdeskd"); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	values, problems, err := s.policy(ctx)
	if err != nil {
		return err
	}
	if values["tenant"] != odd {
		return fmt.Errorf("the tenant is %s, want %s", values["tenant"], odd)
	}
	if !strings.Contains(problems, "ftp://nowhere") || !strings.Contains(problems, "no such") {
		return fmt.Errorf("the wrong settings are not named: %s", problems)
	}
	_, _ = fmt.Fprintln(s.out, "   STOPPED; once started, 'iscdesk policy show' names the wrong address and the missing file")
	return nil
}

// policy is what 'iscdesk policy show' says. It ends with 1 where something is wrong.
func (s *stage) policy(ctx context.Context) (values map[string]string, problems string, err error) {
	said, ended := s.machine.run(ctx, nil, s.machine.path("Program Files", "iscdesk", "iscdesk.exe"), "policy", "show", "--json")
	var shown struct {
		Settings []struct{ Key, Value string }
		Problems json.RawMessage
	}
	if err := json.Unmarshal([]byte(said), &shown); err != nil {
		return nil, "", errors.Join(fmt.Errorf("%w in %s", err, said), ended)
	}
	values = map[string]string{}
	for _, setting := range shown.Settings {
		values[setting.Key] = setting.Value
	}
	if problems = string(shown.Problems); ended == nil && strings.Contains(problems, "{") {
		return nil, "", fmt.Errorf("'iscdesk policy show' succeeds with %s", problems)
	}
	return values, problems, nil
}

// policyChanges sets a marketplace by policy while the service runs, and takes it
// away again: the service begins anew each time, and stays.
func (s *stage) policyChanges(ctx context.Context) error {
	const key = `HKLM\Software\Policies\iscdesk`
	if said, err := s.machine.run(ctx, nil, "reg", "add", key, "/v", "MarketplaceURL", "/t", "REG_SZ", "/d", s.gate.url(), "/f"); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	if err := s.awaitMarketplace(ctx, s.gate.url()); err != nil {
		return err
	}
	if said, err := s.machine.run(ctx, nil, "reg", "delete", key, "/f"); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	if err := s.awaitMarketplace(ctx, ""); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(s.out, "   a marketplace comes and goes by policy, the service stays")
	return s.service(ctx, "RUNNING")
}

// awaitMarketplace waits until the service says that this is its marketplace.
// It does not answer while it begins anew.
func (s *stage) awaitMarketplace(ctx context.Context, want string) error {
	const soon = 20 * time.Second
	late, cancel := context.WithTimeout(ctx, soon)
	defer cancel()
	for {
		values, _, err := s.policy(late)
		if err == nil && values["marketplace"] == want {
			return nil
		}
		if late.Err() != nil {
			return fmt.Errorf("the marketplace is %q, want %q: %w", values["marketplace"], want, err)
		}
	}
}
