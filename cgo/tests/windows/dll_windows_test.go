package windows

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func dlls() map[string]string {
	return map[string]string{"x64": "IscdeskApi64.dll", "x86": "IscdeskApi.dll"}
}

func readLibrary(t *testing.T, arch string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(programs, arch, dlls()[arch]))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestPackageContents holds the unpacked SDK, but for the manual, to its list.
func TestPackageContents(t *testing.T) {
	var names []string
	err := fs.WalkDir(os.DirFS("../../../build/sdk-windows"), ".", func(name string, e fs.DirEntry, err error) error {
		if name == "share/doc/iscdesk" {
			return fs.SkipDir
		}
		if err == nil && !e.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	golden(t, "../testdata/package-windows.txt", strings.Join(names, "\n")+"\n")
}

// TestExports holds both libraries to the same golden list as the one for
// Linux: undecorated names, as GetProcAddress asks for them.
func TestExports(t *testing.T) {
	for _, arch := range architectures() {
		golden(t, "../testdata/exports.txt", strings.Join(exports(t, readLibrary(t, arch)), "\n")+"\n")
	}
}

// TestImports: the libraries need nothing that Windows does not have.
func TestImports(t *testing.T) {
	for _, arch := range architectures() {
		got, err := open(t, readLibrary(t, arch)).ImportedSymbols()
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, symbol := range got {
			_, name, _ := strings.Cut(symbol, ":")
			names = append(names, name)
		}
		slices.Sort(names)
		golden(t, "../testdata/imports-windows.txt", strings.Join(slices.Compact(names), "\n")+"\n")
	}
}

// TestProtections: addresses are random, data is not executed, and a signature
// or a rebuild sees no time.
func TestProtections(t *testing.T) {
	for _, arch := range architectures() {
		f := open(t, readLibrary(t, arch))
		want := uint16(pe.IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE | pe.IMAGE_DLLCHARACTERISTICS_NX_COMPAT)
		var flags uint16
		switch header := f.OptionalHeader.(type) {
		case *pe.OptionalHeader64:
			flags, want = header.DllCharacteristics, want|pe.IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA
		case *pe.OptionalHeader32:
			flags = header.DllCharacteristics
		}
		if flags&want != want || f.TimeDateStamp != 0 || f.Section(".reloc") == nil {
			t.Errorf("%s: characteristics %#x, time %d", arch, flags, f.TimeDateStamp)
		}
		if size := len(readLibrary(t, arch)); size > 4500<<10 {
			t.Errorf("%s has %d bytes", arch, size)
		}
	}
}

// TestVersionResource looks for what the file's properties show.
func TestVersionResource(t *testing.T) {
	for _, arch := range architectures() {
		section := open(t, readLibrary(t, arch)).Section(".rsrc")
		if section == nil {
			t.Fatal("no resources")
		}
		data, err := section.Data()
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"VS_VERSION_INFO", dlls()[arch], "ISCDesk SDK for CAD and CAE applications"} {
			var wide bytes.Buffer
			for _, c := range utf16.Encode([]rune(text)) {
				wide.Write(binary.LittleEndian.AppendUint16(nil, c))
			}
			if !bytes.Contains(data, wide.Bytes()) {
				t.Errorf("%s: %q is not in its resources", arch, text)
			}
		}
	}
}

func open(t *testing.T, raw []byte) *pe.File {
	t.Helper()
	f, err := pe.NewFile(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// exports reads the names in a library's table of exports.
func exports(t *testing.T, raw []byte) []string {
	t.Helper()
	f := open(t, raw)
	section := f.Section(".edata")
	if section == nil {
		t.Fatal("no exports")
	}
	data, err := section.Data()
	if err != nil {
		t.Fatal(err)
	}
	at := func(address uint32) []byte { return data[address-section.VirtualAddress:] }
	count, table := binary.LittleEndian.Uint32(data[24:]), binary.LittleEndian.Uint32(data[32:])
	if functions := binary.LittleEndian.Uint32(data[20:]); functions != count {
		t.Fatal(fmt.Errorf("%d functions, %d names", functions, count))
	}
	var names []string
	for i := range count {
		name, _, _ := bytes.Cut(at(binary.LittleEndian.Uint32(at(table+4*i))), []byte{0})
		names = append(names, string(name))
	}
	slices.Sort(names)
	return names
}
