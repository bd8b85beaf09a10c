package settings

import (
	"math"
	"strconv"
	"strings"

	"iscdesk.dev/agent/api"
)

// rateUnits are what people write behind a number; a unit of bits is an eighth.
func rateUnits() []struct {
	name  string
	bytes float64
} {
	return []struct {
		name  string
		bytes float64
	}{
		{"gbit", 1e9 / 8},
		{"mbit", 1e6 / 8},
		{"kbit", 1e3 / 8},
		{"gib", 1 << 30},
		{"mib", 1 << 20},
		{"kib", 1 << 10},
		{"gb", 1e9},
		{"mb", 1e6},
		{"kb", 1e3},
		{"g", 1e9},
		{"m", 1e6},
		{"k", 1e3},
	}
}

const mostRate = 1 << 40

// ParseRate reads a rate as people type it: 500 kB/s, 2MB/s, 1,5 MB, 16 Mbit/s.
// Nothing, 0 and "-" mean no limit.
func ParseRate(text string) (int64, error) {
	text = strings.TrimSpace(narrow(text))
	if line, bits := strings.CutSuffix(text, "bps"); bits { // as lines are sold
		text = line + "bit"
	}
	text = strings.ToLower(text)
	wrong := api.Fail(api.InvalidArgument, "argument", "rate", "reason", "500 kB/s, 2 MB/s, 16 Mbit/s")
	for _, end := range []string{"/s", "/秒", "每秒", "ps"} {
		if before, found := strings.CutSuffix(text, end); found {
			text = strings.TrimSpace(before)
			break
		}
	}
	if text == "" || text == "0" || text == "-" {
		return 0, nil
	}
	for _, u := range rateUnits() {
		number, found := strings.CutSuffix(text, u.name)
		if !found {
			continue
		}
		n, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(number), ",", ".", 1), 64)
		rate := int64(math.Round(min(n*u.bytes, 2*mostRate)))
		if err != nil || math.IsNaN(n) || n < 0 || rate > mostRate || n > 0 && rate == 0 { // 0 is no limit
			return 0, wrong
		}
		return rate, nil
	}
	return 0, wrong
}

// narrow replaces the wide letters and digits that Chinese input methods give.
func narrow(text string) string {
	const first, last, shift = '！', '～', '！' - '!'
	return strings.Map(func(r rune) rune {
		switch {
		case r >= first && r <= last:
			return r - shift
		case r == '\u3000':
			return ' '
		case r == '。':
			return '.'
		}
		return r
	}, text)
}

// FormatRate writes a rate as ParseRate reads it; no limit is nothing.
func FormatRate(bytes int64) string {
	switch {
	case bytes <= 0:
		return ""
	case bytes%1e4 == 0 && bytes >= 1e6:
		return strconv.FormatFloat(float64(bytes)/1e6, 'f', -1, 64) + " MB/s"
	}
	return strconv.FormatFloat(float64(bytes)/1e3, 'f', -1, 64) + " kB/s"
}
