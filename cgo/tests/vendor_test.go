package tests

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCppEvents runs the C++ interface against a service, in the ways in which
// a vendor may bring the library in.
func TestCppEvents(t *testing.T) {
	folder := filepath.Join(sdk(t), "lib")
	linked := []string{"-DISCDESK_LINK", "cpp/events.cpp", "-L" + folder, "-liscdesk", "-Wl,-rpath," + folder}
	found := []string{"cpp/events.cpp", "-Wl,-rpath," + folder}
	for name, args := range map[string][]string{"linked": linked, "found by rpath": found, "named": {"cpp/events.cpp"}} {
		t.Run(name, func(t *testing.T) {
			_, env := service(t, nil)
			if name != "named" {
				env = append(env, "ISCDESK_LIBRARY=")
			}
			run(t, env, compile(t, "g++", append([]string{"-std=c++11"}, args...)...))
		})
	}
	t.Run("sanitised", func(t *testing.T) {
		_, env := service(t, nil)
		run(t, env, compile(t, "g++", "-std=c++17", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "cpp/events.cpp"))
	})
}

// TestPackageContents holds the unpacked SDK, but for the manual, to its list.
func TestPackageContents(t *testing.T) {
	var names []string
	err := filepath.WalkDir(sdk(t), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, strings.TrimPrefix(path, sdk(t)+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	golden(t, "testdata/package-linux.txt", strings.Join(names, "\n")+"\n")
}

// TestPackage builds the examples as a vendor does, with CMake and with
// pkg-config, out of the unpacked SDK alone.
func TestPackage(t *testing.T) {
	root := sdk(t)
	for _, example := range []string{"guide", "minicad"} {
		build := t.TempDir()
		source := filepath.Join(root, "share", "examples", example)
		if out, err := script(nil, "cmake", "-S", source, "-B", build, "-DCMAKE_PREFIX_PATH="+root); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if out, err := script(nil, "cmake", "--build", build); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	env := []string{"PKG_CONFIG_PATH=" + filepath.Join(root, "lib", "pkgconfig")}
	flags, err := script(env, "pkg-config", "--cflags", "--libs", "iscdesk")
	if err != nil {
		t.Fatalf("%v\n%s", err, flags)
	}
	args := append([]string{"-std=c99", "c/layout.c"}, strings.Fields(string(flags))...)
	golden(t, "testdata/layout.txt", run(t, []string{"LD_LIBRARY_PATH=" + filepath.Join(root, "lib")}, compile(t, "gcc", args...)))
}
