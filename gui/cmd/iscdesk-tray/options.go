package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/assets/version"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/shell"
)

// The exit codes of iscdesk-tray, the same as those of iscdesk.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// options are what the command line says.
type options struct {
	show      string
	autostart bool
	quit      bool
	version   bool
	help      bool
	lang      string
	socket    string
}

// place is what --show names: ROOM, ROOM/PART or ROOM/PART/ITEM.
func place(show string) (view.Place, bool) {
	if show == "" {
		return view.Place{}, true
	}
	parts := strings.SplitN(show, "/", 3)
	p := view.Place{Room: view.Room(parts[0])}
	if len(parts) > 1 {
		p.Part = parts[1]
	}
	if len(parts) > 2 {
		p.Item = parts[2]
	}
	return p, slices.Contains(shell.Rooms(), p.Room)
}

// parse reads the command line. What is wrong with it is said in the language
// that it asks for, as far as it does.
func parse(args []string) (o options, fault string) {
	set := flag.NewFlagSet("iscdesk-tray", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&o.show, "show", "", "")
	set.BoolVar(&o.autostart, "autostart", false, "")
	set.BoolVar(&o.quit, "quit", false, "")
	set.BoolVar(&o.version, "version", false, "")
	set.StringVar(&o.lang, "lang", "", "")
	set.StringVar(&o.socket, "socket", "", "")
	err := set.Parse(args)
	o.help = errors.Is(err, flag.ErrHelp)
	switch _, known := place(o.show); {
	case o.help:
		return o, ""
	case err != nil:
		return o, "command.usage.flag"
	case set.NArg() > 0:
		return o, "command.usage.argument"
	case !known:
		return o, "command.usage.room"
	case o.lang != "" && o.lang != string(api.English) && o.lang != string(api.Chinese):
		return o, "command.usage.lang"
	}
	return o, ""
}

// help is what --help prints.
func help(w *i18n.Words) string {
	var rooms []string
	for _, r := range shell.Rooms() {
		rooms = append(rooms, string(r))
	}
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%s\n\n%s\n  iscdesk-tray [--show ROOM] [--lang en|zh-CN] [--socket PATH]\n  iscdesk-tray --autostart | --quit | --version | --help\n\n", w.T("command.short"), w.T("command.usage"))
	for _, line := range [][2]string{
		{"--show ROOM", w.T("command.show", "rooms", strings.Join(rooms, ", "))},
		{"--lang LANG", w.T("command.lang")},
		{"--socket PATH", w.T("command.socket")},
		{"--autostart", w.T("command.autostart")},
		{"--quit", w.T("command.quit")},
		{"--version", w.T("command.version")},
		{"--help", w.T("command.help")},
	} {
		_, _ = fmt.Fprintf(&b, "  %-15s %s\n", line[0], line[1])
	}
	_, _ = fmt.Fprintf(&b, "\n%s\n", w.T("command.exit"))
	return b.String()
}

func versionLine() string { return "iscdesk-tray " + version.String() + "\n" }
