package preview

import (
	"bytes"
	"context"
)

// placed is a representation that lies in another one.
type placed struct {
	rep  int
	move frame
}

// model is the structure of a STEP file: which representations there are, and
// how they lie in each other.
type model struct {
	curves
	reps     []int
	children map[int][]placed
	inner    map[int]bool      // representations that lie in another one
	edges    map[int][]([]vec) // the curves of a representation, once they are read
	items    map[int]bool      // of those, once they are asked for
	curve    map[int][]vec     // the points of an edge, once it is read
	scene    scene
	count    int
}

// readStep draws the edges of a STEP file, placed as its assemblies say.
func readStep(ctx context.Context, content []byte) (scene, error) {
	f, err := scanStep(ctx, content)
	if err != nil {
		return scene{}, err
	}
	m := &model{
		curves: curves{f}, children: map[int][]placed{}, inner: map[int]bool{}, edges: map[int][][]vec{}, curve: map[int][]vec{},
	}
	if err := m.structure(); err != nil {
		return scene{}, err
	}
	for _, rep := range m.reps {
		if !m.inner[rep] && !m.repeats(rep) {
			m.place(rep, world(), nil)
		}
	}
	if m.scene.empty() {
		m.loose()
	}
	if len(m.scene.segments) > maxSegments {
		return scene{}, None("it has too many edges")
	}
	return m.scene, ctx.Err()
}

// repeats tells whether a representation only says something more about parts
// that an assembly places: it would show them once more, where they were drawn.
func (m *model) repeats(rep int) bool {
	if len(m.children[rep]) > 0 || len(m.inner) == 0 {
		return false
	}
	for _, item := range arg(arg2(m.parts(rep)), 1).list {
		if m.items == nil {
			m.items = map[int]bool{}
			for inner := range m.inner {
				for _, x := range arg(arg2(m.parts(inner)), 1).list {
					m.items[x.ref] = true
				}
			}
		}
		if m.items[item.ref] {
			return true
		}
	}
	return false
}

// structure finds the representations and how they are placed.
func (m *model) structure() error {
	for i, e := range m.entities {
		if i%4096 == 0 && m.ctx.Err() != nil {
			return m.ctx.Err()
		}
		body := m.content[e.from:e.to]
		switch name := keyword(body); {
		case name == "SHAPE_REPRESENTATION_RELATIONSHIP" || name == "REPRESENTATION_RELATIONSHIP":
			args := arg2(m.parts(int(e.id)))
			m.equate(arg(args, 2).ref, arg(args, 3).ref)
		case name == "" && bytes.Contains(body, []byte("REPRESENTATION_RELATIONSHIP_WITH_TRANSFORMATION")):
			parts := m.parts(int(e.id))
			args := named(parts, "REPRESENTATION_RELATIONSHIP")
			move := m.transformation(arg(named(parts, "REPRESENTATION_RELATIONSHIP_WITH_TRANSFORMATION"), 0).ref)
			m.relate(arg(args, 3).ref, arg(args, 2).ref, move)
		case isShape(name):
			m.reps = append(m.reps, int(e.id))
		}
	}
	return nil
}

// arg2 are the arguments of a simple entity.
func arg2(parts []part) []value {
	if len(parts) != 1 {
		return nil
	}
	return parts[0].args
}

// isShape tells whether an entity is a representation of a shape.
func isShape(name string) bool {
	switch name {
	case "SHAPE_REPRESENTATION", "ADVANCED_BREP_SHAPE_REPRESENTATION", "FACETED_BREP_SHAPE_REPRESENTATION", "MANIFOLD_SURFACE_SHAPE_REPRESENTATION",
		"GEOMETRICALLY_BOUNDED_WIREFRAME_SHAPE_REPRESENTATION", "GEOMETRICALLY_BOUNDED_SURFACE_SHAPE_REPRESENTATION", "EDGE_BASED_WIREFRAME_SHAPE_REPRESENTATION",
		"NON_MANIFOLD_SURFACE_SHAPE_REPRESENTATION":
		return true
	}
	return false
}

// equate notes that two representations are of one shape: a plain one, which
// assemblies place, and one with the geometry.
func (m *model) equate(a, b int) {
	const plain = "SHAPE_REPRESENTATION"
	if keyword(m.body(a)) != plain && keyword(m.body(b)) == plain {
		a, b = b, a
	}
	m.relate(a, b, world())
}

