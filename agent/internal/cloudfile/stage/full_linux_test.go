package stage

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"iscdesk.dev/agent/api"
)

func TestAFullDiskIsSaidAndLeavesNothing(t *testing.T) {
	d := open(t)
	w := create(t, d, []api.FileEntry{{Path: "a", Size: 8 << 20}})
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	real := w.file
	w.file = full // no buffer has been passed on yet
	_, err = io.Copy(w, bytes.NewReader(content(1, 8<<20)))
	_, sealErr := w.Seal()
	if !errors.Is(sealErr, api.DiskFull) || (err != nil && !errors.Is(err, api.DiskFull)) {
		t.Errorf("got %v and %v, want disk_full", err, sealErr)
	}
	if n := files(t, d); n != 0 {
		t.Errorf("%d files are left", n)
	}
	_ = real.Close()
}
