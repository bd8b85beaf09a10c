package seed_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/catalogue"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/documents"
	"iscdesk.dev/marketplace/internal/isv"
	"iscdesk.dev/marketplace/internal/licensing"
	"iscdesk.dev/marketplace/internal/objects"
	"iscdesk.dev/marketplace/internal/push"
	"iscdesk.dev/marketplace/internal/seed"
	"iscdesk.dev/marketplace/internal/solving"
	"iscdesk.dev/marketplace/internal/vendor"
	"iscdesk.dev/marketplace/internal/web"
)

func ann() web.User {
	return web.User{ID: "u1", UserName: "ann", Tenant: "sample", TenantName: "Sample"}
}

type directory struct{}

func (directory) UserByID(context.Context, string) (web.User, error)   { return ann(), nil }
func (directory) UserByName(context.Context, string) (web.User, error) { return ann(), nil }

type site struct {
	market  seed.Market
	docs    *documents.Engine
	solving *solving.Service
	store   objects.Store
	solved  pushes
}

// pushes tells that a solve changed.
type pushes chan struct{}

func (p pushes) Send([]string, agentapi.PushMessage) { p <- struct{}{} }

func open(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	db, err := database.OpenSQLite(filepath.Join(dir, "db"))
	must(t, err)
	store, err := objects.OpenFolder(filepath.Join(dir, "objects"))
	must(t, err)
	t.Cleanup(func() { must(t, errors.Join(db.Close(), store.Close())) })
	hub, log := push.NewHub(), slog.New(slog.NewTextHandler(io.Discard, nil))
	s := &site{store: store, solved: make(pushes, 64)}
	s.docs, err = documents.New(t.Context(), db, store, hub)
	must(t, err)
	l, err := licensing.New(t.Context(), licensing.Config{DB: db, Objects: store, Push: hub, Callbacks: isv.NewCallbacks(nil, isv.CallbackTimeout, nil), Users: directory{}, Log: log})
	must(t, err)
	c, err := catalogue.New(t.Context(), db, store, dir)
	must(t, err)
	s.solving, err = solving.New(t.Context(), solving.Config{DB: db, Documents: s.docs, Users: directory{}, Push: s.solved, Scratch: dir, Log: log})
	must(t, err)
	s.market = seed.Market{
		Licensing: l, Catalogue: c, Documents: s.docs, Users: []web.User{ann()}, State: dir, URL: "http://127.0.0.1:1",
		Write: func(path string, content []byte) error { return os.WriteFile(path, content, 0o600) },
	}
	must(t, seed.Fill(t.Context(), s.market))
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *site) read(t *testing.T, path string) map[string]string {
	t.Helper()
	d, err := s.docs.Find(t.Context(), ann(), path)
	must(t, err)
	c, err := s.docs.Open(t.Context(), ann(), d.ID, d.Current.Number)
	must(t, err)
	found := map[string]string{}
	for _, e := range c.Manifest.Entries {
		var b strings.Builder
		must(t, c.CopyFile(t.Context(), &b, e))
		found[e.Path] = b.String()
	}
	return found
}

func TestFillTwiceChangesNothing(t *testing.T) {
	s := open(t)
	file := filepath.Join(s.market.State, seed.CredentialsFile)
	before, err := vendor.ReadCredentials(file)
	must(t, err)
	must(t, seed.Fill(t.Context(), s.market))
	after, err := vendor.ReadCredentials(file)
	must(t, err)
	if before != after {
		t.Error("the vendor's credentials are others")
	}
	list, err := s.market.Licensing.Licenses(t.Context(), ann().ID)
	must(t, err)
	var products []string
	for _, l := range list {
		products = append(products, l.Product)
	}
	if got := strings.Join(products, " "); got != "minicad guide minicad-trial" {
		t.Errorf("licences of %s", got)
	}
	d, err := s.docs.Find(t.Context(), ann(), "/projects/bracket.step")
	must(t, err)
	if d.Current.Number != 1 {
		t.Errorf("the bracket has version %d", d.Current.Number)
	}
}

