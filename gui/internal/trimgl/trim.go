package main

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// How the generator of the gl package lays its output out: a preamble in C
// with a type and a wrapper for each function of OpenGL, then constants, one
// pointer for each function, one Go function for each, and Init, which finds
// the pointers. Braces at the beginning of a line end what began there.
var (
	cType     = regexp.MustCompile(`^// typedef .*\(APIENTRYP GP([A-Z0-9_]+)\)`)
	cWrapper  = regexp.MustCompile(`^// static .*\bglow(\w+)\(GP`)
	goPointer = regexp.MustCompile(`^\tgp(\w+) +C\.GP[A-Z0-9_]+$`)
	goFunc    = regexp.MustCompile(`^func (\w+)\(`)
	goCall    = regexp.MustCompile(`\bC\.glow(\w+)\(gp(\w+)\b`)
	goProbe   = regexp.MustCompile(`^\tgp(\w+) = \(C\.GP[A-Z0-9_]+\)\(getProcAddr\(`)
	goCheck   = regexp.MustCompile(`^\tif gp(\w+) == nil \{$`)
)

// trim leaves out of the package's source every function but those used, and
// what belongs to them alone. Constants and basic types stay: they cost
// nothing.
func trim(src string, used map[string]bool) (string, error) {
	lines := strings.SplitAfter(src, "\n")
	wrappers, pointers := needs(lines, used)
	if len(wrappers) == 0 {
		return "", errors.New("none of the functions used is there: has the generator's layout changed?")
	}
	// These wrap nothing of OpenGL.
	helpers := []string{"Init", "InitWithProcAddrFunc", "boolToInt"}
	types := map[string]bool{}
	for name := range pointers {
		types[strings.ToUpper(name)] = true
	}
	keeps := func(line string) (keep bool, end string) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case cType.MatchString(line):
			return types[cType.FindStringSubmatch(line)[1]], ""
		case cWrapper.MatchString(line):
			return wrappers[cWrapper.FindStringSubmatch(line)[1]], "// }\n"
		case goPointer.MatchString(line):
			return pointers[goPointer.FindStringSubmatch(line)[1]], ""
		case goProbe.MatchString(line):
			return pointers[goProbe.FindStringSubmatch(line)[1]], ""
		case goCheck.MatchString(line):
			return pointers[goCheck.FindStringSubmatch(line)[1]], "\t}\n"
		case goFunc.MatchString(line):
			name := goFunc.FindStringSubmatch(line)[1]
			return used[name] || slices.Contains(helpers, name), "}\n"
		}
		return true, ""
	}
	var out strings.Builder
	for i := 0; i < len(lines); i++ {
		keep, end := keeps(lines[i])
		if keep {
			out.WriteString(lines[i])
			continue
		}
		for end != "" && i+1 < len(lines) && lines[i] != end {
			i++
		}
	}
	return out.String(), nil
}

// needs gives the wrappers in C that the used Go functions call, and the
// pointers that they pass: several wrappers can share one.
func needs(lines []string, used map[string]bool) (wrappers, pointers map[string]bool) {
	wrappers, pointers = map[string]bool{}, map[string]bool{}
	within := false
	for _, line := range lines {
		if m := goFunc.FindStringSubmatch(line); m != nil {
			within = used[m[1]]
		}
		if m := goCall.FindStringSubmatch(line); m != nil && within {
			wrappers[m[1]], pointers[m[2]] = true, true
		}
	}
	return wrappers, pointers
}
