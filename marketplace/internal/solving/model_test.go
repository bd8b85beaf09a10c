package solving

import (
	"errors"
	"strings"
	"testing"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
)

func TestCheckInput(t *testing.T) {
	cases := map[string]bool{
		"*NODE\n1, 0., 0., 0.\n":                          true,
		"*INCLUDE, INPUT=mesh.inc\n":                      true,
		"*INCLUDE, INPUT=parts/mesh.inc\n":                true,
		"*HEADING\nfrom = /home/li/beam\n":                true,
		"** INPUT=/etc/passwd\n*STEP\n":                   true,
		"*ELEMENT, TYPE=C3D20R, ELSET=A\n1, 2,\n3":        true,
		"*INCLUDE, INPUT=/etc/passwd\n":                   false,
		"*include,input = /etc/passwd\n":                  false,
		"* I N C L U D E , INPUT = / etc/passwd":          false,
		"*INCLUDE, INPUT=\"/etc/passwd\"\n":               false,
		"*INCLUDE, INPUT=../other/secret\n":               false,
		"*INCLUDE, INPUT=a/../../b\n":                     false,
		"*INCLUDE,\nINPUT=/etc/passwd\n":                  false,
		"*INCLUDE,\n** remark\nINPUT=/etc/x\n":            false,
		"*INCLUDE, INPUT=C:\\secret\n":                    false,
		"*INCLUDE, INPUT=C:/secret\n":                     false,
		"*SUBSTRUCTURE MATRIX OUTPUT, FILE NAME=/tmp/x\n": false,
		"*STEP\n" + strings.Repeat("x", 2<<20):            false,
	}
	for text, ok := range cases {
		err := checkInput("model.inp", strings.NewReader(text))
		if (err == nil) != ok || (err != nil && !errors.Is(err, fault.SolveFailed)) {
			t.Errorf("%.60q: %v, want ok %v", text, err, ok)
		}
	}
}

func TestFindInput(t *testing.T) {
	cases := []struct {
		name  string
		paths []string
		want  string
	}{
		{"beam", []string{"beam.inp"}, "beam.inp"},
		{"frame", []string{"mesh.inp", "frame.inp", "parts/a.inc"}, "frame.inp"},
		{"renamed", []string{"beam.INP"}, "beam.INP"},
		{"frame", []string{"a.inp", "b.inp"}, ""},
		{"frame", []string{"sub/frame.inp"}, ""},
		{"bracket", []string{"bracket.step"}, ""},
	}
	for _, c := range cases {
		var m agentapi.Manifest
		for _, p := range c.paths {
			m.Entries = append(m.Entries, agentapi.ManifestEntry{Path: p})
		}
		if got, err := findInput(c.name, m); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s of %v: %q, %v", c.name, c.paths, got, err)
		}
	}
}

func TestExplain(t *testing.T) {
	log := "nodes: 1\n\n *ERROR reading *NODE. Card image:\n        1,A,B,C\n\n *WARNING in calinput.\n"
	if got := explain(log); got != "ERROR reading *NODE. Card image: 1,A,B,C" {
		t.Errorf("%q", got)
	}
	if got := explain("Job finished\n"); got != "" {
		t.Errorf("%q", got)
	}
}
