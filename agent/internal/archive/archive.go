package archive

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"iscdesk.dev/agent/api"
)

// Format is how a package is packed.
type Format string

// The formats.
const (
	TarGz Format = "tar.gz"
	Tar   Format = "tar"
	Zip   Format = "zip"
)

// FormatOf tells the format from the file name of a package. It fails with
// api.Unsupported.
func FormatOf(file string) (Format, error) {
	name := strings.ToLower(file)
	switch {
	case strings.HasSuffix(name, ".tar.gz"), strings.HasSuffix(name, ".tgz"):
		return TarGz, nil
	case strings.HasSuffix(name, ".tar"):
		return Tar, nil
	case strings.HasSuffix(name, ".zip"):
		return Zip, nil
	}
	return "", api.Fail(api.Unsupported, "what", path.Base(file))
}

// Unpack writes the archive that src holds into root, which should be empty,
// and makes it durable. It stops at the first entry that breaks the rules,
// with api.PackageUnsafe naming it; what was written so far stays behind, for
// the caller to remove. An archive that is torn gives api.PackageDamaged.
//
// A zip is read from src directly where src is a file, and through a
// temporary file inside root where it is not.
func Unpack(ctx context.Context, root *os.Root, src io.Reader, format Format, limits Limits) error {
	u := &unpacker{ctx: ctx, root: root, names: newNames(), meter: &meter{limits: limits}}
	var err error
	switch format {
	case TarGz:
		err = u.gzip(src)
	case Tar:
		err = u.tar(src)
	case Zip:
		err = u.zip(src)
	default:
		return api.Fail(api.Unsupported, "what", string(format))
	}
	if err != nil {
		return u.explain(err)
	}
	return u.explain(Flush(root))
}

type unpacker struct {
	ctx   context.Context
	root  *os.Root
	names *names
	meter *meter
	// current is the name of the entry in hand, for the error that ends it.
	current string
}

// entry is one file or folder of an archive. content is nil for a folder.
type entry struct {
	name       string
	executable bool
	content    io.Reader
}

// errKind refuses links, devices and whatever else is no file and no folder.
var (
	errKind      = errors.New("neither a file nor a folder")
	errEncrypted = errors.New("encrypted entry")
)

// put writes one entry.
func (u *unpacker) put(e entry) error {
	if err := u.ctx.Err(); err != nil {
		return err
	}
	name, err := cleanName(e.name, u.meter.limits.Depth)
	if err != nil {
		return err
	}
	if name == "." {
		if e.content != nil {
			return errFileAsFolder
		}
		return nil
	}
	if err := u.names.add(name, e.content == nil); err != nil {
		return err
	}
	if e.content == nil {
		return u.root.MkdirAll(name, 0o755)
	}
	if err := u.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	return u.write(name, e)
}

func (u *unpacker) write(name string, e entry) error {
	mode := fs.FileMode(0o644)
	if e.executable {
		mode = 0o755
	}
	f, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, cancellable{u.ctx, e.content})
	if err == nil {
		err = settle(f)
	}
	return errors.Join(err, f.Close())
}

// cancellable ends a long copy when the context ends.
type cancellable struct {
	ctx context.Context
	r   io.Reader
}

func (c cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// explain turns what went wrong into an error of the table.
func (u *unpacker) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case u.ctx.Err() != nil:
		return api.Fail(api.Cancelled).Because(err)
	case IsFull(err):
		return api.Fail(api.DiskFull).Because(err)
	case isUnsafe(err):
		return api.Fail(api.PackageUnsafe, "entry", printable(u.current)).Because(err)
	}
	if known, ok := errors.AsType[*api.Error](err); ok {
		return known
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return api.Fail(api.FileUnwritable, "path", printable(u.current), "reason", p.Err.Error()).Because(err)
	}
	return api.Fail(api.PackageDamaged).Because(err)
}

func isUnsafe(err error) bool {
	for _, reason := range []error{
		errEmptyName, errNotUTF8, errAbsolute, errClimbs, errCharacter, errReserved, errTrailing, errLongName, errDeep,
		errDuplicate, errClash, errFileAsFolder, errTooMany, errTooLarge, errBomb, errKind, errEncrypted,
	} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}

// printable makes a hostile name fit for a message.
func printable(name string) string {
	if len(name) > 200 {
		name = name[:200] + "…"
	}
	clean := func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return '�'
		}
		return r
	}
	return string(bytes.Map(clean, bytes.ToValidUTF8([]byte(name), []byte("�"))))
}
