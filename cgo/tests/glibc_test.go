package tests

import (
	"debug/elf"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// oldestGlibc is the minor version of the oldest glibc that the library has to
// run on: 2.28.
const oldestGlibc = 28

// TestGlibc holds the library to symbols that the oldest glibc has.
func TestGlibc(t *testing.T) {
	f, err := elf.Open(library(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // only read
	symbols, err := f.ImportedSymbols()
	if err != nil || len(symbols) == 0 {
		t.Fatalf("%d symbols, %v", len(symbols), err)
	}
	for _, s := range symbols {
		minor, ok := strings.CutPrefix(s.Version, "GLIBC_2.")
		if !ok {
			continue
		}
		minor, _, _ = strings.Cut(minor, ".")
		if n, err := strconv.Atoi(minor); err != nil || n > oldestGlibc {
			t.Errorf("%s needs %s", s.Name, s.Version)
		}
	}
}

// TestHostOnOldGlibc runs a host with the loader and the C library of Debian
// 11, which is the oldest that can be had here.
func TestHostOnOldGlibc(t *testing.T) {
	out, err := exec.Command("../../.ci/old-glibc").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := strings.TrimSpace(string(out))
	libc, own := filepath.Join(root, "lib/x86_64-linux-gnu"), filepath.Join(root, "usr/lib/x86_64-linux-gnu")
	folder := filepath.Join(sdk(t), "lib")
	program := compile(t, "gcc", "-std=c99", "--sysroot="+root, "-B"+own, "-L"+own, "-L"+libc, "c/host.c", "c/host_linux.c",
		"-L"+folder, "-liscdesk")
	for _, way := range []string{"thread", "threads", "shutdown-in-callback", "fork"} {
		t.Run(way, func(t *testing.T) {
			_, env := service(t, nil)
			run(t, env, filepath.Join(libc, "ld-2.31.so"), "--library-path", libc+":"+folder, program, way)
		})
	}
}
