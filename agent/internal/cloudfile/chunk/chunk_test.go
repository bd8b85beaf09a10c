package chunk

import (
	"bytes"
	"errors"
	"io"
	"math/rand"
	"testing"
	"testing/iotest"

	"iscdesk.dev/marketplace/agentapi"
)

func content(seed int64, size int) []byte {
	data := make([]byte, size)
	_, _ = rand.New(rand.NewSource(seed)).Read(data)
	return data
}

func split(t testing.TB, s *Splitter, r io.Reader) []agentapi.ChunkRef {
	t.Helper()
	f, err := s.Split(r)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func newSplitter(t testing.TB) *Splitter {
	t.Helper()
	s, err := NewSplitter()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestChunksAreTheContent(t *testing.T) {
	s := newSplitter(t)
	for _, size := range []int{0, 1, MinSize - 1, MinSize, MinSize + 1, NormalSize, MaxSize, MaxSize + 1, 3 << 20} {
		data := content(int64(size), size)
		f := split(t, s, bytes.NewReader(data))
		rest := data
		for i, c := range f {
			if c.Size > MaxSize || (c.Size < MinSize && i < len(f)-1) {
				t.Errorf("%d bytes: chunk %d has %d", size, i, c.Size)
			}
			if c.Hash != Hash(rest[:c.Size]) {
				t.Fatalf("%d bytes: chunk %d has another hash", size, i)
			}
			rest = rest[c.Size:]
		}
		if len(rest) != 0 {
			t.Errorf("%d bytes: %d are in no chunk", size, len(rest))
		}
	}
}

func TestCutsDoNotDependOnHowItArrives(t *testing.T) {
	s := newSplitter(t)
	data := content(7, 1<<20)
	want := split(t, s, bytes.NewReader(data))
	for _, r := range []io.Reader{iotest.OneByteReader(bytes.NewReader(data)), iotest.DataErrReader(bytes.NewReader(data)), iotest.HalfReader(bytes.NewReader(data))} {
		got := split(t, s, r)
		if len(got) != len(want) {
			t.Fatalf("%d chunks, want %d", len(got), len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("chunk %d differs", i)
			}
		}
	}
}

func TestAnInsertedLineKeepsTheOtherChunks(t *testing.T) {
	s := newSplitter(t)
	data := content(11, 8<<20)
	before := split(t, s, bytes.NewReader(data))
	edited := append(append(append([]byte{}, data[:4<<20]...), "one more line\n"...), data[4<<20:]...)
	after := split(t, s, bytes.NewReader(edited))
	known := map[string]bool{}
	for _, c := range before {
		known[c.Hash] = true
	}
	fresh := 0
	for _, c := range after {
		if !known[c.Hash] {
			fresh++
		}
	}
	if fresh == 0 || fresh > 4 {
		t.Errorf("%d of %d chunks are new after a small edit", fresh, len(after))
	}
	if n := len(before); n < 50 || n > 300 {
		t.Errorf("8 MiB are %d chunks", n)
	}
}

func TestAFailingReaderFails(t *testing.T) {
	s := newSplitter(t)
	if _, err := s.Split(iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkSplit(b *testing.B) {
	s := newSplitter(b)
	data := content(1, 64<<20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		split(b, s, bytes.NewReader(data))
	}
}
