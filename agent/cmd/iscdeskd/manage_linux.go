package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/kardianos/service"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/assets/locale"
	"iscdesk.dev/installer/systemd"
)

const unitFile = serviceName + ".service"

// ownUnit is where install puts the unit; those of packages lie elsewhere.
const ownUnit = "/etc/systemd/system/" + unitFile

// systemdManager is the service as a unit of systemd.
type systemdManager struct {
	service.Service
	path string
}

func (o options) manager(locale.Catalogue) (manager, error) {
	if service.Platform() != "linux-systemd" {
		return nil, errNoManager
	}
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args, err := o.serviceArgs()
	if err != nil {
		return nil, err
	}
	text, err := unit(systemd.Unit(), append([]string{path}, args...))
	if err != nil {
		return nil, err
	}
	s, err := service.New(nil, &service.Config{
		Name: serviceName, DisplayName: displayName, Executable: path,
		Option: service.KeyValue{"SystemdScript": text},
	})
	return systemdManager{s, path}, err
}

// command finds the line of a unit that says what it runs.
var command = regexp.MustCompile(`(?m)^ExecStart=.*$`)

// unit is the text of the unit with another command.
func unit(text string, words []string) (string, error) {
	if n := len(command.FindAllString(text, -1)); n != 1 {
		return "", fmt.Errorf("the unit has %d lines ExecStart=", n)
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		if strings.ContainsAny(w, "{}$") {
			return "", fmt.Errorf("%q: systemd cannot take braces and dollar signs here", w)
		}
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%").Replace(w) + `"`
	}
	return command.ReplaceAllLiteralString(text, "ExecStart="+strings.Join(quoted, " ")), nil
}

func (systemdManager) allowed() error {
	if os.Geteuid() != 0 {
		return errNotAllowed
	}
	return nil
}

// condition asks systemd. A unit that failed is stopped.
func (systemdManager) condition() (condition, error) {
	out, err := exec.Command("systemctl", "show", "--property=LoadState,ActiveState,SubState", unitFile).Output()
	if err != nil {
		return notInstalled, errors.Join(errNoManager, err)
	}
	said := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		said[name] = value
	}
	switch active := said["ActiveState"]; {
	case said["SubState"] == "auto-restart":
		return failing, nil
	case active == "active" || active == "reloading" || active == "activating" || active == "deactivating":
		return running, nil
	case said["LoadState"] == "not-found":
		return notInstalled, nil
	default:
		return stopped, nil
	}
}

// await needs no patience: systemctl returns when the service is where it
// should be.
func (m systemdManager) await(_ time.Duration, done func(condition) bool) error {
	now, err := m.condition()
	if err == nil && !done(now) {
		err = errors.New("see: journalctl -u " + serviceName)
	}
	return err
}

func (m systemdManager) program() string { return m.path }

func (m systemdManager) install() error {
	for _, folder := range []string{"/usr/lib/systemd/system", "/lib/systemd/system"} {
		if _, err := os.Stat(filepath.Join(folder, unitFile)); err == nil {
			return errInstalled
		}
	}
	if err := m.Install(); err != nil {
		return errors.Join(err, ifThere(os.Remove(ownUnit)))
	}
	return nil
}

// removable refuses the unit of a package, which is the package's.
func (systemdManager) removable() error {
	if _, err := os.Stat(ownUnit); errors.Is(err, os.ErrNotExist) {
		return errPackaged
	}
	return nil
}

func (m systemdManager) uninstall() error {
	if err := m.Uninstall(); err != nil {
		return err
	}
	_ = exec.Command("systemctl", "reset-failed", unitFile).Run() // fails where it never failed
	return nil
}

func ifThere(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func (m systemdManager) start() error {
	if err := m.Start(); err != nil {
		return errors.Join(errNotStarted, err)
	}
	return nil
}

func (m systemdManager) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "systemctl", "stop", unitFile).CombinedOutput(); err != nil {
		return errors.Join(errNotStopped, err, errors.New(strings.TrimSpace(string(out))))
	}
	return nil
}

// language is that of the locale.
func language() api.Language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			return api.ParseLanguage(v)
		}
	}
	return api.English
}
