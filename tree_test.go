// Package iscdesk_test holds the rules about the tree as a whole: which
// folders there are, who may depend on whom, and what every file owes its
// reader. The README of the repository explains them.
package iscdesk_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "iscdesk.dev"

// goPackage is what these tests need of 'go list -json'.
type goPackage struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string
}

// list runs go list over the product's packages, the C library included.
func list(t *testing.T, patterns ...string) []goPackage {
	t.Helper()
	args := append([]string{"list", "-deps", "-json=ImportPath,Standard,Imports,Deps"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	var all []goPackage
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p goPackage
		if err := dec.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestTopLevelFolders(t *testing.T) {
	want := []string{"agent", "assets", "cgo", "gui", "installer", "marketplace", "sdkbridge"}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && e.Name() != "build" {
			got = append(got, e.Name())
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("top-level folders are %v, want %v", got, want)
	}
	for _, d := range want {
		if _, err := os.Stat(filepath.Join(d, "README.md")); err != nil {
			t.Errorf("%s has no README.md", d)
		}
	}
}

// TestLayers holds the one-way order of the architecture: no package reaches,
// over any number of steps, what its layer must not know.
func TestLayers(t *testing.T) {
	inSDK := []string{"net/http", "crypto/tls", "database/sql", "modernc.org/sqlite", "fyne.io/", module + "/agent/internal/", module + "/marketplace"}
	rules := []struct {
		layer  string   // import path, or the beginning of one where it ends in /
		except []string // beginnings of import paths
		never  []string // beginnings of import paths
	}{
		{layer: module + "/cgo", never: inSDK},
		{layer: module + "/sdkbridge", never: inSDK},
		{layer: module + "/agent/session", never: append([]string{module + "/sdkbridge"}, inSDK...)},
		{layer: module + "/agent/ipc", never: append([]string{module + "/agent/session"}, inSDK...)},
		{layer: module + "/agent/api", never: append([]string{module + "/"}, inSDK...)},
		{layer: module + "/agent/lease", never: append([]string{module + "/agent/internal"}, inSDK...)},
		{layer: module + "/agent/workspace", never: inSDK},
		{layer: module + "/agent/client", never: []string{module + "/agent/internal", module + "/marketplace", "modernc.org/sqlite"}},
		{layer: module + "/agent/signin", never: []string{module + "/agent/internal", module + "/marketplace", "modernc.org/sqlite"}},
		{layer: module + "/agent/cmd/iscdesk", never: []string{module + "/agent/internal/daemon", module + "/agent/internal/server", module + "/marketplace", "modernc.org/sqlite"}},
		{layer: module + "/gui/", except: []string{module + "/gui/guitest", module + "/gui/bench"}, never: []string{module + "/agent/internal", module + "/marketplace", "modernc.org/sqlite"}},
		{layer: module + "/gui/", except: []string{module + "/gui/cmd/"}, never: []string{"fyne.io/fyne/v2/app", "github.com/go-gl/", "fyne.io/systray"}},
		{layer: module + "/gui/i18n", never: []string{"fyne.io/"}},
		{layer: module + "/gui/desk", never: []string{"fyne.io/"}},
		{layer: module + "/gui/view", never: []string{"fyne.io/"}},
		{layer: module + "/gui/view/", never: []string{"fyne.io/"}},
		{layer: module + "/gui/preview", never: []string{"fyne.io/"}},
		{layer: module + "/gui/plot", never: []string{"fyne.io/"}},
		{layer: module + "/gui/desktop/", never: []string{"fyne.io/"}},
		{layer: module + "/agent/", except: []string{module + "/agent/agenttest", module + "/agent/bench"}, never: []string{module + "/marketplace/internal", module + "/sdkbridge", module + "/cgo", "fyne.io/"}},
		{layer: module + "/marketplace/", never: []string{module + "/agent/", module + "/sdkbridge", module + "/cgo", "fyne.io/"}},
	}
	all := list(t, "./...")
	for _, r := range rules {
		found := false
		for _, p := range all {
			inLayer := p.ImportPath == r.layer || strings.HasSuffix(r.layer, "/") && strings.HasPrefix(p.ImportPath, r.layer)
			if !inLayer || hasPrefix(p.ImportPath, r.except) {
				continue
			}
			found = true
			for _, dep := range p.Deps {
				if dep != p.ImportPath && hasPrefix(dep, r.never) && !strings.HasPrefix(dep, module+"/assets") {
					t.Errorf("%s depends on %s", p.ImportPath, dep)
				}
			}
		}
		if !found {
			t.Errorf("no package matches %s: the rule checks nothing", r.layer)
		}
	}
}

// TestScreensOnlyDraw holds that the screens of the tray app ask nobody but
// the view: what they show and what a click does is decided where it is tested
// without a display.
func TestScreensOnlyDraw(t *testing.T) {
	never := []string{module + "/agent/client", module + "/agent/session", module + "/agent/ipc", "net", "os/exec"}
	for _, p := range list(t, "./gui/...") {
		if !strings.HasPrefix(p.ImportPath+"/", module+"/gui/screen/") {
			continue
		}
		for _, imp := range p.Imports {
			if slices.ContainsFunc(never, func(n string) bool { return imp == n || strings.HasPrefix(imp, n+"/") }) {
				t.Errorf("%s imports %s", p.ImportPath, imp)
			}
		}
	}
}

// TestSiblings holds that the engines of the service do not know each other:
// only the daemon joins them.
func TestSiblings(t *testing.T) {
	const internal = module + "/agent/internal/"
	engines := []string{"account", "app", "bus", "cloudfile", "health", "license", "message", "settings", "solve"}
	room := func(path string) string {
		return strings.SplitN(strings.TrimPrefix(path, internal), "/", 2)[0]
	}
	for _, p := range list(t, "./agent/internal/...") {
		if !strings.HasPrefix(p.ImportPath, internal) || !slices.Contains(engines, room(p.ImportPath)) {
			continue
		}
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, internal) && room(imp) != room(p.ImportPath) && slices.Contains(append(engines, "server", "daemon"), room(imp)) {
				t.Errorf("%s imports its sibling %s", p.ImportPath, imp)
			}
		}
	}
}

func hasPrefix(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

// source is one parsed Go file.
type source struct {
	path string
	file *ast.File
	fset *token.FileSet
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (path == "build" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != "."):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go"):
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, source{path, f, fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) isGenerated() bool { return ast.IsGenerated(s.file) }

func TestOneCommentPerPackage(t *testing.T) {
	comments := map[string][]string{}
	for _, s := range sources(t) {
		dir := filepath.Dir(s.path)
		if s.isTest() && dir != "." || s.isGenerated() {
			continue
		}
		if _, ok := comments[dir]; !ok {
			comments[dir] = nil
		}
		if s.file.Doc != nil {
			comments[dir] = append(comments[dir], s.path)
		}
	}
	for dir, files := range comments {
		if len(files) != 1 {
			t.Errorf("%s: %d package comments %v, want one", dir, len(files), files)
		}
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || s.isGenerated() {
			continue
		}
		for _, d := range s.file.Decls {
			for _, name := range undocumented(d) {
				t.Errorf("%s: %s has no comment", s.fset.Position(name.Pos()), name.Name)
			}
		}
	}
}

// undocumented gives the exported names that a declaration leaves without a
// comment. A group's comment covers its members.
func undocumented(d ast.Decl) []*ast.Ident {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		if d.Doc != nil || d.Tok == token.IMPORT {
			return nil
		}
		var names []*ast.Ident
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() && spec.Doc == nil {
					names = append(names, spec.Name)
				}
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					if n.IsExported() && spec.Doc == nil && spec.Comment == nil {
						names = append(names, n)
					}
				}
			}
		}
		return names
	}
	return nil
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.Ident:
			return t.IsExported()
		default:
			return true
		}
	}
}

func TestNoInitAndNoSleepInTests(t *testing.T) {
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s: func init", s.fset.Position(n.Pos()))
				}
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && s.isTest() && x.Name == "time" && n.Sel.Name == "Sleep" {
					t.Errorf("%s: time.Sleep in a test", s.fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
}

func TestFilesAreRooms(t *testing.T) {
	for _, s := range sources(t) {
		if lines := s.fset.File(s.file.Pos()).LineCount(); lines > 500 && !s.isGenerated() && !s.isTest() {
			t.Errorf("%s has %d lines, more than 500: split it", s.path, lines)
		}
	}
}

// TestNothingForeign holds that no file is tracked which only a build makes.
func TestNothingForeign(t *testing.T) {
	out, err := exec.Command("git", "ls-files").Output()
	if err != nil {
		t.Fatal(err)
	}
	for f := range strings.Lines(string(out)) {
		switch filepath.Ext(strings.TrimSpace(f)) {
		case ".so", ".dll", ".exe", ".o", ".a", ".db", ".test", ".out", ".log":
			t.Errorf("%s is tracked", strings.TrimSpace(f))
		}
	}
}
