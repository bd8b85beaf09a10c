package plot_test

import (
	"testing"

	"iscdesk.dev/gui/plot"
)

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 1: "1", 0.19245678: "0.19246", 13096.03106: "13096", -2.5: "-2.5", 999999: "1000000", 300000: "300000",
		1e-5: "1e-5", 1.23456e-12: "1.2346e-12", 6.5e10: "6.5e10", 1e6: "1e6",
	} {
		if got := plot.Number(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
}
