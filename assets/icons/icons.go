// Package icons holds the drawings of the tray app: SVG on a grid of 24, drawn
// with one line width in the colour currentColor, which whoever shows one
// replaces by its own; and the pictures of the tray icon.
package icons

import "embed"

//go:embed *.svg tray/*.png
var files embed.FS

// SVG gives a drawing by its name, which is its file's without .svg; nil where
// there is none.
func SVG(name string) []byte { return read(name + ".svg") }

// Tray gives a picture of the tray icon by its name, as PNG; nil where there
// is none.
func Tray(name string) []byte { return read("tray/" + name + ".png") }

func read(name string) []byte {
	content, err := files.ReadFile(name)
	if err != nil {
		return nil
	}
	return content
}
