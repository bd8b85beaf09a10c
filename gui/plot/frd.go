package plot

import "strings"

// frd reads the results as cgx takes them: text in fixed columns. A block of
// nodes (2C), one of elements (3C), then a block for each field (100C), each
// ended by -3. In the short form the numbers of nodes have five columns, in the
// long one ten.
type frd struct {
	r     *Reader
	in    *lines
	index map[int32]int32 // number of a node: its place in Model.Nodes
	step  int
	mode  bool
}

func (f *frd) read() error {
	f.index = map[int32]int32{}
	known := false
	for f.in.next() {
		line := f.in.text()
		var err error
		switch {
		case strings.HasPrefix(line, "    1PMODE"):
			f.mode = true
		case strings.HasPrefix(line, "    1PSTEP"):
			f.mode = false
			f.step, _ = integer(lastField(line))
		case strings.HasPrefix(line, "    2C"):
			known, err = true, f.nodes(line)
		case strings.HasPrefix(line, "    3C"):
			known, err = true, f.elements(line)
		case strings.HasPrefix(line, "  100C"):
			known, err = true, f.field(line)
		case strings.HasPrefix(line, "    1"):
			known = true
		case !known:
			err = ErrDamaged
		case strings.TrimSpace(line) == "9999":
			return nil
		}
		if err != nil {
			return err
		}
	}
	return f.in.err
}

func lastField(line string) string {
	fields := strings.Fields(line)
	return fields[len(fields)-1]
}

// width tells how many columns the number of a node has in a block; a block of
// the binary forms cannot be read.
func width(header string) (int, error) {
	switch column(header, 73, 75) {
	case "0":
		return 5, nil
	case "", "1":
		return 10, nil
	}
	return 0, ErrBinary
}

func (f *frd) nodes(header string) error {
	w, err := width(header)
	if err != nil {
		return err
	}
	m := &f.r.result.Model
	for f.in.next() {
		line := f.in.text()
		switch {
		case strings.HasPrefix(line, " -3"):
			return nil
		case !strings.HasPrefix(line, " -1"):
			continue
		case len(m.Nodes) >= f.r.limits.Nodes:
			return ErrTooMuch
		}
		number, ok := integer(column(line, 3, 3+w))
		at, whole := triple(line, 3+w)
		if !ok || !whole {
			return ErrDamaged
		}
		if _, twice := f.index[int32(number)]; twice {
			continue
		}
		f.index[int32(number)] = int32(len(m.Nodes))
		m.Nodes = append(m.Nodes, at)
		m.Numbers = append(m.Numbers, int32(number))
	}
	return f.in.err
}

// triple reads three numbers of twelve columns.
func triple(line string, from int) (v Vec, whole bool) {
	whole = true
	for i := range v {
		n, ok := real(column(line, from+12*i, from+12*(i+1)))
		v[i], whole = float32(n), whole && ok
	}
	return v, whole
}

func (f *frd) elements(header string) error {
	w, err := width(header)
	if err != nil {
		return err
	}
	m := &f.r.result.Model
	shape, nodes := Shape(0), []int32(nil)
	for f.in.next() {
		line := f.in.text()
		switch {
		case strings.HasPrefix(line, " -3"):
			return nil
		case strings.HasPrefix(line, " -1"):
			n, _ := integer(column(line, 3+w, 8+w))
			shape, nodes = Shape(n), nil
			if shape.size() == 0 {
				return ErrDamaged
			}
		case strings.HasPrefix(line, " -2") && shape != 0:
			for at := 3; at+w <= len(line) && len(nodes) < shape.size(); at += w {
				number, ok := integer(column(line, at, at+w))
				place, there := f.index[int32(number)]
				if !ok || !there {
					return ErrDamaged
				}
				nodes = append(nodes, place)
			}
			if len(nodes) < shape.size() {
				continue
			}
			if len(m.Elements) >= f.r.limits.Elements {
				return ErrTooMuch
			}
			m.Elements = append(m.Elements, Element{Shape: shape, Nodes: nodes})
			shape, nodes = 0, nil
		}
	}
	return f.in.err
}

// field reads a block of results, of which displacements are kept.
func (f *frd) field(header string) error {
	w, err := width(header)
	if err != nil {
		return err
	}
	frame := Frame{Step: f.step, Kind: f.kind(header)}
	frame.Value, _ = real(column(header, 12, 24))
	moves := false
	for f.in.next() {
		line := f.in.text()
		switch {
		case strings.HasPrefix(line, " -3"):
			if moves {
				f.keep(frame)
			}
			return nil
		case strings.HasPrefix(line, " -4"):
			moves = column(line, 3, 13) == "DISP"
			if moves && len(f.r.result.Frames) >= f.r.limits.Frames {
				return ErrTooMuch
			}
			if moves {
				frame.U = make([]Vec, len(f.r.result.Model.Nodes))
			}
		case moves && strings.HasPrefix(line, " -1"):
			f.moved(&frame, line, w)
		}
	}
	return f.in.err
}

func (f *frd) kind(header string) Kind {
	switch {
	case f.mode || strings.Contains(header, "MODAL"):
		return Mode
	case column(header, 56, 58) == "4":
		return Buckling
	case column(header, 56, 58) == "1":
		return Moment
	}
	return Static
}

// moved notes the displacement of one node. What is no number, because the
// solve ran away, counts as none.
func (f *frd) moved(frame *Frame, line string, w int) {
	number, ok := integer(column(line, 3, 3+w))
	place, there := f.index[int32(number)]
	if !ok || !there || int(place) >= len(frame.U) {
		return
	}
	u, whole := triple(line, 3+w)
	if !whole {
		f.r.result.Cut = true
		return
	}
	frame.U[place] = u
	if l := u.Len(); l > frame.Max {
		frame.Max, frame.Node = l, number
	}
}

// keep adds a frame, and lets go of the vectors of others as long as there are
// too many: those in the middle, because the first and the last say most.
func (f *frd) keep(frame Frame) {
	frames := append(f.r.result.Frames, frame)
	f.r.result.Frames = frames
	held := 0
	for _, x := range frames {
		held += len(x.U)
	}
	for i := min(1, len(frames)-1); held > f.r.limits.Vectors && i < len(frames); i++ {
		f.r.result.Cut = true
		held -= len(frames[i].U)
		frames[i].U = nil
	}
}
