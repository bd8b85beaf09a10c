package solving

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// extensions are the files of the solver that are results, in the order in
// which one becomes the main file.
func extensions() []string { return []string{".frd", ".dat", ".sta", ".cvg", ".log"} }

// resultFS shows the results among the files of a folder under other names.
type resultFS struct {
	root  fs.FS
	names map[string]string // shown: real
}

// collect finds the results of a solve of input (without extension) in dir,
// and shows them as name with their extensions.
func collect(dir, input, name string) (fs.FS, error) {
	f := resultFS{root: os.DirFS(dir), names: map[string]string{}}
	for _, ext := range extensions() {
		info, err := fs.Stat(f.root, input+ext)
		if errors.Is(err, fs.ErrNotExist) || (err == nil && (!info.Mode().IsRegular() || info.Size() == 0)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		f.names[name+ext] = input + ext
	}
	if len(f.names) == 0 {
		return nil, unsolvable("the solver wrote nothing")
	}
	return f, nil
}

// Open implements fs.FS.
func (f resultFS) Open(name string) (fs.File, error) {
	if real, ok := f.names[name]; ok {
		return f.root.Open(real)
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir implements fs.ReadDirFS; fs.WalkDir needs no more of the root.
func (f resultFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if name != "." {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	var list []fs.DirEntry
	for _, ext := range extensions() {
		for shown, real := range f.names {
			if path.Ext(shown) != ext {
				continue
			}
			info, err := fs.Stat(f.root, real)
			if err != nil {
				return nil, err
			}
			list = append(list, fs.FileInfoToDirEntry(renamed{info, shown}))
		}
	}
	return list, nil
}

// Stat implements fs.StatFS.
func (f resultFS) Stat(name string) (fs.FileInfo, error) {
	if name == "." {
		return folder{}, nil
	}
	real, ok := f.names[name]
	if !ok {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	info, err := fs.Stat(f.root, real)
	return renamed{info, name}, err
}

type renamed struct {
	fs.FileInfo
	name string
}

// Name implements fs.FileInfo.
func (r renamed) Name() string { return r.name }

// folder describes the root.
type folder struct{}

func (folder) Name() string       { return "." }
func (folder) Size() int64        { return 0 }
func (folder) Mode() fs.FileMode  { return fs.ModeDir | 0o500 }
func (folder) ModTime() time.Time { return time.Time{} }
func (folder) IsDir() bool        { return true }
func (folder) Sys() any           { return nil }

// explain picks from the solver's log what went wrong: the first complaint,
// which runs to the next empty line.
func explain(log string) string {
	at := strings.Index(log, "*ERROR")
	if at < 0 {
		return ""
	}
	text := log[at+len("*"):]
	if end := strings.Index(text, "\n\n"); end >= 0 {
		text = text[:end]
	}
	text = strings.Join(strings.Fields(text), " ")
	return text[:min(len(text), 300)]
}
