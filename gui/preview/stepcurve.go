package preview

import "math"

// curves reads the geometry of a STEP file.
type curves struct{ *stepFile }

// arg is an argument by its number; its zero value where there is none.
func arg(args []value, i int) value {
	if i < 0 || i >= len(args) {
		return value{}
	}
	return args[i]
}

// triple reads the numbers of a point or a direction.
func (c curves) triple(id int, name string) (v vec, ok bool) {
	args := named(c.parts(id), name)
	list := arg(args, 1).list
	if len(list) < 2 {
		return vec{}, false
	}
	v = vec{list[0].number, list[1].number, 0}
	if len(list) > 2 {
		v.z = list[2].number
	}
	return v, v.sane()
}

func (c curves) point(id int) (vec, bool) { return c.triple(id, "CARTESIAN_POINT") }

// vertex is the point of a vertex.
func (c curves) vertex(id int) (vec, bool) {
	return c.point(arg(named(c.parts(id), "VERTEX_POINT"), 1).ref)
}

// placement reads an AXIS2_PLACEMENT_3D.
func (c curves) placement(id int) (frame, bool) {
	args := named(c.parts(id), "AXIS2_PLACEMENT_3D")
	o, ok := c.point(arg(args, 1).ref)
	if !ok {
		return world(), false
	}
	f := world()
	if d, ok := c.triple(arg(args, 2).ref, "DIRECTION"); ok {
		f.z = d.unit(f.z)
	}
	x := vec{1, 0, 0}
	if math.Abs(f.z.x) > 0.9 {
		x = vec{0, 1, 0}
	}
	if d, ok := c.triple(arg(args, 3).ref, "DIRECTION"); ok {
		x = d
	}
	f.x = x.sub(f.z.scale(x.dot(f.z))).unit(f.x)
	f.y = f.z.cross(f.x)
	f.o = o
	return f, true
}

// edge gives the points of an EDGE_CURVE.
func (c curves) edge(args []value) []vec {
	from, ok := c.vertex(arg(args, 1).ref)
	to, ok2 := c.vertex(arg(args, 2).ref)
	if !ok || !ok2 {
		return c.curve(arg(args, 3).ref, nil, nil, true, 0)
	}
	return c.curve(arg(args, 3).ref, &from, &to, arg(args, 4).word != "F", 0)
}

// curve samples a curve between two points of it; nil: all of it.
func (c curves) curve(id int, from, to *vec, forward bool, depth int) []vec {
	parts := c.parts(id)
	if len(parts) == 0 || depth > 8 {
		return chord(from, to)
	}
	first := parts[0]
	switch first.name {
	case "CIRCLE":
		r := arg(first.args, 2).number
		return c.arc(arg(first.args, 1).ref, r, r, from, to, forward)
	case "ELLIPSE":
		return c.arc(arg(first.args, 1).ref, arg(first.args, 2).number, arg(first.args, 3).number, from, to, forward)
	case "SURFACE_CURVE", "SEAM_CURVE", "INTERSECTION_CURVE", "TRIMMED_CURVE":
		return c.curve(arg(first.args, 1).ref, from, to, forward, depth+1)
	case "POLYLINE":
		return c.pointsOf(arg(first.args, 1).list)
	}
	if p := c.spline(parts); len(p) > 1 {
		return within(p, from, to)
	}
	return chord(from, to)
}

// chord is the straight line between two points, where both are known.
func chord(from, to *vec) []vec {
	if from == nil || to == nil {
		return nil
	}
	return []vec{*from, *to}
}

// pointsOf are the points of a list.
func (c curves) pointsOf(list []value) (out []vec) {
	const most = 4096
	for i, v := range list {
		if i == most {
			break
		}
		if p, ok := c.point(v.ref); ok {
			out = append(out, p)
		}
	}
	return out
}

// arc samples a circle or an ellipse from one of its points to another; where
// they are one, all of it.
func (c curves) arc(placement int, a, b float64, from, to *vec, forward bool) []vec {
	f, ok := c.placement(placement)
	if !ok || !(a > 0) || !(b > 0) || a > 1e12 || b > 1e12 {
		return chord(from, to)
	}
	angle := func(p vec) float64 {
		d := p.sub(f.o)
		return math.Atan2(d.dot(f.y)/b, d.dot(f.x)/a)
	}
	begin, sweep := 0.0, 2*math.Pi
	if from != nil && to != nil {
		begin = angle(*from)
		if from.sub(*to).length() > 1e-6*(a+b) {
			sweep = math.Mod(angle(*to)-begin+4*math.Pi, 2*math.Pi)
			if !forward {
				sweep -= 2 * math.Pi
			}
		}
	}
	n := max(2, int(math.Ceil(math.Abs(sweep)/(2*math.Pi)*36)))
	out := make([]vec, 0, n+1)
	for i := range n + 1 {
		t := begin + sweep*float64(i)/float64(n)
		out = append(out, f.at(vec{a * math.Cos(t), b * math.Sin(t), 0}))
	}
	return out
}

