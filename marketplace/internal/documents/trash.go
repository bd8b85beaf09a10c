package documents

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// trashParent begins the parent of a document that is set aside. No folder has
// such an id.
const trashParent = "trash:"

// maxTrash bounds the list of what was set aside.
const maxTrash = 500

// aside tells that a document is set aside: by whom, and since when.
type aside struct {
	by    string
	since time.Time
}

// anyDocument finds a document by its id, set aside (with where it lay as its
// parent) or not (nil), as long as the user may see it.
func (v view) anyDocument(ctx context.Context, id string) (node, *aside, error) {
	n, err := scanNode(v.QueryRow(ctx, selectNode+`WHERE n.id = ? AND n.kind <> 'folder' AND s.tenant = ? AND (s.owner = '' OR s.owner = ?)`,
		id, v.user.Tenant, v.user.ID))
	if err != nil {
		return n, nil, found(err, id)
	}
	var since int64
	a := &aside{}
	err = v.QueryRow(ctx, `SELECT parent, user_name, since FROM trash WHERE document = ?`, id).Scan(&n.parent, &a.by, &since)
	if errors.Is(err, sql.ErrNoRows) {
		return n, nil, nil
	}
	a.since = database.Time(since)
	return n, a, err
}

// trashed is a document that is set aside, as the user sees it.
func (v view) trashed(ctx context.Context, n node, a aside) (agentapi.TrashedDocument, error) {
	doc, err := v.describe(ctx, n)
	return agentapi.TrashedDocument{Document: doc, By: a.by, Since: a.since}, err
}

// SetAside takes a document out of its folder. All its versions stay, and its
// name is free. version is the one that the user has seen (0: any);
// DocumentChanged if there is another by now, DocumentCheckedOut if somebody
// else has the document. It succeeds if it is set aside already.
func (e *Engine) SetAside(ctx context.Context, user web.User, id string, version int) (agentapi.TrashedDocument, error) {
	var (
		answer agentapi.TrashedDocument
		moved  node
	)
	err := e.write(ctx, user, func(v view) error {
		n, a, err := v.anyDocument(ctx, id)
		if err != nil {
			return err
		}
		if a == nil {
			if err := v.mayReplace(ctx, n, version); err != nil {
				return err
			}
			moved, a = n, &aside{by: user.UserName, since: e.now().UTC()}
			if err := v.setAside(ctx, n, a.since); err != nil {
				return err
			}
		}
		answer, err = v.trashed(ctx, n, *a)
		return err
	})
	if err == nil && moved.id != "" {
		e.tell(user, moved)
	}
	return answer, err
}

// mayReplace refuses what would take the place of what the user has not seen,
// or of what somebody else works on. version 0 is any.
func (v view) mayReplace(ctx context.Context, n node, version int) error {
	holder, userName, err := v.holder(ctx, n.id)
	switch {
	case err != nil:
		return err
	case holder != "" && holder != v.user.ID:
		return v.checkedOut(ctx, n, userName)
	case version == 0 || version == n.current:
		return nil
	}
	path, err := v.path(ctx, n)
	if err != nil {
		return err
	}
	return fault.New(fault.DocumentChanged, "path", path)
}

// setAside moves a document to where no path leads. Its user's own checkout
// ends: nobody can check it in from there.
func (v view) setAside(ctx context.Context, n node, at time.Time) error {
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{`INSERT INTO trash (document, parent, account, user_name, since) VALUES (?, ?, ?, ?, ?)`, []any{n.id, n.parent, v.user.ID, v.user.UserName, database.Millis(at)}},
		{`UPDATE node SET parent = ? WHERE id = ?`, []any{trashParent + n.id, n.id}},
		{`DELETE FROM checkout WHERE document = ?`, []any{n.id}},
	} {
		if _, err := v.Exec(ctx, step.statement, step.args...); err != nil {
			return err
		}
	}
	return nil
}

// TakeBack puts a document that was set aside back to where it lay, or to path
// in the same space where that is not empty; Exists if something is there. It succeeds if the
// document is not set aside.
func (e *Engine) TakeBack(ctx context.Context, user web.User, id, path string) (agentapi.Document, error) {
	var names []string
	if path != "" {
		var err error
		if names, err = ParsePath(path); err != nil {
			return agentapi.Document{}, err
		}
		if len(names) < 2 {
			return agentapi.Document{}, invalid(path, "a document lies in a space")
		}
	}
	var (
		doc   agentapi.Document
		moved node
	)
	err := e.write(ctx, user, func(v view) error {
		n, a, err := v.anyDocument(ctx, id)
		if err != nil {
			return err
		}
		if a != nil {
			if n, err = v.takeBack(ctx, n, names); err != nil {
				return err
			}
			moved = n
		}
		doc, err = v.describe(ctx, n)
		return err
	})
	if err == nil && moved.id != "" {
		e.tell(user, moved)
	}
	return doc, err
}

// takeBack gives a document its place again; no names: the one that it had.
func (v view) takeBack(ctx context.Context, n node, names []string) (node, error) {
	parent := node{id: n.parent, space: n.space}
	if len(names) > 0 {
		var err error
		if parent, err = v.makeFolders(ctx, names[:len(names)-1]); err != nil {
			return n, err
		}
		if parent.space != n.space { // others would not see it any more
			return n, fault.New(fault.PermissionDenied)
		}
		n.name = names[len(names)-1]
	}
	n.parent = parent.id
	switch _, err := v.child(ctx, parent, n.name); {
	case err == nil:
		path, err := v.path(ctx, n)
		if err != nil {
			return n, err
		}
		return n, fault.New(fault.Exists, "what", path)
	case !errors.Is(err, sql.ErrNoRows):
		return n, err
	}
	if err := v.room(ctx, parent); err != nil {
		return n, err
	}
	if _, err := v.Exec(ctx, `UPDATE node SET parent = ?, name = ?, folded = ? WHERE id = ?`, n.parent, n.name, folded(n.name), n.id); err != nil {
		return n, err
	}
	_, err := v.Exec(ctx, `DELETE FROM trash WHERE document = ?`, n.id)
	return n, err
}

// Trash lists the documents below a path that were set aside, the latest first.
func (e *Engine) Trash(ctx context.Context, user web.User, path string) (agentapi.TrashList, error) {
	list := agentapi.TrashList{Documents: []agentapi.TrashedDocument{}}
	err := e.read(ctx, user, func(v view) error {
		scope, err := v.scope(ctx, path)
		if err != nil {
			return err
		}
		ids, err := v.strings(ctx, `SELECT t.document FROM trash t JOIN node n ON n.id = t.document WHERE `+scope.holds("t.parent")+
			` ORDER BY t.since DESC, t.document LIMIT ?`, append(scope.args, maxTrash+1)...)
		if err != nil {
			return err
		}
		if list.More = len(ids) > maxTrash; list.More {
			ids = ids[:maxTrash]
		}
		for _, id := range ids {
			n, a, err := v.anyDocument(ctx, id)
			if err != nil {
				return err
			}
			d, err := v.trashed(ctx, n, *a)
			if err != nil {
				return err
			}
			list.Documents = append(list.Documents, d)
		}
		return nil
	})
	return list, err
}
