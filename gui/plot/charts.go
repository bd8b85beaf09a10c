package plot

// Texts are the words in charts.
type Texts struct {
	Iteration, Percent              string
	Force, Displacement, Flux, Temp string
	Time, LongestDisplacement       string
	ModeNumber, Frequency, Factor   string
}

// Residuals is the chart of how the solver converged: residuals and
// corrections per iteration, with a mark where an increment begins. A linear
// solve has none.
func (r *Result) Residuals(t Texts) (Chart, bool) {
	c := Chart{X: t.Iteration, Y: t.Percent, LogY: true, Counted: true}
	values := []struct {
		name string
		of   func(Iteration) float64
	}{
		{t.Force, func(i Iteration) float64 { return i.Force }},
		{t.Displacement, func(i Iteration) float64 { return i.Displacement }},
		{t.Flux, func(i Iteration) float64 { return i.Flux }},
		{t.Temp, func(i Iteration) float64 { return i.Temp }},
	}
	for _, v := range values {
		s, some := Series{Name: v.name}, false
		for i, it := range r.Iterations {
			s.X, s.Y = append(s.X, float64(i+1)), append(s.Y, v.of(it))
			some = some || v.of(it) > 0
		}
		if some {
			c.Series = append(c.Series, s)
		}
	}
	for i := 1; i < len(r.Iterations); i++ {
		before, now := r.Iterations[i-1], r.Iterations[i]
		if before.Step != now.Step || before.Increment != now.Increment || before.Attempt != now.Attempt {
			c.Marks = append(c.Marks, float64(i)+0.5)
		}
	}
	const most = 200 // more marks would be one grey field
	if len(c.Marks) > most {
		c.Marks = nil
	}
	return c, len(c.Series) > 0
}

// Displacements is the chart of the longest displacement over time; a solve
// with one result only has none.
func (r *Result) Displacements(t Texts) (Chart, bool) {
	s := Series{Name: t.LongestDisplacement}
	for _, f := range r.Frames {
		if f.Kind == Static || f.Kind == Moment {
			s.X, s.Y = append(s.X, f.Value), append(s.Y, f.Max)
		}
	}
	return Chart{X: t.Time, Y: t.LongestDisplacement, Series: []Series{s}}, len(s.X) > 1
}

// Modes is the chart of eigenfrequencies, or of factors of buckling.
func (r *Result) Modes(t Texts) (Chart, bool) {
	c, s := Chart{X: t.ModeNumber, Y: t.Frequency, Stems: true, Counted: true}, Series{Name: t.Frequency}
	for _, f := range r.Frames {
		switch f.Kind {
		case Buckling:
			if f.Value == 0 {
				continue // the state before it buckles
			}
			c.Y = t.Factor
		case Mode:
		default:
			continue
		}
		s.X, s.Y = append(s.X, float64(len(s.X)+1)), append(s.Y, f.Value)
	}
	if len(s.X) == 0 {
		for i, v := range r.Frequencies {
			s.X, s.Y = append(s.X, float64(i+1)), append(s.Y, v)
		}
	}
	c.Series = []Series{s}
	return c, len(s.X) > 0
}
