package i18n

import (
	"strconv"
	"strings"
	"time"
)

// Bytes tells a size in units of 1,000.
func (w *Words) Bytes(n int64) string {
	const step = 1000
	if n < step {
		return strconv.FormatInt(n, 10) + " B"
	}
	value, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB"} {
		if value /= step; value < step-0.05 {
			break
		}
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + " " + unit
}

// Rate tells how many bytes flow in a second.
func (w *Words) Rate(perSecond int64) string { return w.Bytes(perSecond) + "/s" }

// Number tells a number with its thousands apart.
func (w *Words) Number(n int) string {
	digits := strconv.Itoa(max(n, -n))
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	text := strings.Join(append([]string{digits}, groups...), ",")
	if n < 0 {
		return "-" + text
	}
	return text
}

// Date tells a day.
func (w *Words) Date(unix int64) string {
	return time.Unix(unix, 0).In(w.zone).Format(time.DateOnly)
}

// Time tells a day and a time of day.
func (w *Words) Time(unix int64) string {
	return time.Unix(unix, 0).In(w.zone).Format("2006-01-02 15:04")
}

// Clock tells a time of day.
func (w *Words) Clock(unix int64) string {
	return time.Unix(unix, 0).In(w.zone).Format("15:04")
}

// Ago tells when something was, seen from now: the nearer, the simpler. What
// is still to come, as after a clock was set back, is told as a time.
func (w *Words) Ago(unix int64, now time.Time) string {
	t := time.Unix(unix, 0)
	passed := now.Sub(t)
	switch {
	case passed < -time.Minute:
		return w.Time(unix)
	case passed < time.Minute:
		return w.T("i18n.ago.now")
	case passed < time.Hour:
		return w.T("i18n.ago.minutes", "count", int(passed/time.Minute))
	}
	day := func(t time.Time) int {
		y, m, d := t.In(w.zone).Date()
		return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
	}
	switch day(now) - day(t) {
	case 0:
		return w.T("i18n.ago.hours", "count", int(passed/time.Hour))
	case 1:
		return w.T("i18n.ago.yesterday", "time", w.Clock(unix))
	}
	return w.Time(unix)
}

// Duration tells how long something takes, in its two largest units at most.
func (w *Words) Duration(d time.Duration) string {
	seconds := int(max(d, 0).Round(time.Second) / time.Second)
	units := []struct {
		key    string
		length int
	}{{"i18n.days", 86400}, {"i18n.hours", 3600}, {"i18n.minutes", 60}, {"i18n.seconds", 1}}
	for i, u := range units {
		if seconds < u.length && u.length > 1 {
			continue
		}
		text := w.T(u.key, "count", seconds/u.length)
		if i+1 < len(units) {
			if rest := seconds % u.length / units[i+1].length; rest > 0 {
				text += w.T("i18n.and") + w.T(units[i+1].key, "count", rest)
			}
		}
		return text
	}
	return ""
}
