package plot

import "strings"

// readConvergence reads a .cvg: step, increment, attempt, iteration, contact
// elements, then residual and correction of force and of heat.
func (r *Reader) readConvergence(in *lines) error {
	for in.next() {
		f := strings.Fields(in.text())
		if len(f) < 7 {
			continue
		}
		n, ok := integers(f[:4])
		if !ok {
			continue
		}
		if len(r.result.Iterations) >= r.limits.Points {
			return ErrTooMuch
		}
		it := Iteration{Step: n[0], Increment: n[1], Attempt: n[2], Number: n[3]}
		for i, to := range []*float64{&it.Force, &it.Displacement, &it.Flux, &it.Temp} {
			if 5+i < len(f) {
				if v, ok := real(f[5+i]); ok && v > 0 {
					*to = v
				}
			}
		}
		r.result.Iterations = append(r.result.Iterations, it)
	}
	return in.err
}

// readSummary reads a .sta: step, increment, attempt, iterations, then the time
// in all, in the step, of the increment. An attempt that did not converge bears
// a letter.
func (r *Reader) readSummary(in *lines) error {
	for in.next() {
		f := strings.Fields(in.text())
		if len(f) < 7 {
			continue
		}
		f[2] = strings.TrimRight(f[2], "U")
		n, ok := integers(f[:4])
		if !ok {
			continue
		}
		if len(r.result.Increments) >= r.limits.Points {
			return ErrTooMuch
		}
		inc := Increment{Step: n[0], Increment: n[1], Attempt: n[2], Iterations: n[3]}
		for i, to := range []*float64{&inc.Total, &inc.InStep, &inc.Size} {
			*to, _ = real(f[4+i])
		}
		r.result.Increments = append(r.result.Increments, inc)
	}
	return in.err
}

func integers(fields []string) ([]int, bool) {
	out := make([]int, len(fields))
	for i, f := range fields {
		n, ok := integer(f)
		if !ok || n < 0 {
			return nil, false
		}
		out[i] = n
	}
	return out, true
}

// readPrinted reads of a .dat what a plot can show: eigenfrequencies, and the
// longest of the displacements that were printed.
func (r *Reader) readPrinted(in *lines) error {
	modes, moving := false, false
	for in.next() {
		line := in.text()
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
		case strings.Contains(line, "E I G E N V A L U E   O U T P U T"):
			modes, moving = true, false
		case strings.Contains(line, "P A R T I C I P A T I O N"):
			modes = false
		case modes && len(f) == 5:
			r.frequency(f)
		case strings.HasPrefix(f[0], "displacements"):
			modes, moving = false, r.printedFrame(f)
		case moving && len(f) == 4:
			moving = r.printedNode(f)
		case len(f) > 1 && f[0] >= "a":
			moving = false
		}
		if len(r.result.Frequencies) > r.limits.Points || len(r.printed) > r.limits.Frames {
			return ErrTooMuch
		}
	}
	return in.err
}

func (r *Reader) frequency(f []string) {
	if _, ok := integer(f[0]); !ok {
		return
	}
	if v, ok := real(f[3]); ok {
		r.result.Frequencies = append(r.result.Frequencies, v)
	}
}

// printedFrame begins a frame at the heading "displacements (vx,vy,vz) for set
// NAME and time T"; several sets at one time are one frame.
func (r *Reader) printedFrame(heading []string) bool {
	at, ok := real(heading[len(heading)-1])
	if !ok {
		return false
	}
	if n := len(r.printed); n == 0 || r.printed[n-1].Value != at {
		r.printed = append(r.printed, Frame{Kind: Static, Step: 1, Value: at})
	}
	return true
}

func (r *Reader) printedNode(f []string) bool {
	node, ok := integer(f[0])
	if !ok {
		return false
	}
	var u Vec
	for i := range u {
		if v, ok := real(f[1+i]); ok {
			u[i] = float32(v)
		}
	}
	if frame := &r.printed[len(r.printed)-1]; u.Len() > frame.Max {
		frame.Max, frame.Node = u.Len(), node
	}
	return true
}
