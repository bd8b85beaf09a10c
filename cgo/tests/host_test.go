package tests

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session/sessiontest"
)

// ways are the subcommands of c/host.c.
func ways(library string) [][]string {
	return [][]string{
		{"thread"},
		{"pump"},
		{"descriptor"},
		{"shutdown-in-callback"},
		{"threads"},
		{"fork-exec"},
		{"sizes"},
		{"arguments"},
		{"unload", library},
	}
}

func silent(*sessiontest.Peer, json.RawMessage) (any, error) { return nil, sessiontest.Silence }

func TestHost(t *testing.T) {
	folder := filepath.Join(sdk(t), "lib")
	program := compile(t, "gcc", "-std=c99", "c/host.c", "c/host_linux.c", "-L"+folder, "-liscdesk", "-Wl,-rpath,"+folder)
	all := append(ways(library(t)), []string{"fork"}, []string{"signals"}, []string{"crash"}, []string{"again", "1000"})
	for _, way := range all {
		t.Run(way[0], func(t *testing.T) {
			_, env := service(t, nil)
			run(t, env, program, way...)
		})
	}
	t.Run("hang", func(t *testing.T) {
		_, env := service(t, func(s *sessiontest.Server) {
			for _, call := range []string{api.CallLicenseVerdict, api.CallAppCheck, api.CallDocumentPick, api.CallLicenseRequest} {
				s.Handlers[call] = silent
			}
		})
		run(t, env, program, "hang")
	})
}

// TestHostSanitised runs the same under AddressSanitizer and
// UndefinedBehaviorSanitizer, host and library both. The child of a fork that
// goes on without exec is left to TestHost: before GCC 14 AddressSanitizer
// does not free its locks in that child, and any thread may have held one.
func TestHostSanitised(t *testing.T) {
	folder := filepath.Join(sanitised.build(t, "-asan"), "lib")
	if err := os.Symlink("libiscdesk.so", filepath.Join(folder, "libiscdesk.so.1")); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	program := compile(t, "gcc", "-std=c99", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "c/host.c", "c/host_linux.c",
		"-L"+folder, "-liscdesk", "-Wl,-rpath,"+folder)
	for _, way := range append(ways(filepath.Join(folder, "libiscdesk.so.1")), []string{"again", "50"}) {
		t.Run(way[0], func(t *testing.T) {
			_, env := service(t, nil)
			run(t, append(env, "ASAN_OPTIONS=detect_leaks=1:handle_segv=0:allow_user_segv_handler=1"), program, way...)
		})
	}
}
