package plot

import (
	"context"
	"image"
	"math"
)

// ShapeTexts are the words beside the picture of a deformed model.
type ShapeTexts struct {
	// Legend names what the colours mean; Caption stands below the picture,
	// empty: nothing does.
	Legend, Caption string
}

// Exaggeration is by how much a frame's displacements are drawn longer than
// they are, so that they can be seen: a round number, 1 where they are long
// enough.
func (r *Result) Exaggeration(frame int) float64 {
	f := r.Frames[frame]
	_, size := r.Model.box()
	if f.Max == 0 || size == 0 || f.Max > 0.04*size {
		return shrunk(f, size)
	}
	raw := 0.1 * size / f.Max
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{5, 2, 1} {
		if m*unit <= raw {
			return m * unit
		}
	}
	return unit
}

// shrunk is 1, or less for modes, whose length means nothing and may be many
// times the model's.
func shrunk(f Frame, size float64) float64 {
	if f.Max <= 0.25*size || f.Kind == Static || f.Kind == Moment || size == 0 {
		return 1
	}
	return 0.1 * size / f.Max
}

// box gives the middle of the model and its diagonal.
func (m *Model) box() (middle [3]float64, diagonal float64) {
	low, high := m.bounds()
	for i := range 3 {
		middle[i] = (low[i] + high[i]) / 2
		diagonal += (high[i] - low[i]) * (high[i] - low[i])
	}
	return middle, math.Sqrt(diagonal)
}

func (m *Model) bounds() (low, high [3]float64) {
	for i := range 3 {
		low[i], high[i] = math.Inf(1), math.Inf(-1)
	}
	for _, e := range m.Elements {
		for _, n := range e.Nodes {
			for i, v := range m.Nodes[n] {
				low[i], high[i] = min(low[i], float64(v)), max(high[i], float64(v))
			}
		}
	}
	if math.IsInf(low[0], 0) {
		return [3]float64{}, [3]float64{}
	}
	return low, high
}

// DrawShape draws the deformed model of a frame that has vectors, coloured by
// the length of the displacements, before the outline of the undeformed one. A
// model that takes too long to paint fails with ErrTooMuch.
func (r *Result) DrawShape(ctx context.Context, frame int, t ShapeTexts, s Style) (*image.RGBA, error) {
	cv := newCanvas(s)
	f := r.Frames[frame]
	unit := cv.size
	room := image.Rect(int(unit), int(unit), cv.Rect.Dx()-int(8*unit), cv.Rect.Dy()-int(unit))
	if t.Caption != "" {
		room.Max.Y -= int(1.6 * unit)
	}
	if room.Dx() > 40 && room.Dy() > 40 {
		if err := r.drawModel(ctx, cv, f, r.Exaggeration(frame), room); err != nil {
			return nil, err
		}
	}
	longest := f.Max
	if f.Kind == Mode || f.Kind == Buckling {
		longest = 1 // a mode has a shape and no length
	}
	cv.scaleOf(longest, t.Legend, room)
	cv.text(t.Caption, point{unit, float64(cv.Rect.Dy()) - unit}, 0, cv.of.faint)
	return cv.RGBA, nil
}

// scaleOf draws which colour means how much.
func (c *canvas) scaleOf(longest float64, title string, room image.Rectangle) {
	unit := c.size
	x := room.Max.X + int(unit)
	top, bottom := room.Min.Y+int(2*unit), room.Max.Y-int(unit)
	for y := top; y < bottom; y++ {
		c.fill(image.Rect(x, y, x+int(1.3*unit), y+1), scale(float64(bottom-y)/float64(bottom-top)))
	}
	c.text(title, point{float64(c.Rect.Dx()) - 0.5*unit, float64(room.Min.Y) + 0.9*unit}, 1, c.of.text)
	const parts = 4
	for i := 0; i <= parts; i++ {
		y := float64(bottom) - float64(i)/parts*float64(bottom-top)
		c.text(Number(longest*float64(i)/parts), point{float64(x) + 1.8*unit, y + 0.35*unit}, 0, c.of.faint)
	}
}

