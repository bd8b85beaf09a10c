package plot

import "slices"

// Shape is the number that results give a kind of element.
type Shape int

// size is how many nodes an element of a shape has; 0: there is no such shape.
func (s Shape) size() int {
	sizes := [...]int{0, 8, 6, 4, 20, 15, 10, 3, 6, 4, 8, 2, 3}
	if s < 1 || int(s) >= len(sizes) {
		return 0
	}
	return sizes[s]
}

// faces are the sides of an element as places among its nodes, in order round
// the side; sides of quadratic elements have the nodes between the corners too.
func (s Shape) faces() [][]int {
	switch s {
	case 1:
		return [][]int{{0, 3, 2, 1}, {4, 5, 6, 7}, {0, 1, 5, 4}, {1, 2, 6, 5}, {2, 3, 7, 6}, {3, 0, 4, 7}}
	case 2:
		return [][]int{{0, 2, 1}, {3, 4, 5}, {0, 1, 4, 3}, {1, 2, 5, 4}, {2, 0, 3, 5}}
	case 3:
		return [][]int{{0, 2, 1}, {0, 1, 3}, {1, 2, 3}, {2, 0, 3}}
	case 4:
		return [][]int{
			{0, 11, 3, 10, 2, 9, 1, 8},
			{4, 16, 5, 17, 6, 18, 7, 19},
			{0, 8, 1, 13, 5, 16, 4, 12},
			{1, 9, 2, 14, 6, 17, 5, 13},
			{2, 10, 3, 15, 7, 18, 6, 14},
			{3, 11, 0, 12, 4, 19, 7, 15},
		}
	case 5:
		return [][]int{
			{0, 8, 2, 7, 1, 6},
			{3, 12, 4, 13, 5, 14},
			{0, 6, 1, 10, 4, 12, 3, 9},
			{1, 7, 2, 11, 5, 13, 4, 10},
			{2, 8, 0, 9, 3, 14, 5, 11},
		}
	case 6:
		return [][]int{
			{0, 6, 2, 5, 1, 4},
			{0, 4, 1, 8, 3, 7},
			{1, 5, 2, 9, 3, 8},
			{2, 6, 0, 7, 3, 9},
		}
	case 7:
		return [][]int{{0, 1, 2}}
	case 8:
		return [][]int{{0, 3, 1, 4, 2, 5}}
	case 9:
		return [][]int{{0, 1, 2, 3}}
	case 10:
		return [][]int{{0, 4, 1, 5, 2, 6, 3, 7}}
	case 11:
		return [][]int{{0, 1}}
	case 12:
		return [][]int{{0, 2, 1}}
	}
	return nil
}

// solid tells that an element has an inside.
func (s Shape) solid() bool { return s >= 1 && s <= 6 }

// surface gives what can be seen of a model from outside: the sides that no
// other element shares, and the lines, as nodes of the model.
func (m *Model) surface() [][]int32 {
	type side struct {
		nodes  []int32
		shared bool
	}
	sides := map[[3]int32]*side{}
	var order []*side
	for _, e := range m.Elements {
		for _, face := range e.Shape.faces() {
			nodes := make([]int32, len(face))
			for i, at := range face {
				nodes[i] = e.Nodes[at]
			}
			next := &side{nodes: nodes}
			if e.Shape.solid() {
				if known := sides[keyOf(nodes)]; known != nil {
					known.shared = true
					continue
				}
				sides[keyOf(nodes)] = next
			}
			order = append(order, next)
		}
	}
	out := make([][]int32, 0, len(order))
	for _, s := range order {
		if !s.shared {
			out = append(out, s.nodes)
		}
	}
	return out
}

// keyOf names a side by three of its corners: two sides of a mesh that share
// three are the same. On sides of quadratic elements every second node is one.
func keyOf(nodes []int32) [3]int32 {
	corners := nodes
	if len(nodes) > 4 {
		corners = nil
		for i := 0; i < len(nodes); i += 2 {
			corners = append(corners, nodes[i])
		}
	}
	sorted := slices.Sorted(slices.Values(corners))
	return [3]int32(sorted[:3])
}
