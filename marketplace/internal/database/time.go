package database

import "time"

// Millis is a time as the tables hold it; 0 stands for no time.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Time is the time that a table holds, in UTC; 0 gives the zero time.
func Time(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}

func now() time.Time { return time.Now() }
