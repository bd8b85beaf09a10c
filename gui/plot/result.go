package plot

import "math"

// Limits bound what a Reader takes.
type Limits struct {
	Bytes    int64 // of all files together
	Line     int   // bytes
	Nodes    int
	Elements int
	Frames   int
	// Vectors bounds the displacement vectors kept, over all frames.
	Vectors int
	Points  int // iterations, increments
}

// DefaultLimits take models as engineers send them, in about 200 MB of memory.
func DefaultLimits() Limits {
	return Limits{Bytes: 512 << 20, Line: 4 << 10, Nodes: 500_000, Elements: 200_000, Frames: 2000, Vectors: 4_000_000, Points: 200_000}
}

// Vec is a point or a displacement in the units of the model.
type Vec [3]float32

// Len is the length of a vector.
func (v Vec) Len() float64 {
	return math.Sqrt(float64(v[0])*float64(v[0]) + float64(v[1])*float64(v[1]) + float64(v[2])*float64(v[2]))
}

// Iteration is one line of the convergence file. Residuals and corrections are
// in per cent of the average; 0: the solver told none.
type Iteration struct {
	Step, Increment, Attempt, Number int
	Force, Displacement, Flux, Temp  float64
}

// Increment is one line of the summary file.
type Increment struct {
	Step, Increment, Attempt, Iterations int
	Total, InStep, Size                  float64 // time
}

// Kind tells what a frame's Value is.
type Kind int

// The kinds of frame: a state of a static solve, a moment in time, a mode of
// vibration with its frequency in cycles per time, a mode of buckling with its
// factor.
const (
	Static Kind = iota
	Moment
	Mode
	Buckling
)

// Frame is the displacement of all nodes at one moment, or in one mode.
type Frame struct {
	Kind  Kind
	Step  int
	Value float64
	// Max is the longest displacement, at node Node of the model.
	Max  float64
	Node int
	// U holds the displacements in the order of Model.Nodes; nil: more than the
	// limits let a Reader keep, or the file tells only the longest.
	U []Vec
}

// Element is a part of the model: its shape, and its nodes as indices of
// Model.Nodes.
type Element struct {
	Shape Shape
	Nodes []int32
}

// Model is the mesh.
type Model struct {
	Nodes    []Vec
	Numbers  []int32 // the numbers that the model gives its nodes
	Elements []Element
}

// Result is what was read.
type Result struct {
	Model      Model
	Frames     []Frame
	Iterations []Iteration
	Increments []Increment
	// Frequencies are the eigenfrequencies in cycles per time, as the printed
	// results list them.
	Frequencies []float64
	// Cut tells that a limit was reached and something was left out.
	Cut bool
}

// HasShape tells whether there is a deformed model to draw.
func (r *Result) HasShape() bool { return r.Shown() >= 0 }

// Shown is the frame that says most: the last state of the solve, or the first
// mode; -1: there is none that can be drawn.
func (r *Result) Shown() int {
	if len(r.Model.Elements) == 0 {
		return -1
	}
	at := -1
	for i, f := range r.Frames {
		if f.U == nil {
			continue
		}
		if f.Kind == Mode || f.Kind == Buckling {
			if f.Max > 0 {
				return i
			}
			continue
		}
		at = i
	}
	return at
}
