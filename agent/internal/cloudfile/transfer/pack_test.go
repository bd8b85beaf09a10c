package transfer

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"iscdesk.dev/agent/internal/cloudfile/chunk"
)

// packOf is a pack of chunks that is stopped before chunk number stop.
func packOf(t *testing.T, stop error, at int, pieces ...string) (*packBody, *[]int) {
	t.Helper()
	var pack []byte
	var ends []int
	for _, p := range pieces {
		var err error
		if pack, err = appendRecord(pack, chunk.Hash([]byte(p)), []byte(p)); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, len(pack))
	}
	asked, sent := 0, &[]int{}
	return &packBody{
		in: bytes.NewReader(pack), ends: ends, sent: func(n int) { *sent = append(*sent, n) },
		going: func() error {
			if asked++; asked == at {
				return stop
			}
			return nil
		},
	}, sent
}

func TestAPackIsStoppedBetweenChunks(t *testing.T) {
	stop := errors.New("stop")
	for name, through := range map[string]func(io.Reader) io.Reader{
		"at once": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader, "in halves": iotest.HalfReader,
	} {
		t.Run(name, func(t *testing.T) {
			b, sent := packOf(t, stop, 2, "one", "three", "seven", "eight")
			got, err := io.ReadAll(through(b))
			if want := 2*headSize + len("onethree"); err != nil || len(got) != want || !errors.Is(b.stoppedBy(), stop) {
				t.Errorf("%d bytes of %d, %v, stopped by %v", len(got), want, err, b.stoppedBy())
			}
			if n, err := b.Read(make([]byte, 100)); n != 0 || !errors.Is(err, io.EOF) {
				t.Errorf("after its end: %d, %v", n, err)
			}
			in := bytes.NewReader(got)
			for _, want := range []string{"one", "three"} {
				if c, err := readRecord(in, chunk.Hash([]byte(want)), len(want)); err != nil || string(c) != want {
					t.Errorf("%q, %v", c, err)
				}
			}
			if *sent = slices.Compact(*sent); !slices.Equal(*sent, []int{3, 8}) {
				t.Errorf("told %v", *sent)
			}
			if _, err := b.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			if whole, err := io.ReadAll(through(b)); err != nil || len(whole) != b.ends[3] || b.stoppedBy() != nil {
				t.Errorf("begun anew: %d bytes, %v, stopped by %v", len(whole), err, b.stoppedBy())
			}
			b.detach()
			if n, err := b.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("after it was detached: %d, %v", n, err)
			}
		})
	}
}

func TestAPackHasNoLength(t *testing.T) {
	b, _ := packOf(t, nil, 0, "one")
	if _, err := b.Seek(0, io.SeekEnd); err == nil {
		t.Error("it has one")
	}
}
