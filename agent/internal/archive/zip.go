package archive

import (
	"archive/zip"
	"errors"
	"io"
	"os"

	"iscdesk.dev/agent/api"
)

// maxDirectory bounds what is read to learn what a zip holds, because all of
// it is kept in memory.
const maxDirectory = 16 << 20

const zipEncrypted = 1

const spoolName = ".iscdesk-spool"

func (u *unpacker) zip(src io.Reader) error {
	f, size, done, err := u.seekable(src)
	if err != nil {
		return err
	}
	defer done()
	u.meter.packed = func() int64 { return size }
	gate := &gatedReader{r: f, left: maxDirectory}
	r, err := zip.NewReader(gate, size)
	if gate.exceeded {
		return errTooMany
	}
	if err != nil {
		return err
	}
	gate.open = true
	for _, file := range r.File {
		u.current = file.Name
		if err := u.zipEntry(file); err != nil {
			return err
		}
	}
	return nil
}

func (u *unpacker) zipEntry(file *zip.File) error {
	if err := u.meter.entry(); err != nil {
		return err
	}
	mode := file.Mode()
	switch {
	case file.Flags&zipEncrypted != 0:
		return errEncrypted
	case mode.IsDir():
		return u.put(entry{name: file.Name})
	case !mode.IsRegular():
		return errKind
	}
	content, err := file.Open()
	if err != nil {
		return err
	}
	err = u.put(entry{name: file.Name, executable: mode&0o111 != 0, content: metered{content, u.meter}})
	return errors.Join(err, content.Close())
}

// seekable gives src as something that can be read anywhere: itself if it is
// a regular file, a spool file that done removes otherwise.
func (u *unpacker) seekable(src io.Reader) (f *os.File, size int64, done func(), err error) {
	if f, ok := src.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return f, info.Size(), func() {}, nil
		}
	}
	f, err = u.root.OpenFile(spoolName, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, 0, nil, err
	}
	done = func() {
		_ = f.Close()
		_ = u.root.Remove(spoolName)
	}
	limit := u.meter.limits.Total
	size, err = io.Copy(f, cancellable{u.ctx, io.LimitReader(src, limit+1)})
	if err == nil && size > limit {
		err = api.Fail(api.TooLarge, "what", "package", "limit", "20 GiB")
	}
	if err != nil {
		done()
		return nil, 0, nil, err
	}
	return f, size, done, nil
}

// gatedReader lets only so much be read until it is opened.
type gatedReader struct {
	r        io.ReaderAt
	left     int64
	open     bool
	exceeded bool
}

// ReadAt reads, while there is something left of the budget.
func (g *gatedReader) ReadAt(p []byte, off int64) (int, error) {
	if !g.open {
		g.left -= int64(len(p))
		if g.left < 0 {
			g.exceeded = true
			return 0, errTooMany
		}
	}
	return g.r.ReadAt(p, off)
}
