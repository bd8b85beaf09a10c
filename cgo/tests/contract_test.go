package tests

import (
	"debug/elf"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

// TestStatusesAreTheErrorTable holds the header to the one table of errors.
func TestStatusesAreTheErrorTable(t *testing.T) {
	text, err := os.ReadFile("../include/iscdesk_status.h")
	if err != nil {
		t.Fatal(err)
	}
	inHeader := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^ +ISC_E_([A-Z_]+) =\s+(\d+)`).FindAllStringSubmatch(string(text), -1) {
		inHeader[strings.ToLower(m[1])] = m[2]
	}
	for _, row := range api.Table() {
		if got := inHeader[string(row.Code)]; got != fmt.Sprint(row.C) {
			t.Errorf("ISC_E_%s is %q in iscdesk_status.h and %d in the error table", strings.ToUpper(string(row.Code)), got, row.C)
		}
		delete(inHeader, string(row.Code))
	}
	for code := range inHeader {
		t.Errorf("the error table has no %s", code)
	}
}

// TestExportedSymbols holds the library to the golden list: what is exported
// once is called by programs that were compiled long ago.
func TestExportedSymbols(t *testing.T) {
	f, err := elf.Open(library(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	symbols, err := f.DynamicSymbols()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range symbols {
		if s.Section != elf.SHN_UNDEF && elf.ST_TYPE(s.Info) == elf.STT_FUNC {
			got = append(got, s.Name)
		}
	}
	slices.Sort(got)
	golden(t, "testdata/exports.txt", strings.Join(got, "\n")+"\n")
	if name, err := f.DynString(elf.DT_SONAME); err != nil || !slices.Equal(name, []string{"libiscdesk.so.1"}) {
		t.Errorf("SONAME is %v, %v", name, err)
	}
}

// TestLayout holds structures and enumerations to the golden list.
func TestLayout(t *testing.T) {
	golden(t, "testdata/layout.txt", run(t, nil, compile(t, "gcc", "-std=c99", "c/layout.c")))
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s differs (%v); the library has now:\n%s", path, err, got)
	}
}

// TestLittleThreadLocalStorage: a Go library's comes out of the few hundred
// bytes that the loader keeps for all libraries of a process that are loaded
// late.
func TestLittleThreadLocalStorage(t *testing.T) {
	t.Parallel()
	f, err := elf.Open(library(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // only read
	for _, p := range f.Progs {
		if p.Type == elf.PT_TLS && p.Memsz > 64 {
			t.Errorf("%d bytes", p.Memsz)
		}
	}
}

// TestSpellings compiles every spelling of the C++ interface with every
// compiler and standard, and runs it.
func TestSpellings(t *testing.T) {
	for _, compiler := range []string{"g++", "clang++"} {
		for _, standard := range []string{"11", "17", "20"} {
			t.Run(compiler+standard, func(t *testing.T) {
				t.Parallel()
				run(t, []string{"ISCDESK_LIBRARY=" + library(t)}, compile(t, compiler, "-std=c++"+standard, "cpp/spellings.cpp"))
			})
		}
		t.Run(compiler+" without exceptions", func(t *testing.T) {
			t.Parallel()
			compile(t, compiler, "-std=c++11", "-fno-exceptions", "-fno-rtti", "cpp/spellings.cpp")
		})
	}
}
