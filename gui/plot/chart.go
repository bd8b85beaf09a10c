package plot

import (
	"image"
	"math"
)

// Series is one line of a chart. What is not finite, or not positive on a
// logarithmic axis, is left out, and the line with it.
type Series struct {
	Name string
	X, Y []float64
}

// Chart is a chart with its texts.
type Chart struct {
	X, Y   string
	LogY   bool
	Series []Series
	// Marks are values of X at which something begins, drawn as thin lines.
	Marks []float64
	// Counted tells that X counts something: only whole numbers are named.
	Counted bool
	// Stems draws each value as a line from the axis.
	Stems bool
}

// Draw draws the chart.
func (c Chart) Draw(s Style) *image.RGBA {
	cv := newCanvas(s)
	x, y, some := c.axes()
	if !some {
		return cv.RGBA
	}
	unit := cv.size
	widest := 0.0
	for _, t := range y.ticks() {
		widest = max(widest, cv.width(Number(t)))
	}
	left, right := widest+2.6*unit, float64(cv.Rect.Dx())-1.2*unit
	top, bottom := 1.2*unit+c.legendRoom(unit), float64(cv.Rect.Dy())-3.6*unit
	x.begin, x.end, y.begin, y.end = left, right, bottom, top
	c.frame(cv, x, y)
	for i, series := range c.Series {
		c.line(cv, x, y, i, series)
	}
	c.legend(cv, left)
	return cv.RGBA
}

func (c Chart) legendRoom(unit float64) float64 {
	if len(c.Series) < 2 {
		return 0
	}
	return 1.8 * unit
}

func (c Chart) shows(x, y float64) bool {
	return !math.IsNaN(x) && !math.IsInf(x, 0) && !math.IsNaN(y) && !math.IsInf(y, 0) && (!c.LogY || y > 0)
}

// axes finds the spans of what is to be seen.
func (c Chart) axes() (x, y axis, some bool) {
	lowX, highX, lowY, highY := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, s := range c.Series {
		for i := range s.X {
			if !c.shows(s.X[i], s.Y[i]) {
				continue
			}
			some = true
			lowX, highX = min(lowX, s.X[i]), max(highX, s.X[i])
			lowY, highY = min(lowY, s.Y[i]), max(highY, s.Y[i])
		}
	}
	if !some {
		return x, y, false
	}
	if !c.LogY && lowY > 0 {
		lowY = 0
	}
	x.from, x.to = lowX, highX
	if c.Stems || x.from == x.to {
		x.from, x.to = x.from-0.5, x.to+0.5
	}
	y.log = c.LogY
	y.from, y.to = span(lowY, highY, c.LogY)
	return x, y, true
}

// xTicks are round values within the axis: it begins and ends with the data.
func (c Chart) xTicks(x axis) []float64 {
	from, to := span(x.from, x.to, false)
	all := (axis{from: from, to: to}).ticks()
	const few = 16
	if c.Counted && x.to-x.from < few {
		all = all[:0]
		for t := math.Ceil(x.from); t <= x.to; t++ {
			all = append(all, t)
		}
	}
	var out []float64
	for _, t := range all {
		whole := !c.Counted || t == math.Trunc(t)
		if t >= x.from-1e-9 && t <= x.to+1e-9 && whole {
			out = append(out, t)
		}
	}
	return out
}

func (c Chart) frame(cv *canvas, x, y axis) {
	thin, unit := cv.style.Scale, cv.size
	for _, m := range c.Marks {
		if m > x.from && m < x.to {
			cv.path([]point{{x.at(m), y.begin}, {x.at(m), y.end}}, thin, cv.of.grid)
		}
	}
	for _, t := range y.ticks() {
		cv.path([]point{{x.begin, y.at(t)}, {x.end, y.at(t)}}, thin, cv.of.grid)
		cv.text(Number(t), point{x.begin - 0.5*unit, y.at(t) + 0.35*unit}, 1, cv.of.faint)
	}
	for _, t := range c.xTicks(x) {
		cv.path([]point{{x.at(t), y.begin}, {x.at(t), y.begin + 0.35*unit}}, thin, cv.of.faint)
		cv.text(Number(t), point{x.at(t), y.begin + 1.4*unit}, 0.5, cv.of.faint)
	}
	cv.path([]point{{x.begin, y.end}, {x.begin, y.begin}, {x.end, y.begin}}, 1.4*thin, cv.of.faint)
	cv.text(c.X, point{(x.begin + x.end) / 2, y.begin + 2.9*unit}, 0.5, cv.of.text)
	cv.sideways(c.Y, point{0.9 * unit, (y.begin + y.end) / 2}, cv.of.text)
}

// signs is up to how many points a series shows each of them.
const signs = 60

func (c Chart) line(cv *canvas, x, y axis, number int, s Series) {
	ink := cv.of.series[number%len(cv.of.series)]
	var run, all []point
	flush := func() {
		cv.path(thinned(run), 1.8*cv.style.Scale, ink)
		run = run[:0]
	}
	for i := range s.X {
		if !c.shows(s.X[i], s.Y[i]) {
			flush()
			continue
		}
		p := point{x.at(s.X[i]), y.at(s.Y[i])}
		all = append(all, p)
		if c.Stems {
			if len(s.X) <= 10*signs {
				cv.path([]point{{p.x, y.begin}, p}, 1.8*cv.style.Scale, ink)
			}
			continue
		}
		run = append(run, p)
	}
	flush()
	if len(all) <= signs {
		for _, p := range all {
			cv.sign(number, p, 3.4*cv.style.Scale, ink)
		}
	}
}

// thinned keeps of the points that fall on one column of pixels the first, the
// lowest, the highest and the last: the picture is the same.
func thinned(points []point) []point {
	const few = 4000
	if len(points) <= few {
		return points
	}
	var out []point
	for i := 0; i < len(points); {
		low, high, j := points[i], points[i], i
		for ; j < len(points) && int(points[j].x) == int(points[i].x); j++ {
			if points[j].y < low.y {
				low = points[j]
			}
			if points[j].y > high.y {
				high = points[j]
			}
		}
		out = append(out, points[i], low, high, points[j-1])
		i = j
	}
	return out
}

func (c Chart) legend(cv *canvas, left float64) {
	if len(c.Series) < 2 {
		return
	}
	unit, at := cv.size, point{left, 1.3 * cv.size}
	for i, s := range c.Series {
		ink := cv.of.series[i%len(cv.of.series)]
		if need := 3.4*unit + cv.width(s.Name); at.x > left && at.x+need > float64(cv.Rect.Dx()) {
			return // a narrow picture shows fewer names, never names over each other
		}
		cv.path([]point{{at.x, at.y - 0.35*unit}, {at.x + 1.8*unit, at.y - 0.35*unit}}, 1.8*cv.style.Scale, ink)
		cv.sign(i, point{at.x + 0.9*unit, at.y - 0.35*unit}, 3.4*cv.style.Scale, ink)
		cv.text(s.Name, point{at.x + 2.3*unit, at.y}, 0, cv.of.text)
		at.x += 2.3*unit + cv.width(s.Name) + 1.4*unit
	}
}
