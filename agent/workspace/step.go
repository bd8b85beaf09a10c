package workspace

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

// checkReferences makes sure that the files which a STEP assembly names are in
// the folder, those that its parts name in turn included.
func checkReferences(root *os.Root, main string, entries []api.FileEntry) error {
	present := make(map[string]string, 2*len(entries))
	for _, e := range entries {
		present[entry.Fold(path.Base(e.Path))] = e.Path
	}
	for _, e := range entries {
		present[entry.Fold(e.Path)] = e.Path
	}
	todo, seen := []string{main}, map[string]bool{main: true}
	for len(todo) > 0 {
		file := todo[0]
		todo = todo[1:]
		if !isStep(file) {
			continue
		}
		names, err := stepReferences(root, file)
		if err != nil {
			return err
		}
		for _, name := range names {
			found, ok := resolve(present, file, name)
			if !ok {
				return api.Fail(api.AssemblyDependencyMissing, "file", name, "by", file)
			}
			if !seen[found] {
				seen[found] = true
				todo = append(todo, found)
			}
		}
	}
	return nil
}

func isStep(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".stp", ".step", ".p21":
		return true
	}
	return false
}

// resolve finds what a reference means: relative to the file that holds it, to
// the folder, or wherever a file of that name lies in it.
func resolve(present map[string]string, by, name string) (string, bool) {
	clean := path.Clean(strings.ReplaceAll(name, `\`, "/"))
	for _, candidate := range []string{path.Join(path.Dir(by), clean), clean, path.Base(clean)} {
		if found, ok := present[entry.Fold(candidate)]; ok {
			return found, true
		}
	}
	return "", false
}

func stepReferences(root *os.Root, file string) ([]string, error) {
	f, err := root.Open(file)
	if err != nil {
		return nil, unreadable(file, err)
	}
	defer func() { _ = f.Close() }() // it was only read
	names, err := scanStep(f)
	if err != nil {
		return nil, unreadable(file, err)
	}
	return names, nil
}

// Bounds of what is read out of a STEP file.
const (
	maxReference  = 4096
	maxReferences = entry.MaxEntries
)

// stepScanner reads the exchange structure of ISO 10303-21 just far enough to
// find the first string of the entities that name another file.
type stepScanner struct {
	in    *bufio.Reader
	word  []byte // the keyword that is being read
	space bool   // white space followed it
	names []string
	seen  map[string]bool
}

func scanStep(r io.Reader) ([]string, error) {
	s := &stepScanner{in: bufio.NewReaderSize(r, 64<<10), seen: map[string]bool{}}
	for len(s.names) < maxReferences {
		c, err := s.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return s.names, nil
		}
		if err != nil {
			return nil, err
		}
		if err := s.take(c); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return s.names, nil
}

func (s *stepScanner) take(c byte) error {
	switch {
	case 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_':
		if s.space {
			s.word, s.space = s.word[:0], false
		}
		if len(s.word) < 64 {
			s.word = append(s.word, c)
		}
		return nil
	case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		s.space = true
		return nil
	case c == '(' && namesFile(s.word):
		s.word = s.word[:0]
		return s.firstString()
	}
	s.word = s.word[:0]
	switch c {
	case '\'':
		_, err := s.text()
		return err
	case '/':
		return s.comment()
	}
	return nil
}

func namesFile(word []byte) bool {
	switch len(word) {
	case len("DOCUMENT_FILE"):
		return strings.EqualFold(string(word), "DOCUMENT_FILE")
	case len("APPLIED_EXTERNAL_IDENTIFICATION_ASSIGNMENT"):
		return strings.EqualFold(string(word), "APPLIED_EXTERNAL_IDENTIFICATION_ASSIGNMENT")
	}
	return false
}

// firstString takes the string that follows an opening bracket, if one does.
func (s *stepScanner) firstString() error {
	for {
		c, err := s.in.ReadByte()
		if err != nil {
			return err
		}
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '\'':
			text, err := s.text()
			if name := decodeStep(text); isFileName(name) && !s.seen[name] {
				s.seen[name] = true
				s.names = append(s.names, name)
			}
			return err
		}
		return s.in.UnreadByte()
	}
}

// text reads to the end of a string; a quote in it is doubled.
func (s *stepScanner) text() (string, error) {
	var b []byte
	for {
		c, err := s.in.ReadByte()
		if err != nil {
			return string(b), err
		}
		if c == '\'' {
			next, err := s.in.ReadByte()
			if err != nil || next != '\'' {
				if err == nil {
					err = s.in.UnreadByte()
				}
				return string(b), err
			}
		}
		if len(b) < maxReference {
			b = append(b, c)
		}
	}
}

// comment skips what follows a slash, if it is a comment.
func (s *stepScanner) comment() error {
	c, err := s.in.ReadByte()
	if err != nil || c != '*' {
		if err == nil {
			err = s.in.UnreadByte()
		}
		return err
	}
	for last := byte(0); ; last = c {
		if c, err = s.in.ReadByte(); err != nil || (last == '*' && c == '/') {
			return err
		}
	}
}

// isFileName tells a file's name from the other things that the same
// attributes hold: it has an extension and no scheme.
func isFileName(name string) bool {
	ext := strings.TrimPrefix(path.Ext(strings.ReplaceAll(name, `\`, "/")), ".")
	if ext == "" || len(ext) > 8 || strings.Contains(name, "://") || len(name) >= maxReference {
		return false
	}
	letters := 0
	for _, r := range ext {
		switch {
		case 'a' <= r|0x20 && r|0x20 <= 'z':
			letters++
		case r < '0' || r > '9':
			return false
		}
	}
	return letters > 0
}
