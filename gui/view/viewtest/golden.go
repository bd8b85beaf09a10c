package viewtest

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"iscdesk.dev/gui/view"
)

// UpdateEnv names the variable that makes Golden write what it gets.
const UpdateEnv = "ISCDESK_UPDATE_GOLDEN"

// Golden compares text with the file testdata/name.txt. With UpdateEnv set it
// writes the file instead, to be looked at and committed.
func Golden(t testing.TB, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if os.Getenv(UpdateEnv) != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // it is committed
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.ReplaceAll(string(want), "\r\n", "\n"); got != text {
		t.Errorf("%s is not what is seen now (%s=1 writes it anew):\n%s", path, UpdateEnv, text)
	}
}

// Dump tells a view as indented text: every field that says something, in
// order, and of actions what is on the button.
func Dump(v any) string {
	var b strings.Builder
	dump(&b, 0, reflect.ValueOf(v))
	return b.String()
}

func dump(b *strings.Builder, depth int, v reflect.Value) {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		_, _ = fmt.Fprintf(b, "%s%v\n", indent(depth), v)
		return
	}
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		if !field.IsExported() || value.IsZero() || value.Kind() == reflect.Func {
			continue
		}
		dumpField(b, depth, field.Name, value)
	}
}

func dumpField(b *strings.Builder, depth int, name string, v reflect.Value) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if a, ok := v.Interface().(view.Action); ok {
		_, _ = fmt.Fprintf(b, "%s%s: %s\n", indent(depth), name, button(a))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		_, _ = fmt.Fprintf(b, "%s%s:\n", indent(depth), name)
		dump(b, depth+1, v)
	case reflect.Slice:
		for i := range v.Len() {
			dumpField(b, depth, name, v.Index(i))
		}
	default:
		_, _ = fmt.Fprintf(b, "%s%s: %s\n", indent(depth), name, plain(v))
	}
}

func plain(v reflect.Value) string {
	if tone, ok := v.Interface().(view.Tone); ok {
		return [...]string{"quiet", "good", "busy", "attention", "trouble"}[tone]
	}
	return strings.ReplaceAll(fmt.Sprint(v), "\n", "⏎")
}

// button tells what a button says and asks, and whether it can be pressed.
func button(a view.Action) string {
	text := "[" + a.Label + "] " + a.Name
	if a.Primary {
		text += " primary"
	}
	if a.Danger {
		text += " danger"
	}
	if a.Confirm != "" {
		text += " asks: " + a.Confirm
	}
	if a.Do == nil {
		text += " cannot: " + a.Why
	}
	return text
}

func indent(depth int) string { return strings.Repeat("  ", depth) }