// drawModel draws at twice the size and shrinks, which smooths the edges.
func (r *Result) drawModel(ctx context.Context, cv *canvas, f Frame, factor float64, room image.Rectangle) error {
	m := &r.Model
	view := lookAt(m)
	moved := make([]projected, len(m.Nodes))
	still := make([]projected, len(m.Nodes))
	for i, n := range m.Nodes {
		still[i] = view.project(n, Vec{}, 0)
		if i < len(f.U) {
			moved[i] = view.project(n, f.U[i], factor)
			if f.Max > 0 {
				moved[i].value = f.U[i].Len() / f.Max
			}
		} else {
			moved[i] = still[i]
		}
	}
	faces := m.surface()
	if err := ctx.Err(); err != nil {
		return err
	}
	fit(m, room.Size().Mul(fine), moved, still)
	p := newPaper(room.Size().Mul(fine), cv.of)
	p.outline(faces, still, m)
	for i, face := range faces {
		if i%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if p.face(face, moved); p.left < 0 {
			return ErrTooMuch
		}
	}
	if len(faces) <= meshed {
		for _, face := range faces {
			p.rim(face, moved)
		}
	}
	p.shrinkTo(cv.RGBA, room.Min)
	return nil
}

const (
	fine   = 2
	meshed = 6000 // up to how many sides the mesh is drawn; more would be black
)

// projected is a node as the eye sees it; depth grows towards the eye.
type projected struct{ x, y, depth, value float64 }

// view is how the eye looks at a model.
type view struct {
	middle            [3]float64
	right, up, toward [3]float64
}

// lookAt looks along the axis in which a flat model has no extent, and from
// above one corner at others, so that the longest side lies across.
func lookAt(m *Model) view {
	low, high := m.bounds()
	v := view{}
	var size [3]float64
	for i := range 3 {
		v.middle[i] = (low[i] + high[i]) / 2
		size[i] = high[i] - low[i]
	}
	const flat = 1e-4
	longest := max(size[0], size[1], size[2])
	switch {
	case size[2] <= flat*longest:
		v.right, v.up, v.toward = [3]float64{1, 0, 0}, [3]float64{0, 1, 0}, [3]float64{0, 0, 1}
	case size[1] <= flat*longest:
		v.right, v.up, v.toward = [3]float64{1, 0, 0}, [3]float64{0, 0, 1}, [3]float64{0, -1, 0}
	case size[0] <= flat*longest:
		v.right, v.up, v.toward = [3]float64{0, 1, 0}, [3]float64{0, 0, 1}, [3]float64{1, 0, 0}
	case size[2] >= longest: // the third axis lies across
		v.set([3]float64{0, 1, 0}, [3]float64{0.84, 0.42, 0.42})
	case size[1] >= longest:
		v.set([3]float64{0, 0, 1}, [3]float64{0.84, -0.42, 0.42})
	default:
		v.set([3]float64{0, 0, 1}, [3]float64{0.42, -0.84, 0.42})
	}
	return v
}

func (v *view) set(up, toward [3]float64) {
	v.toward = unitOf(toward)
	v.right = unitOf(cross(up, v.toward))
	v.up = cross(v.toward, v.right)
}

func (v view) project(at, u Vec, factor float64) projected {
	var p [3]float64
	for i := range 3 {
		p[i] = float64(at[i]) - v.middle[i] + factor*float64(u[i])
	}
	return projected{x: dot(p, v.right), y: dot(p, v.up), depth: dot(p, v.toward)}
}

func dot(a, b [3]float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func cross(a, b [3]float64) [3]float64 {
	return [3]float64{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func unitOf(a [3]float64) [3]float64 {
	l := math.Sqrt(dot(a, a))
	if l == 0 {
		return a
	}
	return [3]float64{a[0] / l, a[1] / l, a[2] / l}
}

// fit maps what is seen of both onto a paper of the given size.
func fit(m *Model, size image.Point, all ...[]projected) {
	low, high := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, nodes := range all {
		for _, e := range m.Elements {
			for _, n := range e.Nodes {
				p := nodes[n]
				low.x, high.x = min(low.x, p.x), max(high.x, p.x)
				low.y, high.y = min(low.y, p.y), max(high.y, p.y)
			}
		}
	}
	const margin = 12
	w, h := float64(size.X-2*margin), float64(size.Y-2*margin)
	zoom := min(w/max(high.x-low.x, 1e-30), h/max(high.y-low.y, 1e-30))
	if high.x-low.x < 1e-30 && high.y-low.y < 1e-30 {
		zoom = 1
	}
	left, top := (float64(size.X)-zoom*(high.x-low.x))/2, (float64(size.Y)-zoom*(high.y-low.y))/2
	for _, nodes := range all {
		for i, p := range nodes {
			nodes[i] = projected{x: left + zoom*(p.x-low.x), y: top + zoom*(high.y-p.y), depth: zoom * p.depth, value: p.value}
		}
	}
}
