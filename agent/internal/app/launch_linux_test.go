package app_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

// manifest is a package's own word on what starts it.
func manifest(linux string) string {
	return `{"launch": {"linux": "` + linux + `", "windows": "bin/minicad.exe"}}`
}

func TestWhatStartsAnApplication(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files []string
		want  string // below the version's folder; empty: nothing
		says  string // in the log
	}{
		{"the vendor names it", []string{"iscdesk-app.json", manifest("bin/minicad"), "scripts/start.sh", "#!/bin/sh"}, "bin/minicad", ""},
		{"the vendor names nothing and has a start script", []string{"scripts/start.sh", "#!/bin/sh"}, "scripts/start.sh", ""},
		{"neither", nil, "", ""},
		{"what he names is missing", []string{"iscdesk-app.json", manifest("bin/other")}, "", ""},
		{"it lies outside", []string{"iscdesk-app.json", manifest("../../../../bin/sh")}, "", "does not lie in the package"},
		{"it is absolute", []string{"iscdesk-app.json", manifest("/bin/sh")}, "", "does not lie in the package"},
		{"it is a folder", []string{"iscdesk-app.json", manifest("bin")}, "", ""},
		{"it is no JSON", []string{"iscdesk-app.json", "minicad"}, "", "iscdesk-app.json: invalid character"},
		{"it is for another system", []string{"iscdesk-app.json", `{"launch": {"windows": "bin/minicad"}}`}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, scripted(t, "1.0", "echo the script speaks; echo 它说中文", tt.files...))
			if err := w.Install(t.Context(), "minicad"); err != nil {
				t.Fatal(err)
			}
			got := w.awaitState("installed")
			want := ""
			if tt.want != "" {
				want = w.path("1.0", tt.want)
			}
			if got.Launch != want || got.Folder != w.path("1.0") {
				t.Errorf("launch %q, want %q; folder %q", got.Launch, want, got.Folder)
			}
			if !strings.Contains(got.Log, "the script speaks\n它说中文\n") || !strings.Contains(got.Log, tt.says) {
				t.Errorf("log: %s", got.Log)
			}
			if info, err := os.Stat(want); want != "" && (err != nil || info.Mode()&0o100 == 0) {
				t.Errorf("it cannot be started: %v, %v", info, err)
			}
		})
	}
}

func TestALongLogIsCutAtALine(t *testing.T) {
	w := newWorld(t, scripted(t, "1.0", `for i in $(seq 3000); do echo "第 $i 行"; done`))
	if err := w.Install(t.Context(), "minicad"); err != nil {
		t.Fatal(err)
	}
	log := w.awaitState("installed").Log
	if len(log) > 8<<10 || !strings.HasPrefix(log, "第 ") || !strings.Contains(log, "第 3000 行\n") {
		t.Errorf("%d bytes, from %.40q", len(log), log)
	}
}

func TestUninstallWhileItRuns(t *testing.T) {
	w := newWorld(t, scripted(t, "1.0", ""))
	if err := w.Install(t.Context(), "minicad"); err != nil {
		t.Fatal(err)
	}
	w.awaitState("installed")
	cad := launch(t, w, "s1", "1.0")
	if err := w.Uninstall(t.Context(), "minicad"); !errors.Is(err, api.AppRunning) {
		t.Errorf("while it is connected: %v, want app_running", err)
	}
	w.SessionClosed(cad.Session)
	if err := w.Uninstall(t.Context(), "minicad"); !errors.Is(err, api.AppRunning) {
		t.Errorf("while its process lives: %v, want app_running", err)
	}
	cad.end(t)
	w.heard.await(t, "the process's end", func([]api.Event) bool {
		return w.Uninstall(t.Context(), "minicad") == nil
	})
	if got := w.awaitState("absent"); got.Installed != "" || got.Folder != "" || got.Launch != "" {
		t.Errorf("%+v", got)
	}
	if err := w.Install(t.Context(), "minicad"); err != nil {
		t.Fatalf("installing it again: %v", err)
	}
	if got := w.awaitState("installed"); got.Folder == "" || w.inUse() != "1.0" {
		t.Errorf("again: %+v, in use %q", got, w.inUse())
	}
}

func TestProgressStandsInTheState(t *testing.T) {
	hold := make(chan struct{})
	w := newWorld(t, scripted(t, "1.0", ""), func(m *market) { m.hold = hold })
	if err := w.Install(t.Context(), "minicad"); err != nil {
		t.Fatal(err)
	}
	size := w.market.latest.Package.Size
	w.heard.await(t, "half of the package", func([]api.Event) bool { return w.app().Done > 0 })
	if got := w.app(); got.State != "downloading" || got.Done != size/2 || got.Total != size {
		t.Errorf("half way: %+v, the package has %d bytes", got, size)
	}
	close(hold)
	if got := w.awaitState("installed"); got.Done != 0 || got.Total != 0 {
		t.Errorf("an installed application shows progress: %+v", got)
	}
}
