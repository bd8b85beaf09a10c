package documents

import (
	"context"
	"errors"
	"strings"

	"iscdesk.dev/marketplace/internal/fault"
)

// scope is a part of the tree that a user sees: all his spaces, one of them,
// or what lies below a folder.
type scope struct {
	path   string // as it is spelt
	spaces []space
	folder string
	args   []any // what holds asks for
}

// scope finds the folder at a path; / is all spaces.
func (v view) scope(ctx context.Context, path string) (scope, error) {
	names, err := ParsePath(path)
	if err != nil {
		return scope{}, err
	}
	s := scope{path: "/"}
	if len(names) == 0 {
		if s.spaces, err = v.spaces(ctx); err != nil {
			return s, err
		}
		for _, one := range s.spaces {
			s.args = append(s.args, one.id)
		}
		return s, nil
	}
	at, err := v.walk(ctx, names)
	if err != nil {
		return s, err
	}
	if !at.isFolder() {
		return s, fault.New(fault.InvalidArgument, "argument", "path", "reason", "it is a document")
	}
	s.spaces, s.folder, s.args = []space{at.space}, at.id, []any{at.space.id}
	if at.id != "" {
		s.args = append(s.args, at.id, at.space.id)
	}
	s.path, err = v.folderPath(ctx, at)
	return s, err
}

// holds is the condition that node n, whose folder stands in the column
// parent, lies in the scope. Its parameters are args.
func (s scope) holds(parent string) string {
	condition := `n.space IN (?` + strings.Repeat(`, ?`, len(s.spaces)-1) + `)`
	if s.folder == "" {
		return condition
	}
	return condition + ` AND ` + parent + ` IN (WITH RECURSIVE below (id) AS (SELECT CAST(? AS TEXT)
		UNION ALL SELECT f.id FROM node f JOIN below b ON f.parent = b.id WHERE f.space = ? AND f.kind = 'folder') SELECT id FROM below)`
}

// strings gives a column of text.
func (v view) strings(ctx context.Context, query string, args ...any) (list []string, err error) {
	rows, err := v.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}
