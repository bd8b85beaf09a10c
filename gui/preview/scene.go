package preview

import (
	"context"
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"
)

// vec is a point or a direction.
type vec struct{ x, y, z float64 }

func (a vec) add(b vec) vec                { return vec{a.x + b.x, a.y + b.y, a.z + b.z} }
func (a vec) sub(b vec) vec                { return vec{a.x - b.x, a.y - b.y, a.z - b.z} }
func (a vec) scale(f float64) vec          { return vec{a.x * f, a.y * f, a.z * f} }
func (a vec) dot(b vec) float64            { return a.x*b.x + a.y*b.y + a.z*b.z }
func (a vec) cross(b vec) vec              { return vec{a.y*b.z - a.z*b.y, a.z*b.x - a.x*b.z, a.x*b.y - a.y*b.x} }
func (a vec) length() float64              { return math.Sqrt(a.dot(a)) }
func (a vec) towards(b vec, f float64) vec { return a.add(b.sub(a).scale(f)) }

// unit is the direction of a; that of fallback where a has none.
func (a vec) unit(fallback vec) vec {
	if l := a.length(); l > 1e-12 && !math.IsInf(l, 0) {
		return a.scale(1 / l)
	}
	return fallback
}

// sane tells whether a point can be drawn.
func (a vec) sane() bool {
	const far = 1e12
	return math.Abs(a.x) < far && math.Abs(a.y) < far && math.Abs(a.z) < far // false for NaN too
}

// frame is a place and three directions: what placements and matrices become.
type frame struct{ o, x, y, z vec }

func world() frame { return frame{x: vec{1, 0, 0}, y: vec{0, 1, 0}, z: vec{0, 0, 1}} }

// at gives where a point of the frame lies.
func (f frame) at(p vec) vec { return f.o.add(f.turn(p)) }

func (f frame) turn(p vec) vec { return f.x.scale(p.x).add(f.y.scale(p.y)).add(f.z.scale(p.z)) }

// of is the frame g, which is given in f, in the world.
func (f frame) of(g frame) frame {
	return frame{o: f.at(g.o), x: f.turn(g.x), y: f.turn(g.y), z: f.turn(g.z)}
}

// inverse is the inverse of a frame of unit directions.
func (f frame) inverse() frame {
	g := frame{x: vec{f.x.x, f.y.x, f.z.x}, y: vec{f.x.y, f.y.y, f.z.y}, z: vec{f.x.z, f.y.z, f.z.z}}
	g.o = g.turn(f.o).scale(-1)
	return g
}

type (
	segment [2]vec
	face    [3]vec
)

// scene is what is drawn; z is up.
type scene struct {
	segments []segment
	faces    []face
}

func (s scene) empty() bool { return len(s.segments) == 0 && len(s.faces) == 0 }

// polyline adds the lines between points.
func (s *scene) polyline(points []vec) {
	for i := 1; i < len(points); i++ {
		if points[i-1].sane() && points[i].sane() {
			s.segments = append(s.segments, segment{points[i-1], points[i]})
		}
	}
}

// fine is how many times larger a picture is drawn than it is shown.
const fine = 3

// canvas is a picture while it is drawn.
type canvas struct {
	side  int
	img   *image.NRGBA
	depth []float32 // of what is drawn at each pixel; the nearest has the largest
	// eye turns a point into x and y of the picture and its nearness.
	right, up, eye vec
	scale          float64
	mid            vec // the middle of what is drawn, in the directions above
	near, deep     float64
	work           int // pixels looked at since the time was looked at
}

