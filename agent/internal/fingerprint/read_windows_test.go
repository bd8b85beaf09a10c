package fingerprint

import (
	"regexp"
	"slices"
	"testing"
)

// Wine has no disk with a serial and no mainboard with one; those are tested
// on dumps. Its processor is the machine's own. Network adapters of other
// programs come and go meanwhile.
func TestThisWindowsWhereWineHasNoSerials(t *testing.T) {
	parts := New().Explain()
	if len(parts) != 4 || parts[0].Name != PartMAC || parts[1].Name != PartDisk || parts[2].Name != PartBoard || parts[3].Name != PartCPU {
		t.Fatalf("%+v", parts)
	}
	for _, p := range parts {
		if (len(p.Values) == 0) != (p.Missing != "") {
			t.Errorf("%+v", p)
		}
	}
	for _, mac := range parts[0].Values {
		if !regexp.MustCompile(`^([0-9A-F]{2}:){5}[0-9A-F]{2}$`).MatchString(mac) {
			t.Errorf("address %q", mac)
		}
	}
	if id := parts[3].Values; len(id) == 1 && !regexp.MustCompile(`^[0-9A-F]{16}$`).MatchString(id[0]) {
		t.Errorf("processor %q", id)
	}
	again := New().Explain()
	for i := range parts[1:] {
		if !slices.Equal(parts[1+i].Values, again[1+i].Values) {
			t.Errorf("%+v, then %+v", parts[1+i], again[1+i])
		}
	}
}
