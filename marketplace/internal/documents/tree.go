package documents

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// view is a transaction as one user sees it.
type view struct {
	database.Tx
	user web.User
}

// The kinds of node; documents have their own kind.
const folderKind = "folder"

// maxChildren bounds a folder, because it is listed as a whole.
const maxChildren = 20_000

// space is a tree of folders.
type space struct {
	id, name, owner string
}

// node is a folder or a document in a space. The zero node is the space
// itself.
type node struct {
	id, parent, name, kind string
	space                  space
	current                int
}

func (n node) isFolder() bool { return n.kind == folderKind || n.id == "" }

const selectSpace = `SELECT id, name, owner FROM space WHERE tenant = ? AND (owner = '' OR owner = ?) `

// spaces lists what the user may see, his own first.
func (v view) spaces(ctx context.Context) (found []space, err error) {
	rows, err := v.Query(ctx, selectSpace+`ORDER BY owner DESC, folded`, v.user.Tenant, v.user.ID)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s space
		if err := rows.Scan(&s.id, &s.name, &s.owner); err != nil {
			return nil, err
		}
		found = append(found, s)
	}
	return found, rows.Err()
}

// spaceNamed finds a space that the user may see; his own wins over a shared
// one of the same name.
func (v view) spaceNamed(ctx context.Context, name string) (space, error) {
	var s space
	err := v.QueryRow(ctx, selectSpace+`AND folded = ? ORDER BY owner DESC LIMIT 1`, v.user.Tenant, v.user.ID, folded(name)).
		Scan(&s.id, &s.name, &s.owner)
	return s, found(err, joinPath(name))
}

// found turns "no row" into NotFound.
func found(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "what", what)
	}
	return err
}

const selectNode = `SELECT n.id, n.parent, n.name, n.kind, n.current, s.id, s.name, s.owner FROM node n JOIN space s ON s.id = n.space `

func scanNode(row interface{ Scan(...any) error }) (node, error) {
	var n node
	err := row.Scan(&n.id, &n.parent, &n.name, &n.kind, &n.current, &n.space.id, &n.space.name, &n.space.owner)
	return n, err
}

// child finds a node in a folder; sql.ErrNoRows without one.
func (v view) child(ctx context.Context, parent node, name string) (node, error) {
	return scanNode(v.QueryRow(ctx, selectNode+`WHERE n.space = ? AND n.parent = ? AND n.folded = ?`, parent.space.id, parent.id, folded(name)))
}

// walk finds the node at a path, which has at least the space's name.
func (v view) walk(ctx context.Context, names []string) (node, error) {
	s, err := v.spaceNamed(ctx, names[0])
	if err != nil {
		return node{}, err
	}
	at := node{space: s}
	for i, name := range names[1:] {
		if at, err = v.child(ctx, at, name); err != nil {
			return node{}, found(err, joinPath(names[:i+2]...))
		}
	}
	return at, nil
}

// document finds a document by its id, as long as the user may see it and it
// is not set aside.
func (v view) document(ctx context.Context, id string) (node, error) {
	n, aside, err := v.anyDocument(ctx, id)
	if err == nil && aside != nil {
		err = fault.New(fault.NotFound, "what", id)
	}
	return n, err
}

// path climbs from a node to its space.
func (v view) path(ctx context.Context, n node) (string, error) {
	names := []string{n.name}
	for parent := n.parent; parent != ""; {
		var name string
		if err := v.QueryRow(ctx, `SELECT name, parent FROM node WHERE id = ?`, parent).Scan(&name, &parent); err != nil {
			return "", err
		}
		names = append(names, name)
	}
	names = append(names, n.space.name)
	slices.Reverse(names)
	return joinPath(names...), nil
}

// makeFolders finds the folder at a path, creating what is missing of it.
func (v view) makeFolders(ctx context.Context, names []string) (node, error) {
	s, err := v.spaceNamed(ctx, names[0])
	if err != nil {
		return node{}, err
	}
	at := node{space: s}
	for i, name := range names[1:] {
		next, err := v.child(ctx, at, name)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			next, err = v.addNode(ctx, at, name, folderKind)
		case err == nil && !next.isFolder():
			err = fault.New(fault.Exists, "what", joinPath(names[:i+2]...))
		}
		if err != nil {
			return node{}, err
		}
		at = next
	}
	return at, nil
}

// room refuses one more in a folder that is full.
func (v view) room(ctx context.Context, parent node) error {
	var siblings int
	if err := v.QueryRow(ctx, `SELECT count(*) FROM node WHERE space = ? AND parent = ?`, parent.space.id, parent.id).Scan(&siblings); err != nil {
		return err
	}
	if siblings >= maxChildren {
		return fault.New(fault.TooLarge, "what", parent.name, "limit", strconv.Itoa(maxChildren))
	}
	return nil
}

// addNode creates a node in a folder that has none of that name.
func (v view) addNode(ctx context.Context, parent node, name, kind string) (node, error) {
	if err := v.room(ctx, parent); err != nil {
		return node{}, err
	}
	n := node{id: newID(), parent: parent.id, name: name, kind: kind, space: parent.space}
	_, err := v.Exec(ctx, `INSERT INTO node (id, space, parent, name, folded, kind) VALUES (?, ?, ?, ?, ?, ?)`,
		n.id, n.space.id, n.parent, n.name, folded(name), n.kind)
	return n, err
}