// spline samples a B-spline curve; nil where the entity is none.
func (c curves) spline(parts []part) []vec {
	degree, points := value{}, value{}
	var knots []float64
	for _, name := range []string{"B_SPLINE_CURVE_WITH_KNOTS", "QUASI_UNIFORM_CURVE", "BEZIER_CURVE", "UNIFORM_CURVE"} {
		if args := named(parts, name); len(args) >= 6 {
			degree, points = args[1], args[2]
			if name == "B_SPLINE_CURVE_WITH_KNOTS" {
				knots = knotsOf(arg(args, 6).list, arg(args, 7).list)
			}
		} else if name == "B_SPLINE_CURVE_WITH_KNOTS" && len(args) >= 2 {
			knots = knotsOf(args[0].list, args[1].list)
		}
	}
	if args := named(parts, "B_SPLINE_CURVE"); len(args) >= 2 {
		degree, points = args[0], args[1]
	}
	p, n := int(degree.number), len(points.list)
	if p < 1 || p > 24 || n <= p || n > 4096 {
		return nil
	}
	control := c.pointsOf(points.list)
	if len(control) != n {
		return nil
	}
	if len(knots) != n+p+1 {
		knots = clamped(n, p)
	}
	weights := make([]float64, n)
	list := arg(named(parts, "RATIONAL_B_SPLINE_CURVE"), 0).list
	for i := range weights {
		if weights[i] = 1; i < len(list) && list[i].number > 0 && list[i].number < 1e9 {
			weights[i] = list[i].number
		}
	}
	return walk(p, control, weights, knots)
}

// knotsOf repeats each knot as often as it counts.
func knotsOf(times, values []value) (out []float64) {
	const most = 8192
	for i, v := range values {
		if i >= len(times) || times[i].number < 1 || times[i].number > most-float64(len(out)) {
			return nil
		}
		for range int(times[i].number) {
			out = append(out, v.number)
		}
	}
	return out
}

// clamped are the knots of a curve that begins and ends in its first and last
// point.
func clamped(n, p int) []float64 {
	out := make([]float64, n+p+1)
	for i := range out {
		out[i] = float64(min(max(i-p, 0), n-p))
	}
	return out
}

// walk samples a curve by the algorithm of de Boor.
func walk(p int, control []vec, weights, knots []float64) []vec {
	n := len(control)
	first, last := knots[p], knots[n]
	if !(last > first) || math.IsInf(last-first, 0) {
		return nil
	}
	steps := min(96, 6*n)
	out := make([]vec, 0, steps+1)
	points, w := make([]vec, p+1), make([]float64, p+1)
	span := p
	for i := range steps + 1 {
		t := first + (last-first)*float64(i)/float64(steps)
		for span < n-1 && t >= knots[span+1] {
			span++
		}
		for j := range points {
			w[j] = weights[span-p+j]
			points[j] = control[span-p+j].scale(w[j])
		}
		for r := 1; r <= p; r++ {
			for j := p; j >= r; j-- {
				low, high := knots[span-p+j], knots[span+1+j-r]
				a := 0.0
				if high > low {
					a = (t - low) / (high - low)
				}
				points[j] = points[j-1].towards(points[j], a)
				w[j] = w[j-1] + (w[j]-w[j-1])*a
			}
		}
		if w[p] > 0 {
			out = append(out, points[p].scale(1/w[p]))
		}
	}
	return out
}

// within cuts a sampled curve to what lies between two points of it.
func within(p []vec, from, to *vec) []vec {
	if from == nil || to == nil {
		return p
	}
	nearest := func(q vec) int {
		best := 0
		for i := range p {
			if p[i].sub(q).length() < p[best].sub(q).length() {
				best = i
			}
		}
		return best
	}
	a, b := nearest(*from), nearest(*to)
	if a > b {
		a, b = b, a
		from, to = to, from
	}
	if b-a < 2 && from.sub(*to).length() < 1e-9 {
		return p // it is closed
	}
	out := append([]vec{*from}, p[a:b+1]...)
	return append(out, *to)
}
