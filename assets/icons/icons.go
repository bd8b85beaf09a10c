// Package icons holds the drawings of the tray app: SVG on a grid of 24, drawn
// with one line width in the colour currentColor, which whoever shows one
// replaces by its own.
package icons

import "embed"

//go:embed *.svg
var files embed.FS

// SVG gives a drawing by its name, which is its file's without .svg; nil where
// there is none.
func SVG(name string) []byte {
	content, err := files.ReadFile(name + ".svg")
	if err != nil {
		return nil
	}
	return content
}
