package workspace

import (
	"archive/zip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zeebo/blake3"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
	"iscdesk.dev/agent/workspace/gb18030"
)

// Bounds of a .zip. One that unpacks to more than bombFloor and to more than
// bombRatio times its own size was made to fill a disk.
const (
	maxDirectory = 32 << 20
	bombFloor    = 256 << 20
	bombRatio    = 200
)

// saveZipped packs an assembly folder again that was unpacked from a .zip, and
// saves that. The bytes depend on nothing but the content, so that a folder
// that did not change is the same version.
func saveZipped(ctx context.Context, t Transfer, begin api.SaveBegin, src Source, name string) (api.Saved, error) {
	dir, err := os.MkdirTemp("", "iscdesk-")
	if err != nil {
		return api.Saved{}, unwritable(os.TempDir(), err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary copy
	file := filepath.Join(dir, "packed.zip")
	hash, err := src.pack(ctx, file)
	if err != nil {
		return api.Saved{}, err
	}
	packed, err := Describe(file, false)
	if err != nil {
		return api.Saved{}, err
	}
	packed.Progress = src.Progress
	packed.Entries[0].Path = name
	packed.Entries[0].Executable = false
	packed.alias = filepath.Base(file)
	begin.Kind, begin.Name, begin.Entries, begin.LocalHash = api.Single, name, packed.Entries, hash
	return send(ctx, t, begin, packed)
}

// pack writes the entries of an assembly into a .zip and gives their hash.
func (s Source) pack(ctx context.Context, file string) (hash string, err error) {
	root, err := os.OpenRoot(s.root)
	if err != nil {
		return "", unreadable(s.root, err)
	}
	defer func() { _ = root.Close() }() // it was only read
	out, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", unwritable(file, err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	z := zip.NewWriter(out)
	entries := make([]api.FileEntry, len(s.Entries))
	for i, e := range s.Entries {
		if ctx.Err() != nil {
			return "", api.Fail(api.Cancelled).Because(ctx.Err())
		}
		if e.Hash, err = s.packEntry(root, z, e, s.times[i]); err != nil {
			return "", err
		}
		entries[i] = e
	}
	if err := z.Close(); err != nil {
		return "", unwritable(file, err)
	}
	return entry.HashEntries(entries), nil
}

func (s Source) packEntry(root *os.Root, z *zip.Writer, e api.FileEntry, described time.Time) (string, error) {
	f, err := s.open(root, e.Path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // it was only read
	changed := api.Fail(api.FileChanged, "path", filepath.Join(s.root, filepath.FromSlash(e.Path)))
	if !same(f, e.Size, described) {
		return "", changed
	}
	header := &zip.FileHeader{Name: e.Path, Method: zip.Deflate}
	header.SetMode(modeOf(e.Executable))
	w, err := z.CreateHeader(header)
	if err != nil {
		return "", unwritable("zip", err)
	}
	h := blake3.New()
	n, err := io.Copy(io.MultiWriter(w, h), io.LimitReader(f, e.Size))
	if err != nil {
		return "", unwritable("zip", err)
	}
	if n != e.Size || !same(f, e.Size, described) {
		return "", changed
	}
	return hexSum(h), nil
}

// unpack writes the content of a .zip into the folder dir of root and gives
// its entries. A .zip that could leave the folder, hold a link, name a file
// twice or fill the disk is refused before anything of it is written.
func unpack(ctx context.Context, root *os.Root, zipFile, dir, folder string) ([]api.FileEntry, error) {
	f, err := root.Open(zipFile)
	if err != nil {
		return nil, unreadable(zipFile, err)
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, unreadable(zipFile, err)
	}
	files, entries, err := inspectZip(f, info.Size(), folder)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		if ctx.Err() != nil {
			return nil, api.Fail(api.Cancelled).Because(ctx.Err())
		}
		if entries[i].Hash, err = unpackEntry(root, files[i], entries[i], filepath.Join(dir, filepath.FromSlash(entries[i].Path))); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func inspectZip(f io.ReaderAt, size int64, folder string) ([]*zip.File, []api.FileEntry, error) {
	damaged := api.Fail(api.ContentDamaged, "what", folder+".zip")
	if err := boundDirectory(f, size, damaged); err != nil {
		return nil, nil, err
	}
	z, err := zip.NewReader(f, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, nil, damaged.Because(err)
	}
	var files []*zip.File
	var entries []api.FileEntry
	var names zipNames
	for _, x := range z.File {
		e, err := zipEntry(x, &names)
		if err != nil {
			return nil, nil, err
		}
		if e != nil {
			files, entries = append(files, x), append(entries, *e)
		}
	}
	if len(entries) == 0 {
		return nil, nil, api.Fail(api.AssemblyEmpty, "folder", folder)
	}
	stripFolder(entries, folder)
	if err := entry.Check(api.Assembly, entries); err != nil {
		return nil, nil, err
	}
	if total := entry.Total(entries); total > bombFloor && total/bombRatio > size {
		return nil, nil, api.Fail(api.TooLarge, "what", folder+".zip", "limit", "200 times its packed size")
	}
	return files, entries, nil
}

// boundDirectory refuses a .zip whose list of files alone would fill the
// memory. The list's size stands at the end of the file.
func boundDirectory(f io.ReaderAt, size int64, damaged *api.Error) error {
	const endSize = 22
	tail := make([]byte, min(size, endSize+0xffff))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return damaged.Because(err)
	}
	for i := len(tail) - endSize; i >= 0; i-- {
		if string(tail[i:i+4]) == "PK\x05\x06" {
			if binary.LittleEndian.Uint32(tail[i+12:]) > maxDirectory {
				return api.Fail(api.TooLarge, "what", "zip", "limit", "100,000 files")
			}
			return nil
		}
	}
	return damaged
}

// zipNames reads the names of an archive. Those made on Chinese systems name
// their files in GB 18030, without saying so.
type zipNames struct{ chinese *gb18030.Decoder }

func (n *zipNames) of(x *zip.File) (string, error) {
	if !x.NonUTF8 || utf8.ValidString(x.Name) {
		return x.Name, nil
	}
	if n.chinese == nil {
		d, err := gb18030.New()
		if err != nil {
			return "", api.Fail(api.Internal).Because(err)
		}
		n.chinese = d
	}
	return n.chinese.String(x.Name), nil
}

// zipEntry is the file that an item of a .zip stands for; nil for a folder.
func zipEntry(x *zip.File, names *zipNames) (*api.FileEntry, error) {
	name, err := names.of(x)
	if err != nil {
		return nil, err
	}
	mode := x.Mode()
	switch {
	case mode.IsDir() || strings.HasSuffix(name, "/"):
		if err := entry.CheckPath(strings.TrimSuffix(name, "/")); err != nil {
			return nil, err
		}
		return nil, nil
	case !mode.IsRegular():
		return nil, api.Fail(api.NameInvalid, "name", strings.ToValidUTF8(name, "?"), "reason", "it is a link or a device")
	case x.Flags&1 != 0:
		return nil, api.Fail(api.Unsupported, "what", "encrypted zip")
	case x.UncompressedSize64 > uint64(entry.MaxBytes):
		return nil, api.Fail(api.TooLarge, "what", strings.ToValidUTF8(name, "?"), "limit", "16 GiB")
	}
	if err := entry.CheckPath(name); err != nil {
		return nil, err
	}
	return &api.FileEntry{Path: name, Size: int64(x.UncompressedSize64), Executable: mode&0o111 != 0}, nil
}

// stripFolder takes the one folder away that everything lies in, if the
// archive was made of the folder and not of what is in it.
func stripFolder(entries []api.FileEntry, folder string) {
	first, _, nested := strings.Cut(entries[0].Path, "/")
	if !nested || entry.Fold(first) != entry.Fold(folder) {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Path, first+"/") {
			return
		}
	}
	for i := range entries {
		entries[i].Path = strings.TrimPrefix(entries[i].Path, first+"/")
	}
}

func unpackEntry(root *os.Root, x *zip.File, e api.FileEntry, target string) (string, error) {
	if err := root.MkdirAll(path.Dir(filepath.ToSlash(target)), 0o700); err != nil {
		return "", unwritable(target, err)
	}
	in, err := x.Open()
	if err != nil {
		return "", api.Fail(api.ContentDamaged, "what", e.Path).Because(err)
	}
	defer func() { _ = in.Close() }() // the checksum is checked at the end of reading
	w, err := root.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, modeOf(e.Executable))
	if err != nil {
		return "", unwritable(target, err)
	}
	h := blake3.New()
	n, err := io.Copy(io.MultiWriter(w, h), io.LimitReader(in, e.Size+1))
	startWriteback(w)
	if closeErr := w.Close(); err == nil && closeErr != nil {
		return "", unwritable(target, closeErr)
	}
	switch pathErr := (*fs.PathError)(nil); {
	case errors.As(err, &pathErr):
		return "", unwritable(target, err)
	case err != nil || n != e.Size:
		return "", api.Fail(api.ContentDamaged, "what", e.Path).Because(err)
	}
	return hexSum(h), nil
}

func modeOf(executable bool) fs.FileMode {
	if executable {
		return 0o700
	}
	return 0o600
}