// draw draws the scene as one sees it from the front right above.
func (s scene) draw(ctx context.Context, size int) (image.Image, error) {
	c := canvas{side: size * fine, eye: vec{1, -1.3, 0.9}.unit(vec{})}
	c.right = c.eye.cross(vec{0, 0, -1}).unit(vec{}).scale(1)
	c.up = c.right.cross(c.eye).scale(-1)
	if !c.fit(s) {
		return nil, None("there is nothing to see in it")
	}
	c.img, c.depth = image.NewNRGBA(image.Rect(0, 0, c.side, c.side)), make([]float32, c.side*c.side)
	for i := range c.depth {
		c.depth[i] = -math.MaxFloat32
	}
	for _, f := range s.faces {
		if c.work++; c.work > 1<<20 {
			if c.work = 0; ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
		c.face(f)
	}
	for i, l := range s.segments {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c.line(l)
	}
	out := image.NewNRGBA(image.Rect(0, 0, size, size))
	draw.BiLinear.Scale(out, out.Bounds(), c.img, c.img.Bounds(), draw.Src, nil)
	return out, nil
}

// fit chooses scale and middle so that everything is in the picture, and tells
// whether there is anything.
func (c *canvas) fit(s scene) bool {
	low, high := vec{math.Inf(1), math.Inf(1), math.Inf(1)}, vec{math.Inf(-1), math.Inf(-1), math.Inf(-1)}
	take := func(p vec) {
		q := vec{p.dot(c.right), p.dot(c.up), p.dot(c.eye)}
		low = vec{min(low.x, q.x), min(low.y, q.y), min(low.z, q.z)}
		high = vec{max(high.x, q.x), max(high.y, q.y), max(high.z, q.z)}
	}
	for _, l := range s.segments {
		take(l[0])
		take(l[1])
	}
	for _, f := range s.faces {
		take(f[0])
		take(f[1])
		take(f[2])
	}
	extent := max(high.x-low.x, high.y-low.y)
	if !(extent > 1e-9) || math.IsInf(extent, 0) {
		return false
	}
	c.scale = float64(c.side) * 0.92 / extent
	c.mid = low.towards(high, 0.5)
	c.near, c.deep = high.z, max(high.z-low.z, 1e-9)
	return true
}

// project gives the pixel of a point, and how near it is: 1 the nearest, 0 the
// farthest.
func (c *canvas) project(p vec) (x, y, near float64) {
	half := float64(c.side) / 2
	return half + (p.dot(c.right)-c.mid.x)*c.scale, half - (p.dot(c.up)-c.mid.y)*c.scale, 1 - (c.near-p.dot(c.eye))/c.deep
}

// face fills a triangle, lighter where it faces the light.
func (c *canvas) face(f face) {
	n := f[1].sub(f[0]).cross(f[2].sub(f[0]))
	if l := n.length(); !(l > 0) || math.IsInf(l, 0) {
		return
	}
	light := math.Abs(n.unit(vec{}).dot(vec{0.35, -0.55, 0.76}))
	ink := shade(0.42 + 0.5*light)
	var x, y, z [3]float64
	for i, p := range f {
		x[i], y[i], z[i] = c.project(p)
	}
	area := (x[1]-x[0])*(y[2]-y[0]) - (x[2]-x[0])*(y[1]-y[0])
	if area == 0 || math.IsNaN(area) {
		return
	}
	limit := float64(c.side - 1)
	for py := int(max(0, min(y[0], y[1], y[2]))); float64(py) <= min(limit, max(y[0], y[1], y[2])); py++ {
		for px := int(max(0, min(x[0], x[1], x[2]))); float64(px) <= min(limit, max(x[0], x[1], x[2])); px++ {
			c.work++
			fx, fy := float64(px)+0.5, float64(py)+0.5
			a := ((x[1]-fx)*(y[2]-fy) - (x[2]-fx)*(y[1]-fy)) / area
			b := ((x[2]-fx)*(y[0]-fy) - (x[0]-fx)*(y[2]-fy)) / area
			if g := 1 - a - b; a >= 0 && b >= 0 && g >= 0 {
				c.dot(px, py, a*z[0]+b*z[1]+g*z[2], ink)
			}
		}
	}
}

// shade is the colour of a face that gets so much light, 0 to 1: a steel blue
// that stands out on light and on dark.
func shade(light float64) color.NRGBA {
	return color.NRGBA{R: uint8(150 * light), G: uint8(185 * light), B: uint8(222 * light), A: 255}
}

// dot draws a pixel where nothing nearer is.
func (c *canvas) dot(x, y int, near float64, ink color.NRGBA) {
	if x < 0 || y < 0 || x >= c.side || y >= c.side {
		return
	}
	if i := y*c.side + x; float32(near) >= c.depth[i] {
		c.depth[i] = float32(near)
		c.img.SetNRGBA(x, y, ink)
	}
}

// line draws a line, fainter the farther it is.
func (c *canvas) line(l segment) {
	x0, y0, z0 := c.project(l[0])
	x1, y1, z1 := c.project(l[1])
	steps := int(max(math.Abs(x1-x0), math.Abs(y1-y0))) + 1
	for i := 0; i <= steps; i++ {
		t := float64(i) / float64(steps)
		near := z0 + (z1-z0)*t
		ink := color.NRGBA{R: 47, G: 111, B: 171, A: uint8(90 + 165*min(1, max(0, near)))}
		x, y := int(x0+(x1-x0)*t), int(y0+(y1-y0)*t)
		for _, d := range [...][2]int{{0, 0}, {1, 0}, {0, 1}, {1, 1}, {2, 1}, {1, 2}} {
			c.dot(x+d[0], y+d[1], near, ink)
		}
	}
}
