package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// personal is what the tray app keeps in a user's profile: settings of its
// window, notes of a crash, pictures for the tray. It is his, like his documents.
func personal() []string {
	const data = `C:\users\root\AppData\`
	return []string{data + `Roaming\fyne`, data + `Local\iscdesk`, data + `Local\Temp\systray_temp_icon_`}
}

// tray checks what the installation has said of the tray app: the value of
// TRAY, whether it starts at login, whether it is in the Start menu. Wine puts
// the shortcut into the menu of the user, Windows into that of all. The letters
// of the folder are not those that reg prints: it writes in a code page.
func (s *stage) tray(ctx context.Context, setting string, atLogin, inMenu bool) error {
	said, err := s.machine.run(ctx, nil, "reg", "query", `HKLM\Software\iscdesk`, "/v", "Tray", "/reg:64")
	if err != nil || !strings.Contains(said, "REG_SZ    "+setting) {
		return fmt.Errorf("setting Tray is not %s: %w: %s", setting, err, said)
	}
	said, err = s.machine.run(ctx, nil, "reg", "query", `HKLM\Software\Microsoft\Windows\CurrentVersion\Run`, "/v", "iscdesk-tray", "/reg:64")
	if starts := err == nil && strings.Contains(said, `REG_SZ    "C:\`) && strings.Contains(said, `\iscdesk-tray.exe" --autostart`); starts != atLogin {
		return fmt.Errorf("starts at login: %t, want %t: %s", starts, atLogin, said)
	}
	const menu = "Microsoft/Windows/Start Menu/Programs/iscdesk.lnk"
	var found []string
	for _, folder := range []string{"ProgramData", "users/root/AppData/Roaming"} {
		if _, err := os.Stat(s.machine.path(folder, menu)); err == nil {
			found = append(found, folder)
		} else if !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if (len(found) == 1) != inMenu {
		return fmt.Errorf("shortcuts in %q, want one: %t", found, inMenu)
	}
	return nil
}

// runTray starts the installed tray app and waits for its window. The function
// that it gives waits for its end, which has to be the answer to a request: one
// that was killed ends with 1.
func (s *stage) runTray(ctx context.Context) (ended func() error, err error) {
	const soon = time.Minute
	running, cancel := context.WithCancel(ctx)
	a := s.trayApp(running)
	if err := a.start(); err != nil {
		cancel()
		return nil, err
	}
	shown, done := context.WithTimeout(ctx, soon)
	defer done()
	if err := s.display.await(shown, "iscdesk"); err != nil {
		cancel()
		said, ended := a.end()
		return nil, errors.Join(err, fmt.Errorf("the tray app: %w: %s", ended, said))
	}
	_, _ = fmt.Fprintln(s.out, "   the tray app shows its window")
	return func() error {
		defer cancel()
		late := time.AfterFunc(soon, cancel)
		defer late.Stop()
		if said, err := a.end(); err != nil {
			return fmt.Errorf("the tray app did not end by itself: %w: %s", err, said)
		}
		return nil
	}, nil
}

// trayApp is the installed tray app, not yet started.
func (s *stage) trayApp(ctx context.Context) *application {
	cmd := s.machine.Command(ctx, s.machine.path("软件 目录", "iscdesk-tray.exe"))
	cmd.Env = s.machine.env
	cmd.Dir = s.dir
	return &application{cmd: cmd, said: filepath.Join(s.dir, "tray.txt")}
}
