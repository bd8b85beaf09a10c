package documents

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
)

func TestDecidePublish(t *testing.T) {
	for name, c := range map[string]struct {
		facts publishFacts
		want  outcome
	}{
		"free path":                           {publishFacts{}, create},
		"free path, based on what was there":  {publishFacts{base: 3}, create},
		"free path, overwriting":              {publishFacts{overwrite: true}, create},
		"named document is gone":              {publishFacts{byID: true, base: 1}, refuseMissing},
		"folder at the path":                  {publishFacts{found: true, folder: true, overwrite: true}, refuseTaken},
		"named, on its newest":                {publishFacts{byID: true, found: true, current: 2, base: 2}, appendVersion},
		"named, on an old one":                {publishFacts{byID: true, found: true, current: 3, base: 2}, keepBoth},
		"named, on a newer one":               {publishFacts{byID: true, found: true, current: 1, base: 2}, keepBoth},
		"named, overwrite does not count":     {publishFacts{byID: true, found: true, current: 3, base: 2, overwrite: true}, keepBoth},
		"named, held by another":              {publishFacts{byID: true, found: true, current: 2, base: 2, heldByOther: true}, keepBoth},
		"path taken":                          {publishFacts{found: true, current: 2}, keepBoth},
		"path taken, on its newest":           {publishFacts{found: true, current: 2, base: 2}, appendVersion},
		"path taken, overwriting":             {publishFacts{found: true, current: 2, overwrite: true}, appendVersion},
		"path taken, overwriting, held":       {publishFacts{found: true, current: 2, overwrite: true, heldByOther: true}, keepBoth},
		"path taken, overwriting, other kind": {publishFacts{found: true, current: 2, overwrite: true, otherKind: true}, keepBoth},
		"named, other kind":                   {publishFacts{byID: true, found: true, current: 2, base: 2, otherKind: true}, keepBoth},
	} {
		if got := decidePublish(c.facts); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestConflictName(t *testing.T) {
	at := time.Date(2026, 3, 1, 23, 4, 5, 0, time.FixedZone("", 8*3600))
	long := strings.Repeat("梁", 84)
	for _, c := range []struct {
		name    string
		attempt int
		want    string
	}{
		{"beam.step", 1, "beam (conflict li 2026-03-01 150405).step"},
		{"beam.step", 2, "beam (conflict li 2026-03-01 150405 2).step"},
		{"gear", 1, "gear (conflict li 2026-03-01 150405)"},
		{".hidden", 1, ".hidden (conflict li 2026-03-01 150405)"},
		{"a.tar.gz", 1, "a.tar (conflict li 2026-03-01 150405).gz"},
		{long + ".x", 1, strings.Repeat("梁", 73) + " (conflict li 2026-03-01 150405).x"},
	} {
		got := conflictName(c.name, "li", at, c.attempt)
		if got != c.want || CheckName(got) != nil {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
}

func hexOf(content string) string { return hashOf([]byte(content)).String() }

func entry(path string) agentapi.ManifestEntry {
	return agentapi.ManifestEntry{Path: path, Size: 1, Hash: hexOf("x"), Chunks: []agentapi.ChunkRef{{Hash: hexOf("x"), Size: 1}}}
}

func TestManifestPaths(t *testing.T) {
	for name, c := range map[string]struct {
		paths []string
		code  fault.Code
	}{
		"plain":                       {[]string{"a", "b/c", "b/d/e"}, ""},
		"reserved by Windows":         {[]string{"CON", "a:b", "nul.txt", "x."}, ""},
		"absolute":                    {[]string{"/a"}, fault.NameInvalid},
		"upwards":                     {[]string{"../a"}, fault.NameInvalid},
		"upwards inside":              {[]string{"a/../../b"}, fault.NameInvalid},
		"dot":                         {[]string{"./a"}, fault.NameInvalid},
		"empty":                       {[]string{""}, fault.NameInvalid},
		"empty part":                  {[]string{"a//b"}, fault.NameInvalid},
		"folder":                      {[]string{"a/"}, fault.NameInvalid},
		"backslash":                   {[]string{`a\b`}, fault.NameInvalid},
		"upwards for Windows":         {[]string{`..\..\a`}, fault.NameInvalid},
		"NUL":                         {[]string{"a\x00b"}, fault.NameInvalid},
		"control":                     {[]string{"a\x1b[2J"}, fault.NameInvalid},
		"no UTF-8":                    {[]string{"a\xff"}, fault.NameInvalid},
		"twice":                       {[]string{"a", "a"}, fault.NameInvalid},
		"case":                        {[]string{"Gear.prt", "gear.PRT"}, fault.NameInvalid},
		"case of a folder":            {[]string{"Parts/a", "parts/b"}, fault.NameInvalid},
		"composed and decomposed":     {[]string{"caf\u00e9", "cafe\u0301"}, fault.NameInvalid},
		"sharp s":                     {[]string{"straße", "STRASSE"}, fault.NameInvalid},
		"file, then a folder of that": {[]string{"a", "a/b"}, fault.NameInvalid},
		"folder, then a file of that": {[]string{"a/b", "a"}, fault.NameInvalid},
		"long name":                   {[]string{strings.Repeat("a", 256)}, fault.NameInvalid},
		"long path":                   {[]string{strings.Repeat("abcdefgh/", 500) + "a"}, fault.NameInvalid},
		"deep":                        {[]string{strings.Repeat("a/", 64) + "a"}, fault.NameInvalid},
	} {
		var m agentapi.Manifest
		for _, p := range c.paths {
			m.Entries = append(m.Entries, entry(p))
		}
		_, err := checkManifest("assembly", m)
		if got := codeOf(err); got != c.code {
			t.Errorf("%s: %q, want %q", name, got, c.code)
		}
	}
}

func codeOf(err error) fault.Code {
	if err == nil {
		return ""
	}
	return fault.As(err).Code
}

func TestManifestContent(t *testing.T) {
	two := func(a, b int) []agentapi.ChunkRef {
		return []agentapi.ChunkRef{{Hash: hexOf("x"), Size: a}, {Hash: hexOf("y"), Size: b}}
	}
	for name, c := range map[string]struct {
		kind    string
		entries []agentapi.ManifestEntry
		code    fault.Code
	}{
		"nothing":               {"assembly", nil, fault.InvalidArgument},
		"two files as single":   {"single", []agentapi.ManifestEntry{entry("a"), entry("b")}, fault.InvalidArgument},
		"a folder as single":    {"single", []agentapi.ManifestEntry{entry("a/b")}, fault.InvalidArgument},
		"empty file":            {"single", []agentapi.ManifestEntry{{Path: "a", Hash: hexOf("")}}, ""},
		"empty file, other sum": {"single", []agentapi.ManifestEntry{{Path: "a", Hash: hexOf("x")}}, fault.InvalidArgument},
		"one chunk, other sum":  {"single", []agentapi.ManifestEntry{{Path: "a", Size: 1, Hash: hexOf("y"), Chunks: entry("").Chunks}}, fault.InvalidArgument},
		"two chunks":            {"single", []agentapi.ManifestEntry{{Path: "a", Size: 5, Hash: hexOf("any"), Chunks: two(2, 3)}}, ""},
		"sizes do not add up":   {"single", []agentapi.ManifestEntry{{Path: "a", Size: 6, Hash: hexOf("any"), Chunks: two(2, 3)}}, fault.InvalidArgument},
		"negative chunk":        {"single", []agentapi.ManifestEntry{{Path: "a", Size: 1, Hash: hexOf("any"), Chunks: two(-2, 3)}}, fault.InvalidArgument},
		"large chunk":           {"single", []agentapi.ManifestEntry{{Path: "a", Size: 2 << 20, Hash: hexOf("any"), Chunks: two(1<<20+1, 1<<20-1)}}, fault.InvalidArgument},
		"negative size":         {"single", []agentapi.ManifestEntry{{Path: "a", Size: -1, Hash: hexOf("")}}, fault.InvalidArgument},
		"bad hash":              {"single", []agentapi.ManifestEntry{{Path: "a", Hash: "x"}}, fault.InvalidArgument},
		"one chunk, two sizes":  {"assembly", []agentapi.ManifestEntry{{Path: "a", Size: 5, Hash: hexOf("any"), Chunks: two(2, 3)}, {Path: "b", Size: 6, Hash: hexOf("any"), Chunks: two(3, 3)}}, fault.InvalidArgument},
		"too many chunks":       {"single", []agentapi.ManifestEntry{{Path: "a", Size: maxChunkRefs + 1, Hash: hexOf("any"), Chunks: make([]agentapi.ChunkRef, maxChunkRefs+1)}}, fault.TooLarge},
		"too many files":        {"assembly", make([]agentapi.ManifestEntry, maxEntries+1), fault.InvalidArgument},
	} {
		_, err := checkManifest(c.kind, agentapi.Manifest{Entries: c.entries})
		if got := codeOf(err); got != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}

// FuzzManifest: no manifest that is accepted names a file outside of its
// folder or two files that a disk cannot tell apart.
func FuzzManifest(f *testing.F) {
	for _, p := range [][2]string{{"a", "b"}, {"../a", "a"}, {"a/b", "A/c"}, {`c:\x`, "//x"}, {"a\u0301", "á"}} {
		f.Add(p[0], p[1], int64(1))
	}
	f.Fuzz(func(t *testing.T, a, b string, size int64) {
		first, second := entry(a), entry(b)
		second.Size = size
		facts, err := checkManifest("assembly", agentapi.Manifest{Entries: []agentapi.ManifestEntry{first, second}})
		if err != nil {
			return
		}
		for _, p := range []string{a, b} {
			if !utf8.ValidString(p) || path.Join("/root", p) != "/root/"+p || strings.ContainsAny(p, "\\\x00") {
				t.Errorf("%q leaves its folder", p)
			}
		}
		if strings.EqualFold(a, b) || size != 1 || facts.size != 2 {
			t.Errorf("%q and %q are accepted, %d bytes", a, b, facts.size)
		}
	})
}

// FuzzPack: the reader never gives a chunk that is not its hash's, never reads
// more than it was given, and gives back what was written.
func FuzzPack(f *testing.F) {
	var pack bytes.Buffer
	for _, c := range []string{"one", "two"} {
		if err := writeRecord(&pack, hashOf([]byte(c)), []byte(c)); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(pack.Bytes())
	f.Add(pack.Bytes()[:40])
	f.Add(append(make([]byte, 32), 255, 255, 255, 255))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, input []byte) {
		reader := packReader{source: bytes.NewReader(input)}
		var back bytes.Buffer
		for {
			h, content, err := reader.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				if fault.As(err).Code != fault.ContentDamaged {
					t.Errorf("%v", err)
				}
				return
			}
			if hashOf(content) != h || len(content) == 0 || len(content) > maxChunk {
				t.Fatalf("a chunk of %d bytes is not its hash's", len(content))
			}
			if err := writeRecord(&back, h, content); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(back.Bytes(), input) {
			t.Errorf("%d bytes came back of %d", back.Len(), len(input))
		}
	})
}

// FuzzPublish: whatever JSON arrives, the checks hold and nothing panics.
func FuzzPublish(f *testing.F) {
	f.Add([]byte(`{"operationId":"o","path":"/a/b","kind":"single","baseVersion":0,"manifest":{"entries":[{"path":"a","size":0,"hash":"","chunks":[]}]}}`))
	f.Add([]byte(`{"path":"/../b","kind":"assembly","baseVersion":-1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var p agentapi.Publish
		if json.Unmarshal(body, &p) != nil {
			return
		}
		names, err := checkPublish(p)
		if err != nil {
			return
		}
		for _, n := range names {
			if CheckName(n) != nil || strings.Contains(n, "/") {
				t.Errorf("name %q", n)
			}
		}
		_, _ = checkManifest(string(p.Kind), p.Manifest) // must not panic
	})
}
