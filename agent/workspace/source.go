package workspace

import (
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

// Source is a document on the user's disk, as it was when it was described.
type Source struct {
	Path    string // absolute, of the file or the folder
	Name    string
	Kind    api.DocumentKind
	Entries []api.FileEntry // in the order of their paths, without hashes
	// Progress hears of the bytes sent; it may be nil.
	Progress func(done, total int64)

	root  string // the folder that the entries are relative to
	alias string // the name on disk, where a single file is sent under another
	times []time.Time
}

// Describe looks at what is to be saved: a regular file, or an assembly, a
// folder that bears the name of its main file and holds every file that the
// main file names (for STEP). Nothing has been read from disk that is not
// needed for that.
//
// Errors: api.FileUnreadable, api.NotAFile, api.NameInvalid, api.TooLarge, and
// for assemblies api.AssemblyNotFolder, api.AssemblyEmpty,
// api.AssemblyMainMissing, api.AssemblyDependencyMissing.
func Describe(path string, assembly bool) (Source, error) {
	abs, err := Local(path)
	if err != nil {
		return Source{}, err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return Source{}, unreadable(path, err)
	}
	if assembly {
		return describeAssembly(abs, info)
	}
	if !info.Mode().IsRegular() {
		return Source{}, api.Fail(api.NotAFile, "path", path)
	}
	s := Source{Path: abs, Name: filepath.Base(abs), Kind: api.Single, root: filepath.Dir(abs)}
	s.add(s.Name, info)
	return s, entry.Check(s.Kind, s.Entries)
}

func (s *Source) add(path string, info fs.FileInfo) {
	s.Entries = append(s.Entries, api.FileEntry{Path: path, Size: info.Size(), Executable: info.Mode()&0o100 != 0})
	s.times = append(s.times, info.ModTime())
}

func describeAssembly(abs string, info fs.FileInfo) (Source, error) {
	if !info.IsDir() {
		return Source{}, api.Fail(api.AssemblyNotFolder, "path", abs)
	}
	s := Source{Path: abs, Name: filepath.Base(abs), Kind: api.Assembly, root: abs}
	if err := entry.CheckName(s.Name); err != nil {
		return Source{}, err
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return Source{}, unreadable(abs, err)
	}
	defer func() { _ = root.Close() }() // it was only read
	if err := s.walk(root); err != nil {
		return Source{}, err
	}
	if len(s.Entries) == 0 {
		return Source{}, api.Fail(api.AssemblyEmpty, "folder", s.Name)
	}
	sort.Sort(byPath(s))
	if err := entry.Check(s.Kind, s.Entries); err != nil {
		return Source{}, err
	}
	main, ok := mainFile(s.Name, s.Entries)
	if !ok {
		return Source{}, api.Fail(api.AssemblyMainMissing, "folder", s.Name)
	}
	return s, checkReferences(root, main, s.Entries)
}

// walk collects the files. A link is not followed and not left out in
// silence: what it points to would be missing for everybody else.
func (s *Source) walk(root *os.Root) error {
	return fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		local := filepath.Join(s.Path, filepath.FromSlash(path))
		switch {
		case err != nil:
			return unreadable(local, err)
		case d.IsDir():
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			return api.Fail(api.FileUnreadable, "path", local, "reason", "it is a symbolic link; put the file itself into the folder")
		case !d.Type().IsRegular():
			return api.Fail(api.FileUnreadable, "path", local, "reason", "it is not a regular file")
		case len(s.Entries) == entry.MaxEntries:
			return api.Fail(api.TooLarge, "what", s.Name, "limit", "100,000 files")
		}
		info, err := entryInfo(root, path, d)
		if err != nil {
			return unreadable(local, err)
		}
		s.add(path, info)
		return nil
	})
}

// mainFile finds the file that bears the folder's name.
func mainFile(folder string, entries []api.FileEntry) (string, bool) {
	stem := entry.Fold(folder) + "."
	for _, e := range entries {
		if !strings.Contains(e.Path, "/") && strings.HasPrefix(entry.Fold(e.Path), stem) {
			return e.Path, true
		}
	}
	return "", false
}

// byPath sorts the entries together with their times.
type byPath Source

func (b byPath) Len() int           { return len(b.Entries) }
func (b byPath) Less(i, j int) bool { return b.Entries[i].Path < b.Entries[j].Path }
func (b byPath) Swap(i, j int) {
	b.Entries[i], b.Entries[j] = b.Entries[j], b.Entries[i]
	b.times[i], b.times[j] = b.times[j], b.times[i]
}
