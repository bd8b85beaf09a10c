package cloudfile

import (
	"errors"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

func TestSpelling(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		clash bool
	}{
		{"caf\u00e9.stp", "cafe\u0301.stp", true},
		{"CAF\u00c9.stp", "cafe\u0301.stp", true},
		{"\uac00/x", "\u1100\u1161/x", true}, // Hangul
		{"cafe.stp", "caf\u00e9.stp", false},
		{"\u2460.stp", "1.stp", false}, // ① is no 1
		{"装配.stp", "装配 .stp", false},
	} {
		err := checkSpelling([]api.FileEntry{{Path: c.a}, {Path: "x"}, {Path: c.b}})
		if (err != nil) != c.clash {
			t.Errorf("%q and %q: %v", c.a, c.b, err)
		}
		if !c.clash || err == nil {
			continue
		}
		if text := api.AsError(err).Text(api.Chinese); !errors.Is(err, api.NameInvalid) || !strings.Contains(text, c.a) || !strings.Contains(text, c.b) {
			t.Errorf("%q and %q: %s", c.a, c.b, text)
		}
	}
}
