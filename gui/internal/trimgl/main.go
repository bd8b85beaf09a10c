// Command trimgl makes programs that draw with Fyne quick to build. It writes
// a copy of the module github.com/go-gl/gl whose package v2.1/gl holds only
// the functions which Fyne's painter calls, and a workspace that has go take
// it:
//
//	trimgl DIR
//
// writes DIR/module and DIR/go.work, for GOWORK=DIR/go.work. The whole package
// wraps 2,700 functions of OpenGL in C, for which cgo takes seven minutes; the
// forty that are used take six seconds. Both make the same program: what is
// left out is what the linker would leave out, and the probing at start of
// functions that nobody calls. Without the workspace everything builds too,
// only slower.
//
// It is a workspace because go build takes no overlay over the module cache,
// and because go get still changes the go.mod of the product in one.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// The module and package that is trimmed, and the one package that uses it.
const (
	glModule     = "github.com/go-gl/gl"
	glPackage    = glModule + "/v2.1/gl"
	fyneModule   = "fyne.io/fyne/v2"
	painterInGUI = "internal/painter/gl"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "trimgl: say: trimgl DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "trimgl:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	gl, err := moduleOf(glModule)
	if err != nil {
		return err
	}
	fyne, err := moduleOf(fyneModule)
	if err != nil {
		return err
	}
	used, err := namesUsed(filepath.Join(fyne.Dir, painterInGUI))
	if err != nil {
		return err
	}
	// gles2 is what Fyne takes on ARM.
	for _, part := range []string{"LICENSE", "go.mod", "v2.1/gl", "v3.1/gles2"} {
		if err := copyTree(filepath.Join(gl.Dir, part), filepath.Join(dir, "module", part), used); err != nil {
			return err
		}
	}
	text, err := workspace(dir, gl.Version)
	if err != nil {
		return err
	}
	return replace(filepath.Join(dir, "go.work"), text)
}

// copyTree copies a file or folder, and trims the package on the way.
func copyTree(from, to string, used map[string]bool) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := string(content)
		if strings.HasSuffix(filepath.ToSlash(path), "/v2.1/gl/package.go") {
			if text, err = trim(text, used); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		return replace(filepath.Join(to, rel), text)
	})
}

// workspace is the text of go.work. Its go version is that of go.mod: programs
// take their GODEBUG defaults from it.
func workspace(dir, version string) (string, error) {
	out, err := command("go", "list", "-m", "-json")
	if err != nil {
		return "", err
	}
	var product struct{ Dir, GoVersion string }
	if err := json.Unmarshal(out, &product); err != nil {
		return "", err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	root, err := filepath.Rel(dir, product.Dir)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("// Written by gui/internal/trimgl.\ngo %s\n\nuse %s\n\nreplace %s %s => ./module\n",
		product.GoVersion, filepath.ToSlash(root), glModule, version), nil
}

// replace writes a file in one step: another build may be reading it.
func replace(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// module is what go tells of one.
type module struct{ Dir, Version, Error string }

// moduleOf finds a module that go.mod names, and fetches it where the machine
// does not have it yet.
func moduleOf(path string) (module, error) {
	out, err := command("go", "mod", "download", "-json", path)
	var m module
	if jsonErr := json.Unmarshal(out, &m); jsonErr == nil && m.Error != "" {
		return m, fmt.Errorf("%s: %s", path, m.Error)
	}
	if err != nil {
		return m, err
	}
	if m.Dir == "" || m.Version == "" {
		return m, fmt.Errorf("go mod download does not say where %s is", path)
	}
	return m, nil
}

// command runs go on the product's own go.mod, not in a workspace, which this
// program may be about to replace.
func command(name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("%s: %w", cmd, err)
	}
	return out, nil
}

// namesUsed gives what the Go files of a folder use of the gl package.
func namesUsed(dir string) (map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, path := range files {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return nil, err
		}
		name := importedAs(f)
		if name == "" || strings.HasSuffix(path, "_test.go") {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == name {
					used[sel.Sel.Name] = true
				}
			}
			return true
		})
	}
	if len(used) == 0 {
		return nil, fmt.Errorf("nothing in %s uses %s", dir, glPackage)
	}
	return used, nil
}

// importedAs gives the name under which a file knows the gl package, "" where
// it does not import it.
func importedAs(f *ast.File) string {
	for _, imp := range f.Imports {
		if path, err := strconv.Unquote(imp.Path.Value); err != nil || path != glPackage {
			continue
		}
		if imp.Name != nil {
			return imp.Name.Name
		}
		return "gl"
	}
	return ""
}
