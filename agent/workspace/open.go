package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

// Order says what to open and where to.
type Order struct {
	api.Picked
	// To is the local path of the file or folder; empty: its place below Root.
	To string
	// Root is the folder that documents are opened into; empty: what the
	// environment says, else Workspace, else the usual one.
	Root string
	// Workspace is the folder that the user has set (api.Settings). OpenTo
	// learns it from the service.
	Workspace string
	// Usual is the usual one for a caller who has looked into an environment of
	// its own; empty: that of this process counts.
	Usual string
	// Progress hears of the bytes received; it may be nil.
	Progress func(done, total int64)
}

// Opened is a document that lies on the user's disk. LocalPath is the file, or
// the folder of an assembly; Kind is what it is there, so an unpacked .zip is
// an assembly.
type Opened struct {
	api.OpenedDocument
	Size int64
	// Aside is where an earlier local copy went that had changes which were
	// never saved; empty where there was none.
	Aside string
}

// Open brings a picked document into the workspace and tells the service which
// path it is tied to.
//
// Errors: api.FileUnwritable, api.DiskFull, api.NameInvalid,
// api.ContentDamaged, api.TooLarge, and those of the service. After an error
// the local copy that was there before is there still.
func Open(ctx context.Context, conn Fetcher, p api.Picked) (Opened, error) {
	return OpenTo(ctx, conn, Order{Picked: p})
}

// OpenTo is Open with a choice of the place.
func OpenTo(ctx context.Context, conn Fetcher, o Order) (Opened, error) {
	var header api.FetchHeader
	if err := conn.Call(ctx, api.CallFetchBegin, api.FetchBegin{Path: o.Path, Version: o.Version}, &header); err != nil {
		return Opened{}, err
	}
	if err := entry.Check(header.Kind, header.Entries); err != nil {
		return Opened{}, err
	}
	o.Workspace = header.Workspace
	place, err := placeOf(o, header)
	if err != nil {
		return Opened{}, err
	}
	defer func() { _ = place.root.Close() }() // every file in it is closed and synced
	content := &progressReader{in: conn.Content(), total: entry.Total(header.Entries), tell: o.Progress}
	out := Opened{OpenedDocument: openedOf(o, header, place), Size: content.total}
	if out.Hash, err = place.receive(ctx, content, header); err != nil {
		return Opened{}, place.blame(err)
	}
	if err := place.free(ctx, conn, o, header); err != nil {
		return Opened{}, errors.Join(err, place.root.RemoveAll(place.temp))
	}
	if err := place.settle(ctx, conn, &out); err != nil {
		return Opened{}, err
	}
	binding := out.OpenedDocument
	binding.Kind = header.Kind
	return out, conn.Call(ctx, api.CallDocumentOpened, binding, nil)
}

