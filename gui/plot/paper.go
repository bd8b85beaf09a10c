package plot

import (
	"image"
	"image/color"
	"math"
)

// paper is a picture that knows how near each of its points is.
type paper struct {
	size  image.Point
	ink   []color.RGBA
	depth []float32
	of    colours
	// left is how many points may still be painted: many large sides that lie
	// over each other take long.
	left int
}

// mostPaint is about five seconds' work.
const mostPaint = 500_000_000

func newPaper(size image.Point, of colours) *paper {
	p := &paper{size: size, ink: make([]color.RGBA, size.X*size.Y), depth: make([]float32, size.X*size.Y), of: of, left: mostPaint}
	for i := range p.ink {
		p.ink[i], p.depth[i] = of.ground, float32(math.Inf(-1))
	}
	return p
}

// face paints one side: triangles from its middle to its edges. Sides of two
// nodes are beams, painted as broad lines.
func (p *paper) face(nodes []int32, at []projected) {
	if len(nodes) < 3 || isLine(nodes, at) {
		for i := 1; i < len(nodes); i++ {
			p.line(at[nodes[i-1]], at[nodes[i]], 3*fine, 0, nil)
		}
		return
	}
	var middle projected
	for _, n := range nodes {
		middle.x += at[n].x / float64(len(nodes))
		middle.y += at[n].y / float64(len(nodes))
		middle.depth += at[n].depth / float64(len(nodes))
		middle.value += at[n].value / float64(len(nodes))
	}
	shade := shadeOf(nodes, at)
	for i := range nodes {
		p.triangle(middle, at[nodes[i]], at[nodes[(i+1)%len(nodes)]], shade)
	}
}

// isLine tells a beam of three nodes from a triangle.
func isLine(nodes []int32, at []projected) bool {
	return len(nodes) == 3 && area(at[nodes[0]], at[nodes[1]], at[nodes[2]]) == 0 && shadeOf(nodes, at) == dimmest
}

func area(a, b, c projected) float64 { return (b.x-a.x)*(c.y-a.y) - (c.x-a.x)*(b.y-a.y) }

// dimmest is the shade of a side that is seen edge on. Shades stay close to 1:
// the colours carry the values.
const dimmest = 0.78

// shadeOf is how bright a side is: the brighter the more it faces the eye.
func shadeOf(nodes []int32, at []projected) float64 {
	var n [3]float64
	for i := range nodes {
		a, b := at[nodes[i]], at[nodes[(i+1)%len(nodes)]]
		n[0] += (a.y - b.y) * (a.depth + b.depth)
		n[1] += (a.depth - b.depth) * (a.x + b.x)
		n[2] += (a.x - b.x) * (a.y + b.y)
	}
	n = unitOf(n)
	light := math.Abs(0.25*n[0] - 0.45*n[1] + 0.85*n[2])
	return dimmest + (1-dimmest)*min(1, light)
}

func (p *paper) triangle(a, b, c projected, shade float64) {
	whole := area(a, b, c)
	if whole == 0 || math.IsNaN(whole) || math.IsInf(whole, 0) {
		return
	}
	x0, x1 := clip(min(a.x, b.x, c.x), p.size.X), clip(max(a.x, b.x, c.x)+1, p.size.X)
	y0, y1 := clip(min(a.y, b.y, c.y), p.size.Y), clip(max(a.y, b.y, c.y)+1, p.size.Y)
	if p.left -= (x1 - x0) * (y1 - y0); p.left < 0 {
		return
	}
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			at := projected{x: float64(x) + 0.5, y: float64(y) + 0.5}
			wa, wb, wc := area(at, b, c)/whole, area(a, at, c)/whole, area(a, b, at)/whole
			if wa < 0 || wb < 0 || wc < 0 {
				continue
			}
			depth := float32(wa*a.depth + wb*b.depth + wc*c.depth)
			if i := y*p.size.X + x; depth > p.depth[i] {
				p.depth[i] = depth
				p.ink[i] = mix(color.RGBA{A: 255}, scale(wa*a.value+wb*b.value+wc*c.value), shade)
			}
		}
	}
}

