package plot

import (
	"math"
	"strconv"
	"strings"
)

// axis maps values to pixels.
type axis struct {
	from, to   float64 // values
	begin, end float64 // pixels
	log        bool
}

func (a axis) at(v float64) float64 {
	from, to := a.from, a.to
	if a.log {
		v, from, to = math.Log10(v), math.Log10(from), math.Log10(to)
	}
	if to == from {
		return (a.begin + a.end) / 2
	}
	return a.begin + (v-from)/(to-from)*(a.end-a.begin)
}

// span widens an axis to round values; a logarithmic one to whole decades.
func span(low, high float64, log bool) (from, to float64) {
	if log {
		from, to = math.Pow(10, math.Floor(math.Log10(low))), math.Pow(10, math.Ceil(math.Log10(high)))
		if from == to {
			to *= 10
		}
		return from, to
	}
	if low == high {
		if low == 0 {
			return 0, 1
		}
		low, high = min(low, 0), max(high, 0)
	}
	step := stepOf(high - low)
	return math.Floor(low/step) * step, math.Ceil(high/step) * step
}

// stepOf is a round step that cuts a length into about five.
func stepOf(length float64) float64 {
	raw := length / 5
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		if m*unit >= raw*0.999 {
			return m * unit
		}
	}
	return 10 * unit
}

// ticks are the values that an axis names.
func (a axis) ticks() []float64 {
	var out []float64
	if a.log {
		decades := int(math.Round(math.Log10(a.to / a.from)))
		every := max(1, (decades+7)/8)
		low := int(math.Round(math.Log10(a.from)))
		for d := 0; d <= decades; d += every {
			out = append(out, math.Pow(10, float64(low+d)))
		}
		return out
	}
	step := stepOf(a.to - a.from)
	if step <= 0 || math.IsInf(step, 0) || math.IsNaN(step) {
		return []float64{a.from}
	}
	for i := 0; i <= 12; i++ {
		v := a.from + float64(i)*step
		if v > a.to+step/1000 {
			break
		}
		if math.Abs(v) < step/1000 {
			v = 0
		}
		out = append(out, v)
	}
	return out
}

// Number writes a value with as many digits as a plot needs: five, and an
// exponent only where there would be many zeros.
func Number(v float64) string {
	const digits, least, most = 5, 1e-4, 1e6
	text := strconv.FormatFloat(v, 'g', digits, 64)
	if size := math.Abs(v); size >= least && size < most {
		if rounded, err := strconv.ParseFloat(text, 64); err == nil {
			return strconv.FormatFloat(rounded, 'f', -1, 64)
		}
	}
	mantissa, exponent, found := strings.Cut(text, "e")
	if !found {
		return text
	}
	sign := ""
	if exponent[0] == '-' {
		sign = "-"
	}
	return mantissa + "e" + sign + strings.TrimLeft(exponent[1:], "+-0")
}
