package dragout

import (
	"testing"
	"time"
)

func TestURIList(t *testing.T) {
	for path, want := range map[string]string{
		"/home/li/a b.step":  "file:///home/li/a%20b.step\r\n",
		"/c/曲轴.step":         "file:///c/%E6%9B%B2%E8%BD%B4.step\r\n",
		"/c/100%25 #1?.step": "file:///c/100%2525%20%231%3F.step\r\n",
		"/c/line\nbreak":     "file:///c/line%0Abreak\r\n",
	} {
		if got := string(uriList(path)); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

func TestPointsArePacked(t *testing.T) {
	if got := (point{-1, 2}).packed(); got != 0xFFFF0002 {
		t.Errorf("%x", got)
	}
}

// TestReleased is every answer of a target by what becomes of a drop.
func TestReleased(t *testing.T) {
	let := time.Now()
	takes := target{window: 7, to: 7, version: 5}
	told := func(accepts bool) talk { return talk{target: takes, told: true, accepts: accepts} }
	waits := told(true)
	waits.waiting, waits.since = true, let
	moved := told(true)
	moved.want = point{1, 1}
	gone := told(true)
	gone.gone = true
	for name, tt := range map[string]struct {
		talk  talk
		ready bool
		after time.Duration
		want  verdict
	}{
		"nobody there":             {talk{}, true, 0, refused},
		"our own window":           {talk{target: target{window: 7, version: 5, ours: true}, told: true, accepts: true}, true, 0, refused},
		"a version of long ago":    {talk{target: target{window: 7, to: 7, version: 2}, told: true, accepts: true}, true, 0, refused},
		"not told yet":             {talk{target: takes}, true, 0, wait},
		"not answered yet":         {waits, true, statusWait, wait},
		"never answered":           {waits, true, statusWait + 1, silent},
		"answered for elsewhere":   {moved, true, 0, wait},
		"it says no":               {told(false), true, 0, refused},
		"it says yes":              {told(true), true, 0, drop},
		"the copy is on its way":   {told(true), false, fetchWait, wait},
		"the copy does not come":   {told(true), false, fetchWait + 1, late},
		"it is gone":               {gone, true, 0, refused},
		"it was told, and said no": {told(false), false, fetchWait + 1, refused},
	} {
		if got := tt.talk.released(tt.ready, let, let.Add(tt.after)); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

// TestStatus takes answers of the target alone.
func TestStatus(t *testing.T) {
	now := time.Now()
	k := talk{target: target{window: 7, to: 9, version: 5}}
	k.tell(now)
	if k.due() {
		t.Error("told twice without an answer")
	}
	if k.status(9, 1); !k.waiting || k.accepts {
		t.Error("another window answered for it")
	}
	if k.status(7, 1); k.waiting || !k.accepts || k.due() {
		t.Errorf("its answer was not taken: %+v", k)
	}
	k.want = point{3, 4}
	if !k.due() {
		t.Error("it is not told that the pointer has moved")
	}
	for _, tt := range []struct {
		version, from, flags uint32
		over, taken          bool
	}{{5, 7, 1, true, true}, {5, 7, 0, true, false}, {4, 7, 0, true, true}, {5, 9, 1, false, true}} {
		k.version = tt.version
		if over, taken := k.finished(tt.from, tt.flags); over != tt.over || taken != tt.taken {
			t.Errorf("%+v: %t %t", tt, over, taken)
		}
	}
}