func clip(v float64, most int) int { return int(min(max(v, 0), float64(most))) }

// rim draws the edges of a side where nothing lies before them.
func (p *paper) rim(nodes []int32, at []projected) {
	if len(nodes) < 3 {
		return
	}
	for i := range nodes {
		p.line(at[nodes[i]], at[nodes[(i+1)%len(nodes)]], 1, 1.5, &p.of.edge)
	}
}

// line draws a line as wide as said, in a colour, or in those of its values. lift
// is how much nearer than a side it may lie on it counts.
func (p *paper) line(a, b projected, wide int, lift float64, ink *color.RGBA) {
	steps := int(min(max(math.Abs(b.x-a.x), math.Abs(b.y-a.y), 1), 8*MaxSide))
	for i := 0; i <= steps; i++ {
		t := float64(i) / float64(steps)
		x, y := a.x+(b.x-a.x)*t, a.y+(b.y-a.y)*t
		depth := float32(a.depth + (b.depth-a.depth)*t + lift)
		c := scale(a.value + (b.value-a.value)*t)
		for dy := -wide / 2; dy <= wide/2; dy++ {
			for dx := -wide / 2; dx <= wide/2; dx++ {
				px, py := int(x)+dx, int(y)+dy
				if px < 0 || py < 0 || px >= p.size.X || py >= p.size.Y {
					continue
				}
				at := py*p.size.X + px
				if depth < p.depth[at] {
					continue
				}
				if ink != nil {
					c = mix(p.ink[at], *ink, 0.45)
				} else {
					p.depth[at] = depth
				}
				p.ink[at] = c
			}
		}
	}
}

// outline draws the undeformed model behind everything: the edges at which two
// sides meet at an angle, or one ends.
func (p *paper) outline(faces [][]int32, at []projected, m *Model) {
	type edge [2]int32
	normals := map[edge][][3]float64{}
	for _, f := range faces {
		n := normalOf(f, m)
		for i := range f {
			a, b := f[i], f[(i+1)%len(f)]
			normals[edge{min(a, b), max(a, b)}] = append(normals[edge{min(a, b), max(a, b)}], n)
		}
	}
	for e, meet := range normals {
		const sharp = 0.85 // the cosine of the angle
		if len(meet) == 2 && math.Abs(dot(meet[0], meet[1])) > sharp {
			continue
		}
		a, b := at[e[0]], at[e[1]]
		a.depth, b.depth = math.Inf(-1), math.Inf(-1)
		p.line(a, b, 1, 0, &p.of.ghost)
	}
}

// normalOf is the direction that a side of the undeformed model faces.
func normalOf(nodes []int32, m *Model) [3]float64 {
	var n [3]float64
	for i := range nodes {
		a, b := m.Nodes[nodes[i]], m.Nodes[nodes[(i+1)%len(nodes)]]
		n[0] += float64(a[1]-b[1]) * float64(a[2]+b[2])
		n[1] += float64(a[2]-b[2]) * float64(a[0]+b[0])
		n[2] += float64(a[0]-b[0]) * float64(a[1]+b[1])
	}
	return unitOf(n)
}

// shrinkTo puts the paper into a picture, fine points to one.
func (p *paper) shrinkTo(to *image.RGBA, corner image.Point) {
	for y := 0; y < p.size.Y/fine; y++ {
		for x := 0; x < p.size.X/fine; x++ {
			var r, g, b int
			for dy := range fine {
				for dx := range fine {
					c := p.ink[(y*fine+dy)*p.size.X+x*fine+dx]
					r, g, b = r+int(c.R), g+int(c.G), b+int(c.B)
				}
			}
			const n = fine * fine
			to.SetRGBA(corner.X+x, corner.Y+y, color.RGBA{R: uint8(r / n), G: uint8(g / n), B: uint8(b / n), A: 255})
		}
	}
}
