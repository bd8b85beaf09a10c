package main

import (
	"errors"
	"os"
	"path/filepath"

	"iscdesk.dev/agent/agenttest"
)

// target is what the engineer's programs are built for.
type target struct {
	platform agenttest.Platform // nil: this machine
	exe      string             // how the names of programs end
	kinds    []kind
}

// kind is one way of building the vendor's programs.
type kind struct {
	name     string // of its folder; empty: none of its own
	suffix   string // in titles
	compiler string // empty: the one of this machine
}

// stage says where the world is, what runs in it, and for which system.
func (o options) stage() (agenttest.Options, target, error) {
	setting := agenttest.Options{Binaries: agenttest.BinariesIn(o.bin), Keep: o.keep}
	if o.wine == "" {
		return setting, target{kinds: []kind{{}}}, nil
	}
	wine := agenttest.Wine{Runner: o.wine, Prefix: os.Getenv("WINEPREFIX")}
	if wine.Prefix == "" {
		return setting, target{}, errors.New("--wine needs WINEPREFIX: run the demo through '.ci/wine --session'")
	}
	setting.Platform, setting.Dir = wine, filepath.Join(wine.Drive(), "iscdesk-demo")
	setting.Binaries.Service = filepath.Join(o.windows, "iscdeskd.exe")
	setting.Binaries.CLI = filepath.Join(o.windows, "iscdesk.exe")
	return setting, target{
		platform: wine, exe: ".exe",
		kinds: []kind{
			{"x64", ", 64 bit", "x86_64-w64-mingw32-g++-posix"},
			{"x86", ", 32 bit", "i686-w64-mingw32-g++-posix"},
		},
	}, nil
}
