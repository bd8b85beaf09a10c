// Package start opens what the user clicks on with what his desktop has for
// it: documents, folders, web pages, programs. Everything runs with his own
// rights, without a shell, and lives on when the tray app ends.
package start

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/signin"
	"iscdesk.dev/agent/workspace"
)

// Browse shows a web page; only http and https are web pages.
func Browse(ctx context.Context, page string) error {
	if err := signin.OpenBrowser(ctx, os.Getenv, page); err != nil {
		return api.Fail(api.Unsupported, "what", page).Because(err)
	}
	return nil
}

// Open opens a file or folder with the program that the desktop has for it. A
// file that is itself a program is not run: what came out of the cloud as a
// document must not be one. Its folder is shown instead.
func Open(path string) error {
	if !filepath.IsAbs(path) {
		return api.Fail(api.InvalidArgument, "argument", path, "reason", "not an absolute path")
	}
	info, err := os.Stat(path)
	if err != nil {
		return unreadable(path, err)
	}
	if info.Mode().IsRegular() && isProgram(path, info) {
		path = filepath.Dir(path)
	}
	if err := open(path); err != nil {
		return unreadable(path, err)
	}
	return nil
}

func unreadable(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return api.Fail(api.NotFound, "what", path).Because(err)
	}
	return api.Fail(api.FileUnreadable, "path", path, "reason", workspace.Reason(err)).Because(err)
}

// isProgram tells what the desktop would run rather than show.
func isProgram(path string, info fs.FileInfo) bool {
	ext := strings.ToLower(strings.TrimRight(filepath.Ext(strings.TrimRight(path, ". ")), ". "))
	return slices.Contains(programs(), ext) || runs(info)
}

// programs are the endings of names that mean a program or a link to one, on
// any system: a folder may be shared between them.
func programs() []string {
	return []string{
		".exe", ".com", ".bat", ".cmd", ".scr", ".pif", ".msi", ".msp", ".mst", ".ps1", ".psm1", ".psd1", ".ps1xml", ".psc1", ".vb", ".vbs", ".vbe",
		".js", ".jse", ".wsf", ".wsh", ".ws", ".wsc", ".hta", ".cpl", ".msc", ".jar", ".jnlp", ".lnk", ".url", ".website", ".scf", ".reg", ".inf",
		".application", ".appref-ms", ".appinstaller", ".appx", ".appxbundle", ".msix", ".msixbundle", ".vsto", ".xbap", ".gadget", ".chm", ".hlp",
		".dll", ".ocx", ".sct", ".shb", ".shs", ".library-ms", ".search-ms", ".searchconnector-ms", ".settingcontent-ms", ".diagcab", ".theme",
		".themepack", ".job", ".rdp", ".iqy", ".slk", ".xll", ".wll", ".iso", ".vhd", ".vhdx", ".img",
		".desktop", ".sh", ".bash", ".csh", ".ksh", ".zsh", ".fish", ".run", ".appimage", ".py", ".pyw", ".pyc", ".pyz", ".pyzw", ".pl", ".rb",
		".php", ".deb", ".rpm", ".flatpak", ".flatpakref", ".snap", ".service", ".command", ".app",
	}
}

// Launch starts a program in its own folder.
func Launch(program string) error {
	if !filepath.IsAbs(program) {
		return api.Fail(api.InvalidArgument, "argument", program, "reason", "not an absolute path")
	}
	cmd := exec.Command(program)
	cmd.Dir = filepath.Dir(program)
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return unreadable(program, err)
	}
	go func() { _ = cmd.Wait() }() // what has ended is forgotten; it may outlive this program
	return nil
}