// TestPartsAreClosedSolids checks that every reference of the STEP parts
// resolves and that every edge of the shell is used twice, once in either
// direction: the shell is closed and its faces look outwards alike.
func TestPartsAreClosedSolids(t *testing.T) {
	s := open(t)
	parts := s.read(t, "/projects/gearbox")
	for path, content := range s.read(t, "/projects/bracket.step") {
		parts[path] = content
	}
	if len(parts) != 4 || parts["gearbox.step"] == "" {
		t.Fatalf("%d files", len(parts))
	}
	entity := regexp.MustCompile(`(?m)^(#\d+)=(.*);$`)
	reference := regexp.MustCompile(`#\d+`)
	for path, content := range parts {
		if !strings.HasPrefix(content, "ISO-10303-21;\nHEADER;\n") || !strings.HasSuffix(content, "ENDSEC;\nEND-ISO-10303-21;\n") || !strings.Contains(content, "214 1 1 1 1") {
			t.Errorf("%s is no exchange structure of AP214", path)
		}
		known, edges := map[string]bool{}, map[string]int{}
		for _, m := range entity.FindAllStringSubmatch(content, -1) {
			known[m[1]] = true
		}
		for _, m := range entity.FindAllStringSubmatch(content, -1) {
			for _, r := range reference.FindAllString(m[2], -1) {
				if !known[r] {
					t.Errorf("%s: %s names %s, which is not there", path, m[1], r)
				}
			}
			if rest, ok := strings.CutPrefix(m[2], "ORIENTED_EDGE('',*,*,"); ok {
				edge, sense, _ := strings.Cut(strings.TrimSuffix(rest, ")"), ",")
				edges[edge] += map[string]int{".T.": 1, ".F.": 100}[sense]
			}
		}
		if path == "gearbox.step" {
			continue
		}
		if strings.Count(content, "=ADVANCED_FACE(") != 6 || strings.Count(content, "=CLOSED_SHELL(") != 1 || len(edges) != 12 {
			t.Errorf("%s is no block", path)
		}
		for edge, uses := range edges {
			if uses != 101 {
				t.Errorf("%s: edge %s is used %d times", path, edge, uses)
			}
		}
	}
}

// TestBeamSolvesAsTheoryHasIt solves the cantilever with CalculiX and compares
// its tip with beam theory: F L^3 / (3 E I) and the shear's share.
func TestBeamSolvesAsTheoryHasIt(t *testing.T) {
	s := open(t)
	d, err := s.docs.Find(t.Context(), ann(), "/projects/beam.inp")
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.solving.Serve(ctx) }()
	job, err := s.solving.Submit(ctx, ann(), agentapi.SolveSubmit{OperationID: "op", DocumentID: d.ID, Version: 1})
	must(t, err)
	for job.State == agentapi.Queued || job.State == agentapi.Running {
		<-s.solved
		job, err = s.solving.Job(ctx, ann().ID, job.ID)
		must(t, err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Serve: %v", err)
	}
	if job.State != agentapi.Succeeded {
		t.Fatalf("job %+v", job)
	}
	text := s.read(t, "/projects/beam.results")["beam.results.dat"]
	sum, n := 0.0, 0
	for line := range strings.SplitSeq(text, "\n") {
		if fields := strings.Fields(line); len(fields) == 4 {
			if z, err := strconv.ParseFloat(fields[3], 64); err == nil {
				sum, n = sum+z, n+1
			}
		}
	}
	const force, length, modulus, poisson, side = 100.0, 100.0, 210000.0, 0.3, 10.0
	inertia := side * side * side * side / 12
	shear := modulus / (2 * (1 + poisson))
	theory := force*length*length*length/(3*modulus*inertia) + 6*force*length/(5*shear*side*side)
	if n != 21 || math.Abs(-sum/float64(n)/theory-1) > 0.02 {
		t.Errorf("tip displacement %g over %d nodes, theory %g", -sum/float64(n), n, theory)
	}
}

func TestPackageInstallsAndUninstalls(t *testing.T) {
	s := open(t)
	u, err := s.market.Catalogue.Upgrade(t.Context(), "minicad", "1.0.0", "linux", "amd64")
	must(t, err)
	if u.Version.Version != "1.1.0" || u.Forced {
		t.Fatalf("upgrade %+v", u)
	}
	content, err := s.store.Get(t.Context(), "package/"+u.Version.Package.Sha256)
	must(t, err)
	dir, app := t.TempDir(), t.TempDir()
	unpack(t, content, dir)
	must(t, content.Close())
	run := func(script string) {
		cmd := exec.CommandContext(t.Context(), "/bin/sh", filepath.Join(dir, "scripts", script))
		cmd.Env = []string{"ISCDESK_APP_DIR=" + app, "PATH=/usr/bin:/bin"}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
	}
	for range 2 { // also over itself
		run("install.sh")
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(app, "bin", "minicad")).Output()
	if must(t, err); string(out) != "minicad 1.1.0\n" {
		t.Errorf("the installed program says %q", out)
	}
	run("uninstall.sh")
	if left, err := os.ReadDir(app); err != nil || len(left) != 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

func unpack(t *testing.T, r io.Reader, dir string) {
	t.Helper()
	z, err := gzip.NewReader(r)
	must(t, err)
	archive := tar.NewReader(z)
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		must(t, err)
		path := filepath.Join(dir, h.Name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		body, err := io.ReadAll(archive)
		must(t, err)
		must(t, os.WriteFile(path, body, h.FileInfo().Mode()))
	}
}
