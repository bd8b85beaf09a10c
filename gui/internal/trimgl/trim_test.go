package main

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// generated is the generator's layout in small.
const generated = `package gl

// typedef unsigned int GLenum;
// typedef void  (APIENTRYP GPCLEAR)(GLenum  mask);
// typedef void  (APIENTRYP GPCLEARARB)(GLenum  mask);
// typedef void  (APIENTRYP GPPOINTER)(GLenum  mask);
// static void  glowClear(GPCLEAR fnptr, GLenum  mask) {
//   (*fnptr)(mask);
// }
// static void  glowClearARB(GPCLEARARB fnptr, GLenum  mask) {
//   (*fnptr)(mask);
// }
// static void  glowPointer(GPPOINTER fnptr, GLenum  mask) {
//   (*fnptr)(mask);
// }
// static void  glowPointerWithOffset(GPPOINTER fnptr, GLenum  mask) {
//   (*fnptr)(mask);
// }
import "C"
import "unsafe"

const (
	ZERO = 0
)

var (
	gpClear      C.GPCLEAR
	gpClearARB   C.GPCLEARARB
	gpPointer    C.GPPOINTER
)

func Clear(mask uint32) {
	C.glowClear(gpClear, (C.GLenum)(mask))
}

func ClearARB(mask uint32) {
	C.glowClearARB(gpClearARB, (C.GLenum)(mask))
}
func Pointer(mask uint32) {
	C.glowPointer(gpPointer, (C.GLenum)(mask))
}
func PointerWithOffset(mask uint32) {
	C.glowPointerWithOffset(gpPointer, (C.GLenum)(mask))
}
func Init() error {
	return InitWithProcAddrFunc(getProcAddress)
}
func InitWithProcAddrFunc(getProcAddr func(name string) unsafe.Pointer) error {
	gpClear = (C.GPCLEAR)(getProcAddr("glClear"))
	if gpClear == nil {
		return errors.New("glClear")
	}
	gpClearARB = (C.GPCLEARARB)(getProcAddr("glClearARB"))
	if gpClearARB == nil {
		return errors.New("glClearARB")
	}
	gpPointer = (C.GPPOINTER)(getProcAddr("glPointer"))
	return nil
}
`

func TestTrimKeepsWhatIsUsed(t *testing.T) {
	got, err := trim(generated, map[string]bool{"Clear": true, "PointerWithOffset": true, "ZERO": true})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"GLenum;", "GPCLEAR)", "glowClear(", "\tgpClear ", "func Clear(", `"glClear"`, "GPPOINTER)", "glowPointerWithOffset(", "\tgpPointer ", "func PointerWithOffset(", "ZERO", "func Init()"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, gone := range []string{"ARB", "glowPointer(", "func Pointer("} {
		if strings.Contains(got, gone) {
			t.Errorf("%q is still there", gone)
		}
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "package.go", got, 0); err != nil {
		t.Errorf("what is left is no Go: %v\n%s", err, got)
	}
}

func TestTrimRefusesAnotherLayout(t *testing.T) {
	if _, err := trim("package gl\n", map[string]bool{"Clear": true}); err == nil {
		t.Error("trimmed a package in which nothing was found")
	}
}
