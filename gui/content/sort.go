package content

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
	"iscdesk.dev/agent/workspace/entry"
)

// MostFiles bounds what one folder that is no assembly may bring in.
const MostFiles = 5_000

// Item is one document that something on the user's disk would become.
type Item struct {
	Local string
	Name  string
	// Folder is where it goes below the folder that it is added to; empty:
	// straight into that.
	Folder string
	Kind   api.DocumentKind
	Size   int64
	// Err is why it cannot become one.
	Err error
	// Loose tells that Err is the fault of an assembly, whose files could be
	// added one by one (Files).
	Loose bool
}

// Sort finds out what of the things at paths becomes what: a file is a
// document, a folder that is an assembly by the rules is one document, and any
// other folder is a folder with its files, sorted likewise.
func (Disk) Sort(ctx context.Context, paths []string) []Item {
	var items []Item
	for _, p := range paths {
		items = append(items, sortOne(ctx, p, "")...)
	}
	return items
}

// Files gives the files of a folder one by one, assembly or not.
func (Disk) Files(ctx context.Context, folder string) []Item {
	return walk(ctx, folder, filepath.Base(folder), false)
}

func sortOne(ctx context.Context, local, into string) []Item {
	full, err := workspace.Local(local)
	item := Item{Local: full, Name: filepath.Base(local), Folder: into, Kind: api.Single, Err: err}
	if err != nil {
		return []Item{item}
	}
	info, err := os.Stat(full)
	if err != nil {
		item.Err = unreadable(full, err)
		return []Item{item}
	}
	if !info.IsDir() {
		return []Item{described(item)}
	}
	item.Kind = api.Assembly
	item = described(item)
	switch {
	case errors.Is(item.Err, api.AssemblyMainMissing):
		return walk(ctx, full, path.Join(into, item.Name), true)
	case errors.Is(item.Err, api.AssemblyDependencyMissing):
		item.Loose = true
	}
	return []Item{item}
}

// described looks at an item as a save of it would.
func described(item Item) Item {
	source, err := workspace.Describe(item.Local, item.Kind == api.Assembly)
	if err != nil {
		item.Err = err
		return item
	}
	item.Size = entry.Total(source.Entries)
	return item
}

// walk gives the files of a folder that is no assembly. assemblies tells to
// look for assemblies among its folders.
func walk(ctx context.Context, folder, into string, assemblies bool) []Item {
	children, err := os.ReadDir(folder)
	if err != nil {
		return []Item{{Local: folder, Name: filepath.Base(folder), Folder: above(into), Err: unreadable(folder, err)}}
	}
	var items []Item
	for _, child := range children {
		local := filepath.Join(folder, child.Name())
		switch {
		case ctx.Err() != nil:
			return items
		case len(items) > MostFiles:
			tooMany := api.Fail(api.TooLarge, "what", folder, "limit", "5,000")
			return []Item{{Local: folder, Name: filepath.Base(folder), Folder: above(into), Err: tooMany}}
		case leftover(child):
		case child.IsDir() && assemblies:
			items = append(items, sortOne(ctx, local, into)...)
		case child.IsDir():
			items = append(items, walk(ctx, local, path.Join(into, child.Name()), false)...)
		default:
			items = append(items, described(Item{Local: local, Name: child.Name(), Folder: into, Kind: api.Single}))
		}
	}
	return items
}

func above(into string) string {
	if dir := path.Dir(into); dir != "." {
		return dir
	}
	return ""
}

// leftover tells what file managers leave in folders and nobody means to keep.
func leftover(child fs.DirEntry) bool {
	switch strings.ToLower(child.Name()) {
	case ".ds_store", "thumbs.db", "desktop.ini", ".directory":
		return !child.IsDir()
	}
	return false
}

func unreadable(local string, err error) error {
	return api.Fail(api.FileUnreadable, "path", local, "reason", workspace.Reason(err)).Because(err)
}
