package seed

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"
)

// minicad builds the package of a version. The same version is the same
// bytes, on every machine.
func minicad(version string) (io.Reader, error) {
	source, err := fs.Sub(files, "packages/minicad")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	t := tar.NewWriter(z)
	err = fs.WalkDir(source, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(source, path)
		if err != nil {
			return err
		}
		return add(t, path, 0o755, content)
	})
	if err != nil {
		return nil, err
	}
	if err := add(t, "VERSION", 0o644, []byte(version+"\n")); err != nil {
		return nil, err
	}
	return &b, errors.Join(t.Close(), z.Close())
}

func add(t *tar.Writer, path string, mode int64, content []byte) error {
	// The line ends are those of the system that the file is for, whatever a
	// checkout has made of them.
	text := strings.ReplaceAll(string(content), "\r\n", "\n")
	if strings.HasSuffix(path, ".cmd") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	content = []byte(text)
	err := t.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: path, Mode: mode, Size: int64(len(content)),
		ModTime: time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC), Format: tar.FormatPAX,
	})
	if err != nil {
		return err
	}
	_, err = t.Write(content)
	return err
}
