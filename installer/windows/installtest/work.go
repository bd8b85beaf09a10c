package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// cloud is where the engineer's documents are.
const cloud = "/projects/"

func (s *stage) mainJob(ctx context.Context) error {
	if said, err := s.cli(ctx, "login"); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	const name = "支架 1.step"
	if err := s.put(ctx, name, 3<<20); err != nil {
		return err
	}
	if err := s.publishedOnce(ctx, name); err != nil {
		return err
	}
	back := filepath.Join(s.dir, "back.step")
	if _, err := s.cli(ctx, "files", "get", cloud+name, s.machine.Path(back)); err != nil {
		return err
	}
	return same(filepath.Join(s.dir, name), back)
}

// put saves a file whose content is its own. It returns when the content is
// safe on the machine.
func (s *stage) put(ctx context.Context, name string, size int) error {
	seed := sha256.Sum256([]byte(name))
	var content bytes.Buffer
	for content.Len() < size {
		seed = sha256.Sum256(seed[:])
		_, _ = content.WriteString(hex.EncodeToString(seed[:]))
	}
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, content.Bytes(), 0o600); err != nil {
		return err
	}
	_, err := s.cli(ctx, "files", "put", s.machine.Path(path), cloud+name, "--operation", operation(name))
	return err
}

func operation(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

// publishedOnce waits until the save of a file is published, by asking for the
// same save again, and looks at how many versions that made.
func (s *stage) publishedOnce(ctx context.Context, name string) error {
	path := s.machine.Path(filepath.Join(s.dir, name))
	if _, err := s.cli(ctx, "files", "put", path, cloud+name, "--operation", operation(name), "--wait"); err != nil {
		return err
	}
	return s.onlyVersion(ctx, name)
}

func (s *stage) onlyVersion(ctx context.Context, name string) error {
	said, err := s.cli(ctx, "files", "history", cloud+name, "--json")
	if err != nil {
		return err
	}
	var versions []struct{ Version int64 }
	if err := json.Unmarshal([]byte(said), &versions); err != nil {
		return fmt.Errorf("%w in %s", err, said)
	}
	if len(versions) != 1 {
		return fmt.Errorf("%s has %d versions, want 1: %s", name, len(versions), said)
	}
	_, _ = fmt.Fprintf(s.out, "   %s: one version\n", cloud+name)
	return nil
}

func same(a, b string) error {
	one, err := os.ReadFile(a)
	two, err2 := os.ReadFile(b)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	if !bytes.Equal(one, two) {
		return fmt.Errorf("%s differs from %s", b, a)
	}
	return nil
}
