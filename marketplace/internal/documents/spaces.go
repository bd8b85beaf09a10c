package documents

import (
	"context"
	"errors"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// AddSharedSpace gives a tenant a space that all its users see; Exists if it
// has one of that name.
func (e *Engine) AddSharedSpace(ctx context.Context, tenant, name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return e.db.Write(ctx, func(tx database.Tx) error {
		n, err := insertSpace(ctx, tx, tenant, "", name)
		if err == nil && n == 0 {
			err = fault.New(fault.Exists, "what", name)
		}
		return err
	})
}

func insertSpace(ctx context.Context, tx database.Tx, tenant, owner, name string) (int64, error) {
	result, err := tx.Exec(ctx, `INSERT INTO space (id, tenant, owner, name, folded) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		newID(), tenant, owner, name, folded(name))
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// read runs f on what the user sees. Every user has his own space, from the
// first time that he looks.
func (e *Engine) read(ctx context.Context, user web.User, f func(view) error) error {
	if err := e.ensureOwnSpace(ctx, user); err != nil {
		return err
	}
	return e.db.Read(ctx, func(tx database.Tx) error { return f(view{tx, user}) })
}

// write runs f in a transaction, like read.
func (e *Engine) write(ctx context.Context, user web.User, f func(view) error) error {
	if err := e.ensureOwnSpace(ctx, user); err != nil {
		return err
	}
	return e.db.Write(ctx, func(tx database.Tx) error { return f(view{tx, user}) })
}

func (e *Engine) ensureOwnSpace(ctx context.Context, user web.User) error {
	if user.ID == "" || user.Tenant == "" {
		return fault.New(fault.SignedOut)
	}
	var n int
	err := e.db.Read(ctx, func(tx database.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM space WHERE tenant = ? AND owner = ?`, user.Tenant, user.ID).Scan(&n)
	})
	if err != nil || n > 0 {
		return err
	}
	return e.db.Write(ctx, func(tx database.Tx) error {
		_, err := insertSpace(ctx, tx, user.Tenant, user.ID, user.UserName)
		return err
	})
}

// Spaces lists the spaces that the user may see, his own first.
func (e *Engine) Spaces(ctx context.Context, user web.User) ([]agentapi.Space, error) {
	list := []agentapi.Space{}
	err := e.read(ctx, user, func(v view) error {
		spaces, err := v.spaces(ctx)
		for _, s := range spaces {
			list = append(list, agentapi.Space{ID: s.id, Name: s.name, Personal: s.owner != ""})
		}
		return err
	})
	return list, err
}

// List gives the content of a folder; the path / lists the spaces. Folders
// come first, then documents, each by name.
func (e *Engine) List(ctx context.Context, user web.User, path string) (agentapi.EntryList, error) {
	names, err := ParsePath(path)
	if err != nil {
		return agentapi.EntryList{}, err
	}
	list := agentapi.EntryList{Path: joinPath(names...), Entries: []agentapi.Entry{}}
	err = e.read(ctx, user, func(v view) error {
		if len(names) == 0 {
			spaces, err := v.spaces(ctx)
			for _, s := range spaces {
				list.Entries = append(list.Entries, agentapi.Entry{Name: s.name, Path: joinPath(s.name), Folder: true})
			}
			return err
		}
		at, err := v.walk(ctx, names)
		if err != nil {
			return err
		}
		if !at.isFolder() {
			return fault.New(fault.InvalidArgument, "argument", "path", "reason", "it is a document")
		}
		if list.Path, err = v.folderPath(ctx, at); err != nil {
			return err
		}
		list.Entries, err = v.entries(ctx, at, list.Path)
		return err
	})
	return list, err
}

// folderPath is the path of a folder or of a space, as it is spelt.
func (v view) folderPath(ctx context.Context, n node) (string, error) {
	if n.id == "" {
		return joinPath(n.space.name), nil
	}
	return v.path(ctx, n)
}

func (v view) entries(ctx context.Context, folder node, path string) (list []agentapi.Entry, err error) {
	rows, err := v.Query(ctx, selectDocument+`WHERE n.space = ? AND n.parent = ? ORDER BY n.kind <> 'folder', n.folded`, folder.space.id, folder.id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	list = []agentapi.Entry{}
	for rows.Next() {
		row, err := scanDocument(rows)
		if err != nil {
			return nil, err
		}
		entry := agentapi.Entry{Name: row.name, Path: path + "/" + row.name, Folder: row.kind == folderKind}
		if !entry.Folder {
			entry.Document = row.document(entry.Path, v.user)
		}
		list = append(list, entry)
	}
	return list, rows.Err()
}

// CreateFolder creates a folder and its parents. It succeeds if the folder is
// there; Exists if a document is.
func (e *Engine) CreateFolder(ctx context.Context, user web.User, path string) error {
	names, err := ParsePath(path)
	if err != nil {
		return err
	}
	if len(names) < 2 {
		return fault.New(fault.PermissionDenied) // spaces are made by administrators
	}
	return e.write(ctx, user, func(v view) error {
		_, err := v.makeFolders(ctx, names)
		return err
	})
}
