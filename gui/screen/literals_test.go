package screen_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"iscdesk.dev/assets/icons"
	"iscdesk.dev/assets/locale"
)

// TestNoTextIsWrittenHere reads the source of all screens: what people read
// comes from gui/view or the catalogues. A literal with a letter in it has to
// be the key of a text, the name of a placeholder, a constant's value, or
// something that is only compared.
func TestNoTextIsWrittenHere(t *testing.T) {
	texts, err := locale.GUI("en")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if path == filepath.Join("kit", "fyne.go") { // it holds Fyne's own texts, as keys
			return nil
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(filepath.Dir(path), "test") {
			return err
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		checked++
		for _, l := range suspects(f) {
			s, err := strconv.Unquote(l.Value)
			if err != nil {
				return err
			}
			if _, key := texts[s]; !key && strings.IndexFunc(s, unicode.IsLetter) >= 0 && icons.SVG(s) == nil {
				t.Errorf("%s: the text %q does not come from the catalogues", fset.Position(l.Pos()), s)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 10 {
		t.Errorf("only %d files were read", checked)
	}
}

// suspects gives the string literals of a file that may reach a widget.
func suspects(f *ast.File) (out []*ast.BasicLit) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec, *ast.Field:
			return false
		case *ast.GenDecl:
			return n.Tok != token.CONST
		case *ast.BinaryExpr: // a comparison, but not what is put together
			return n.Op == token.ADD
		case *ast.CaseClause:
			for _, s := range n.Body {
				out = append(out, within(s)...)
			}
			return false
		case *ast.CallExpr:
			for i, arg := range n.Args {
				if _, ok := arg.(*ast.BasicLit); ok && named(n, i) {
					continue
				}
				out = append(out, within(arg)...)
			}
			out = append(out, within(n.Fun)...)
			return false
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Name" { // the name of an action, which is never shown
				return false
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				out = append(out, n)
			}
		}
		return true
	})
	return out
}

// within gives the suspects of a part of a file.
func within(n ast.Node) []*ast.BasicLit {
	file := &ast.File{Name: ast.NewIdent("part")}
	switch n := n.(type) {
	case ast.Stmt:
		file.Decls = []ast.Decl{&ast.FuncDecl{Name: ast.NewIdent("f"), Type: &ast.FuncType{}, Body: &ast.BlockStmt{List: []ast.Stmt{n}}}}
	case ast.Expr:
		file.Decls = []ast.Decl{&ast.FuncDecl{Name: ast.NewIdent("f"), Type: &ast.FuncType{}, Body: &ast.BlockStmt{List: []ast.Stmt{&ast.ExprStmt{X: n}}}}}
	}
	return suspects(file)
}

// named tells whether an argument of a call names a placeholder of T or of an error, or is of
// a function that shows nothing.
func named(call *ast.CallExpr, i int) bool {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		if f.Sel.Name == "T" {
			return i%2 == 1
		}
		x, ok := f.X.(*ast.Ident)
		if ok && x.Name+"."+f.Sel.Name == "api.Fail" {
			return i%2 == 1
		}
		return ok && (x.Name == "strings" || x.Name == "errors" || x.Name+"."+f.Sel.Name == "fyne.MeasureText" || x.Name+"."+f.Sel.Name == "fyne.LogError")
	case *ast.Ident:
		return f.Name == "panic"
	}
	return false
}