// root is the folder that documents are opened into.
func (o Order) root() (string, error) {
	switch {
	case o.Root != "":
		return Local(o.Root)
	case o.inWorkspace():
		return Local(o.Workspace)
	case o.Usual != "":
		return Local(o.Usual)
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	return Local(root)
}

// inWorkspace tells whether the place is in the folder that the user has set.
func (o Order) inWorkspace() bool {
	return o.To == "" && o.Root == "" && o.Workspace != "" && (o.Usual != "" || os.Getenv(RootEnv) == "")
}

func openedOf(o Order, h api.FetchHeader, p place) api.OpenedDocument {
	d := api.OpenedDocument{
		LocalPath: p.local(), Document: h.Document, Path: h.Path, Kind: h.Kind, Version: h.Version,
		OpenType: o.OpenType, WorkState: o.WorkState,
	}
	if p.folder {
		d.Kind = api.Assembly
	}
	if d.OpenType == "" {
		d.OpenType = api.OpenOnly
	}
	if d.WorkState == "" {
		d.WorkState = api.CheckedIn
	}
	return d
}

// place is where a document is written: name in the folder dir of root, by way
// of temp beside it.
type place struct {
	root   *os.Root
	base   string // absolute path of root
	dir    string
	name   string
	temp   string
	folder bool // it becomes a folder
	zip    bool // the content is a .zip to unpack
	set    bool // base is the workspace that the user has set
}

// barred is the error of a folder that cannot be made or opened.
func (p place) barred(path string, err error) error {
	e := unwritable(path, err)
	if !p.set || e.Code != api.FileUnwritable {
		return e
	}
	return e.Why(api.ExplainBy(api.WorkspaceSet, errors.New(Reason(err))))
}

// blame names the setting where what was received may not be written to the
// folder that the user has set: nothing is ever written to another one instead.
func (p place) blame(err error) error {
	if !p.set || !errors.Is(err, fs.ErrPermission) && !isReadOnly(err) {
		return err
	}
	return p.barred(p.local(), err)
}

func placeOf(o Order, h api.FetchHeader) (place, error) {
	p := place{folder: h.Kind == api.Assembly, set: o.inWorkspace()}
	var target string
	if o.To != "" {
		abs, err := Local(o.To)
		if err != nil {
			return p, err
		}
		p.base, target = filepath.Dir(abs), filepath.Base(abs)
	} else {
		base, err := o.root()
		if err != nil {
			return p, err
		}
		if target, err = localPath(h.Path); err != nil {
			return p, err
		}
		p.base = base
	}
	if p.zip = h.Kind == api.Single && isZip(h.Path) && (o.To == "" || !isZip(o.To)); p.zip {
		p.folder = true
	}
	if p.folder && o.To == "" {
		target = trimZip(target)
	}
	p.dir, p.name = filepath.Dir(target), filepath.Base(target)
	if err := checkLocal(p.local()); err != nil {
		return p, err
	}
	if err := os.MkdirAll(p.base, 0o700); err != nil {
		return p, p.barred(p.base, err)
	}
	root, err := os.OpenRoot(p.base)
	if err != nil {
		return p, p.barred(p.base, err)
	}
	p.root = root
	if err := root.MkdirAll(filepath.ToSlash(p.dir), 0o700); err != nil {
		return p, errors.Join(p.barred(filepath.Join(p.base, p.dir), err), root.Close())
	}
	return p.spelt(root)
}

// spelt is the place as the disk spells it, now that its folder is there.
func (p place) spelt(root *os.Root) (place, error) {
	local, err := Local(p.local())
	if err == nil {
		p.base, err = Local(p.base)
	}
	var target string
	if err == nil {
		target, err = rel(p.base, local)
	}
	if err != nil {
		return p, errors.Join(err, root.Close())
	}
	p.dir, p.name = filepath.Dir(target), filepath.Base(target)
	p.temp = filepath.Join(p.dir, tempName())
	return p, nil
}

// free refuses a place where another document is open whose path differs in
// case only. Whoever names the place himself knows what he does.
func (p place) free(ctx context.Context, conn Fetcher, o Order, h api.FetchHeader) error {
	var there api.OpenedDocument
	if o.To != "" || conn.Call(ctx, api.CallDocumentLookup, api.DocumentLookup{LocalPath: p.local()}, &there) != nil {
		return nil // nothing is known of the place
	}
	if !clashes(there, h.Document, h.Path) {
		return nil
	}
	if _, err := p.root.Lstat(p.target()); err != nil {
		return nil
	}
	return api.Fail(api.NameInvalid, "name", h.Path, "reason",
		"'"+there.Path+"' is open in the same place, as this system does not tell case apart; rename one of them, or open it into another folder")
}

// trimZip takes .zip off a name, unless nothing would be left.
func trimZip(name string) string {
	if isZip(name) && len(filepath.Base(name)) > len(".zip") {
		return name[:len(name)-len(".zip")]
	}
	return name
}

func (p place) target() string { return filepath.Join(p.dir, p.name) }

func (p place) local() string { return filepath.Join(p.base, p.dir, p.name) }

// settle puts what was received into its place. What was there before is moved
// aside first; it is deleted only if it is what the service knows.
func (p place) settle(ctx context.Context, conn Fetcher, out *Opened) error {
	aside, err := p.moveAside()
	if err != nil {
		_ = p.root.RemoveAll(p.temp) // the error to tell is the other one
		return err
	}
	if err := p.root.Rename(p.temp, p.target()); err != nil {
		if aside != "" {
			_ = p.root.Rename(aside, p.target()) // put back; it is safe under the other name else
		}
		_ = p.root.RemoveAll(p.temp)
		return unwritable(p.local(), err)
	}
	if err := syncFolder(p.root, p.dir); err != nil {
		return unwritable(p.local(), err)
	}
	if aside == "" {
		return nil
	}
	if p.known(ctx, conn, aside) {
		if err := p.root.RemoveAll(aside); err == nil {
			return nil
		}
	}
	out.Aside = filepath.Join(p.base, aside)
	return nil
}

// known tells whether the copy that was moved aside holds nothing but what the
// service has, in a version or on its way.
func (p place) known(ctx context.Context, conn Fetcher, aside string) bool {
	var was api.OpenedDocument
	if conn.Call(ctx, api.CallDocumentLookup, api.DocumentLookup{LocalPath: p.local()}, &was) != nil || was.Hash == "" {
		return false
	}
	hash, err := hashLocal(ctx, p.root, aside)
	return err == nil && hash == was.Hash
}

// moveAside renames what lies at the target; empty where nothing does.
func (p place) moveAside() (string, error) {
	info, err := p.root.Lstat(p.target())
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", unwritable(p.local(), err)
	}
	stem, ext := p.name, ""
	if !info.IsDir() {
		ext = filepath.Ext(p.name)
		stem = strings.TrimSuffix(p.name, ext)
	}
	stem = shorten(stem, entry.MaxName-len(ext)-60)
	at := time.Now()
	for {
		// Colons are not allowed in names everywhere; dots and dashes are.
		aside := filepath.Join(p.dir, stem+" (local changes "+at.Format("2006-01-02 15.04.05.000")+")"+ext)
		if _, err := p.root.Lstat(aside); errors.Is(err, os.ErrNotExist) {
			err := p.root.Rename(p.target(), aside)
			if err != nil && info.IsDir() && isHeldInside(err) {
				return "", api.Fail(api.FileUnwritable, "path", p.local(), "reason",
					"another program has a file of it open, or works in it; close it there and try again").Because(err)
			}
			if err != nil {
				return "", unwritable(p.local(), err)
			}
			return aside, nil
		}
		at = at.Add(time.Millisecond)
	}
}

func shorten(s string, limit int) string {
	for i := range s {
		if i > limit {
			return s[:i]
		}
	}
	return s
}
