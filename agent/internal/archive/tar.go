package archive

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
)

func (u *unpacker) gzip(src io.Reader) error {
	packed := &counter{r: src}
	u.meter.packed = func() int64 { return packed.n }
	z, err := gzip.NewReader(packed)
	if err != nil {
		return err
	}
	stream := metered{z, u.meter}
	if err := u.tarEntries(tar.NewReader(stream)); err != nil {
		return err
	}
	// The rest is padding, but it carries the checksum.
	_, err = io.Copy(io.Discard, cancellable{u.ctx, stream})
	return err
}

func (u *unpacker) tar(src io.Reader) error {
	packed := &counter{r: src}
	u.meter.packed = func() int64 { return packed.n }
	return u.tarEntries(tar.NewReader(metered{packed, u.meter}))
}

func (u *unpacker) tarEntries(r *tar.Reader) error {
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		u.current = h.Name
		if err := u.meter.entry(); err != nil {
			return err
		}
		switch h.Typeflag {
		case tar.TypeReg:
			err = u.put(entry{name: h.Name, executable: h.Mode&0o111 != 0, content: r})
		case tar.TypeDir:
			err = u.put(entry{name: h.Name})
		case tar.TypeXGlobalHeader:
			// Comments of tools such as git archive.
		default:
			err = errKind
		}
		if err != nil {
			return err
		}
	}
}