// relate notes that the representation child lies in parent.
func (m *model) relate(parent, child int, move frame) {
	if parent != child {
		m.children[parent] = append(m.children[parent], placed{child, move})
		m.inner[child] = true
	}
}

// transformation is the move that brings the first placement of an
// ITEM_DEFINED_TRANSFORMATION to the second.
func (m *model) transformation(id int) frame {
	args := named(m.parts(id), "ITEM_DEFINED_TRANSFORMATION")
	from, ok := m.placement(arg(args, 2).ref)
	to, ok2 := m.placement(arg(args, 3).ref)
	if !ok || !ok2 {
		return world()
	}
	return to.of(from.inverse())
}

// place draws a representation and what lies in it. above are the
// representations that it lies in: one that lies in itself is left out.
func (m *model) place(rep int, at frame, above []int) {
	if len(above) > maxDepth || m.count > maxPlaced || len(m.scene.segments) > maxSegments || m.ctx.Err() != nil {
		return
	}
	for _, a := range above {
		if a == rep {
			return
		}
	}
	m.count++
	for _, points := range m.curvesOf(rep) {
		moved := make([]vec, len(points))
		for i, p := range points {
			moved[i] = at.at(p)
		}
		m.scene.polyline(moved)
	}
	above = append(above, rep)
	for _, c := range m.children[rep] {
		m.place(c.rep, at.of(c.move), above)
	}
}

// curvesOf reads the curves that belong to a representation: everything that
// its items lead to, but not what other representations hold.
func (m *model) curvesOf(rep int) [][]vec {
	if known, ok := m.edges[rep]; ok {
		return known
	}
	var out [][]vec
	seen := map[int]bool{rep: true}
	todo := []int{}
	push := func(id int) {
		if !seen[id] {
			seen[id] = true
			todo = append(todo, id)
		}
	}
	for _, item := range arg(arg2(m.parts(rep)), 1).list {
		push(item.ref)
	}
	points := 0
	for n := 0; len(todo) > 0 && points < maxSegments; n++ {
		if n%4096 == 0 && m.ctx.Err() != nil {
			break
		}
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		body := m.body(id)
		name := keyword(body)
		if p, leaf := m.leaf(id, name); leaf {
			out = append(out, p)
			points += len(p)
			continue
		}
		if !isShape(name) {
			refs(body, push)
		}
	}
	m.edges[rep] = out
	return out
}

// leaf gives the points of an edge, or of a curve that stands for itself.
func (m *model) leaf(id int, name string) (points []vec, leaf bool) {
	switch name {
	case "EDGE_CURVE":
		if known, ok := m.curve[id]; ok {
			return known, true
		}
		points = m.edge(arg2(m.parts(id)))
	case "POLYLINE", "TRIMMED_CURVE", "CIRCLE", "ELLIPSE", "B_SPLINE_CURVE_WITH_KNOTS":
		points = m.curves.curve(id, nil, nil, true, 0)
	case "POLY_LOOP":
		points = m.pointsOf(arg(arg2(m.parts(id)), 1).list)
		if len(points) > 2 {
			points = append(points, points[0])
		}
	case "CARTESIAN_POINT", "DIRECTION", "PLANE", "CYLINDRICAL_SURFACE", "CONICAL_SURFACE", "SPHERICAL_SURFACE", "TOROIDAL_SURFACE",
		"SURFACE_OF_REVOLUTION", "SURFACE_OF_LINEAR_EXTRUSION", "B_SPLINE_SURFACE_WITH_KNOTS", "OFFSET_SURFACE", "AXIS2_PLACEMENT_3D":
		return nil, true
	case "": // complex: a rational surface or curve, and units
		return nil, true
	default:
		return nil, false
	}
	m.curve[id] = points
	return points, true
}

// loose draws all edges of a file whose structure leads to none.
func (m *model) loose() {
	for i, e := range m.entities {
		if i%1024 == 0 && (m.ctx.Err() != nil || len(m.scene.segments) > maxSegments) {
			return
		}
		if keyword(m.content[e.from:e.to]) == "EDGE_CURVE" {
			points, _ := m.leaf(int(e.id), "EDGE_CURVE")
			m.scene.polyline(points)
		}
	}
}
