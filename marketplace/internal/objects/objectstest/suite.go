// Package objectstest is what every object store has to hold, whatever lies
// behind it.
package objectstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"iscdesk.dev/marketplace/internal/objects"
)

// Run holds a store to the contract of objects.Store. open gives an empty
// store.
func Run(t *testing.T, open func(t *testing.T) objects.Store) {
	t.Run("put and get", func(t *testing.T) { putAndGet(t, open(t)) })
	t.Run("replace", func(t *testing.T) { replace(t, open(t)) })
	t.Run("torn put leaves nothing", func(t *testing.T) { tornPut(t, open(t)) })
	t.Run("cancelled put leaves nothing", func(t *testing.T) { cancelledPut(t, open(t)) })
	t.Run("absent", func(t *testing.T) { absent(t, open(t)) })
	t.Run("delete", func(t *testing.T) { remove(t, open(t)) })
	t.Run("hostile keys", func(t *testing.T) { hostileKeys(t, open(t)) })
	t.Run("concurrent puts", func(t *testing.T) { concurrentPuts(t, open(t)) })
}

func putAndGet(t *testing.T, s objects.Store) {
	for _, size := range []int{0, 1, 3 << 20} {
		key := fmt.Sprintf("a/b-%d/c_d.bin", size)
		want := bytes.Repeat([]byte{0xA5}, size)
		must(t, s.Put(t.Context(), key, bytes.NewReader(want)))
		if got := content(t, s, key); !bytes.Equal(got, want) {
			t.Errorf("%s: got %d bytes, want %d", key, len(got), size)
		}
		if n, err := s.Stat(t.Context(), key); err != nil || n != int64(size) {
			t.Errorf("Stat(%s) = %d, %v", key, n, err)
		}
	}
	r, err := s.Get(t.Context(), "a/b-3145728/c_d.bin")
	must(t, err)
	defer func() { must(t, r.Close()) }()
	if at, err := r.Seek(-10, io.SeekEnd); err != nil || at != 3<<20-10 {
		t.Errorf("Seek = %d, %v", at, err)
	}
	if rest, err := io.ReadAll(r); err != nil || len(rest) != 10 {
		t.Errorf("after Seek: %d bytes, %v", len(rest), err)
	}
}

func replace(t *testing.T, s objects.Store) {
	must(t, s.Put(t.Context(), "k", strings.NewReader("the first, longer one")))
	old, err := s.Get(t.Context(), "k")
	must(t, err)
	must(t, s.Put(t.Context(), "k", strings.NewReader("second")))
	if got := content(t, s, "k"); string(got) != "second" {
		t.Errorf("after replacing: %q", got)
	}
	if got, err := io.ReadAll(old); err != nil || string(got) != "the first, longer one" {
		t.Errorf("a reader from before sees %q, %v", got, err)
	}
	must(t, old.Close())
}

func tornPut(t *testing.T, s objects.Store) {
	torn := errors.New("torn")
	half := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(torn))
	if err := s.Put(t.Context(), "x/k", half); !errors.Is(err, torn) {
		t.Errorf("Put of a torn reader: %v", err)
	}
	if _, err := s.Stat(t.Context(), "x/k"); !errors.Is(err, objects.ErrNotFound) {
		t.Errorf("after a torn Put: %v", err)
	}
	must(t, s.Put(t.Context(), "x/k", strings.NewReader("whole")))
	half = io.MultiReader(strings.NewReader("half"), iotest.ErrReader(torn))
	if err := s.Put(t.Context(), "x/k", half); err == nil {
		t.Error("a torn replacement succeeded")
	}
	if got := content(t, s, "x/k"); string(got) != "whole" {
		t.Errorf("after a torn replacement: %q", got)
	}
}

func cancelledPut(t *testing.T, s objects.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Put(ctx, "k", strings.NewReader("content")); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v", err)
	}
	if _, err := s.Stat(t.Context(), "k"); !errors.Is(err, objects.ErrNotFound) {
		t.Errorf("Stat: %v", err)
	}
}

func absent(t *testing.T, s objects.Store) {
	must(t, s.Put(t.Context(), "folder/object", strings.NewReader("1")))
	for _, key := range []string{"none", "folder", "folder/none", "folder/object/none"} {
		if r, err := s.Get(t.Context(), key); err == nil {
			t.Errorf("Get(%s) succeeded", key)
			must(t, r.Close())
		}
		if _, err := s.Stat(t.Context(), key); err == nil {
			t.Errorf("Stat(%s) succeeded", key)
		}
	}
	if _, err := s.Get(t.Context(), "none"); !errors.Is(err, objects.ErrNotFound) {
		t.Errorf("Get: %v", err)
	}
}

func remove(t *testing.T, s objects.Store) {
	must(t, s.Put(t.Context(), "a/k", strings.NewReader("1")))
	for range 2 {
		must(t, s.Delete(t.Context(), "a/k"))
		if _, err := s.Stat(t.Context(), "a/k"); !errors.Is(err, objects.ErrNotFound) {
			t.Errorf("after Delete: %v", err)
		}
	}
}

func hostileKeys(t *testing.T, s objects.Store) {
	keys := []string{"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", ".tmp/a", "a/.b", "a\\b", "a\x00b", "a b", "C:", "é", strings.Repeat("a", 513)}
	for _, key := range keys {
		if err := s.Put(t.Context(), key, strings.NewReader("x")); !errors.Is(err, objects.ErrKey) {
			t.Errorf("Put(%q): %v", key, err)
		}
		if _, err := s.Get(t.Context(), key); !errors.Is(err, objects.ErrKey) {
			t.Errorf("Get(%q): %v", key, err)
		}
		if _, err := s.Stat(t.Context(), key); !errors.Is(err, objects.ErrKey) {
			t.Errorf("Stat(%q): %v", key, err)
		}
		if err := s.Delete(t.Context(), key); !errors.Is(err, objects.ErrKey) {
			t.Errorf("Delete(%q): %v", key, err)
		}
	}
}

func concurrentPuts(t *testing.T, s objects.Store) {
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			body := strings.Repeat(string(rune('a'+i)), 100_000)
			if err := s.Put(t.Context(), "same/key", strings.NewReader(body)); err != nil {
				t.Errorf("Put: %v", err)
			}
		})
	}
	group.Wait()
	got := content(t, s, "same/key")
	if len(got) != 100_000 || strings.Count(string(got), string(got[0])) != len(got) {
		t.Errorf("the object is a mixture of %d bytes", len(got))
	}
}

func content(t *testing.T, s objects.Store, key string) []byte {
	t.Helper()
	r, err := s.Get(t.Context(), key)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	all, err := io.ReadAll(r)
	must(t, err)
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
