package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRealPackage trims what go.mod names for what Fyne uses: a new version of
// either that is laid out in another way fails here.
func TestRealPackage(t *testing.T) {
	dir := t.TempDir()
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "module", "v2.1", "gl", "package.go")
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, src, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			declared[fn.Name.Name] = true
		}
	}
	for _, name := range []string{"Init", "Clear", "DrawArrays", "TexImage2D", "VertexAttribPointerWithOffset"} {
		if !declared[name] {
			t.Errorf("%s is missing", name)
		}
	}
	if n := len(declared); n > 100 {
		t.Errorf("%d functions are left: nothing was trimmed", n)
	}
	work, err := os.ReadFile(filepath.Join(dir, "go.work"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\ngo 1.", "\nuse ", "replace " + glModule + " v0."} {
		if !strings.Contains(string(work), want) {
			t.Errorf("go.work has no %q:\n%s", want, work)
		}
	}
}
