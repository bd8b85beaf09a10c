// Package preview draws small pictures of documents: the edges of STEP models
// and assemblies, the triangles of glTF and STL, and images. It is for a look
// at what a document is, not for measuring it.
//
// Everything that it is given may be hostile. What it reads, makes and draws is
// bounded in bytes, entities, depth and time; whatever does not fit or is not
// understood gives an error, and never a panic.
package preview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // formats that image.Decode knows
	_ "image/png"
	"io"
	"path"
	"strings"
	"time"

	"golang.org/x/image/draw"
)

// Bounds of what is drawn.
const (
	MaxBytes    = 16 << 20    // of a document
	MaxTime     = time.Second // for one picture
	maxEntities = 400_000     // of a STEP file
	maxSegments = 600_000     // of all curves
	maxFaces    = 500_000     // triangles
	maxPlaced   = 4_096       // parts of an assembly, each as often as it is placed
	maxDepth    = 64          // of assemblies and of trees of nodes
	maxPixels   = 24 << 20    // of an image that is made smaller
)

// None tells that there is no picture of a document, because of what it is.
type None string

// Error implements error.
func (n None) Error() string { return "no picture: " + string(n) }

// File is one file of a document.
type File struct {
	Name    string // its path in the document
	Content []byte
}

// Drawable tells whether a file of this name and size may be drawn, so that it
// is worth fetching.
func Drawable(name string, size int64) bool {
	return size > 0 && size <= MaxBytes && kindOf(name) != ""
}

// kindOf is how a file is read; empty: not at all.
func kindOf(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".step", ".stp", ".p21":
		return "step"
	case ".gltf", ".glb":
		return "gltf"
	case ".stl":
		return "stl"
	case ".png", ".jpg", ".jpeg":
		return "image"
	}
	return ""
}

// Draw draws a document, size pixels wide and high at most. Of several files
// the first is the one that was meant; where it has no shape of its own, as the
// main file of an assembly that only names its parts, all of them are drawn.
func Draw(ctx context.Context, size int, files ...File) (img image.Image, err error) {
	defer func() {
		if p := recover(); p != nil { // a picture is never worth the program
			img, err = nil, fmt.Errorf("drawing: %v", p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, MaxTime)
	defer cancel()
	if size < 1 || size > 2048 || len(files) == 0 {
		return nil, errors.New("nothing to draw")
	}
	if total(files) > MaxBytes {
		return nil, None("it is too large")
	}
	if kindOf(files[0].Name) == "image" {
		return drawImage(ctx, files[0].Content, size)
	}
	s, err := read(ctx, files[0])
	if len(files) > 1 && (err != nil || s.empty()) {
		s, err = readAll(ctx, files[1:])
	}
	if err != nil {
		return nil, err
	}
	return s.draw(ctx, size)
}

// readAll reads what can be read of several files.
func readAll(ctx context.Context, files []File) (all scene, err error) {
	for _, f := range files {
		if s, err := read(ctx, f); err == nil {
			all.segments, all.faces = append(all.segments, s.segments...), append(all.faces, s.faces...)
		}
		if ctx.Err() != nil {
			return scene{}, ctx.Err()
		}
		if len(all.segments) > maxSegments || len(all.faces) > maxFaces {
			return scene{}, None("it has too many parts")
		}
	}
	return all, nil
}

func total(files []File) (n int) {
	for _, f := range files {
		n += len(f.Content)
	}
	return n
}

// read reads the shape of one file.
func read(ctx context.Context, f File) (scene, error) {
	switch kindOf(f.Name) {
	case "step":
		return readStep(ctx, f.Content)
	case "gltf":
		return readGLTF(ctx, f.Content)
	case "stl":
		return readSTL(ctx, f.Content)
	}
	return scene{}, None("it is not a shape that is known here")
}

// timed ends reading when the time is up: a few bytes of an image may ask for
// as much work as all of it.
type timed struct {
	ctx context.Context //nolint:containedctx // of the one reading that it lives for
	in  io.Reader
}

// Read implements io.Reader.
func (t timed) Read(p []byte) (int, error) {
	const most = 512
	if t.ctx.Err() != nil {
		return 0, t.ctx.Err()
	}
	return t.in.Read(p[:min(len(p), most)])
}

// drawImage makes an image smaller.
func drawImage(ctx context.Context, content []byte, size int) (image.Image, error) {
	cfg, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	if cfg.Width < 1 || cfg.Height < 1 || cfg.Width > maxPixels/cfg.Height {
		return nil, None("it has too many pixels")
	}
	src, _, err := image.Decode(timed{ctx, bytes.NewReader(content)})
	if err != nil {
		return nil, err
	}
	w, h := size, size
	if cfg.Width > cfg.Height {
		h = max(1, size*cfg.Height/cfg.Width)
	} else {
		w = max(1, size*cfg.Width/cfg.Height)
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.ApproxBiLinear.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Src, nil)
	return dst, nil
}
