package documents

import (
	"context"
	"database/sql"
	"errors"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

func (v view) createDocument(ctx context.Context, parent node, name, kind string, version newVersion) (agentapi.PublishResult, node, error) {
	n, err := v.addNode(ctx, parent, name, kind)
	if err != nil {
		return agentapi.PublishResult{}, n, err
	}
	return v.appendVersion(ctx, n, version)
}

// appendVersion adds the next version to a document.
func (v view) appendVersion(ctx context.Context, n node, version newVersion) (agentapi.PublishResult, node, error) {
	n.current++
	_, err := v.Exec(ctx, `INSERT INTO version (document, number, manifest, size, author, created, comment, operation) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		n.id, n.current, version.manifest, version.size, v.user.UserName, database.Millis(version.at), version.comment, version.operation)
	if err != nil {
		return agentapi.PublishResult{}, n, err
	}
	if _, err := v.Exec(ctx, `UPDATE node SET current = ? WHERE id = ?`, n.current, n.id); err != nil {
		return agentapi.PublishResult{}, n, err
	}
	doc, err := v.describe(ctx, n)
	return agentapi.PublishResult{Document: doc, Version: doc.Current}, n, err
}

// maxAttempts bounds the search for a free name. A folder is full before it is
// reached.
const maxAttempts = maxChildren + 1

// keepBoth makes a document beside the one that could not be appended to.
func (v view) keepBoth(ctx context.Context, beside node, kind string, version newVersion) (agentapi.PublishResult, node, error) {
	original, err := v.describe(ctx, beside)
	if err != nil {
		return agentapi.PublishResult{}, node{}, err
	}
	parent := node{id: beside.parent, space: beside.space}
	for attempt := 1; attempt < maxAttempts; attempt++ {
		name := conflictName(beside.name, v.user.UserName, version.at, attempt)
		_, err := v.child(ctx, parent, name)
		if err == nil {
			continue
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return agentapi.PublishResult{}, node{}, err
		}
		result, made, err := v.createDocument(ctx, parent, name, kind, version)
		result.ConflictOf = original
		return result, made, err
	}
	return agentapi.PublishResult{}, node{}, fault.New(fault.Exists, "what", original.Path)
}

// maxHistory bounds the history that is listed; older versions stay.
const maxHistory = 1000

// History lists the versions of a document, the newest first.
func (e *Engine) History(ctx context.Context, user web.User, id string) ([]agentapi.Version, error) {
	list := []agentapi.Version{}
	err := e.read(ctx, user, func(v view) (err error) {
		if _, err := v.document(ctx, id); err != nil {
			return err
		}
		rows, err := v.Query(ctx, `SELECT `+versionColumns+` FROM version v JOIN manifest m ON m.id = v.manifest WHERE v.document = ? ORDER BY v.number DESC LIMIT ?`, id, maxHistory)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			version, err := scanVersion(rows)
			if err != nil {
				return err
			}
			list = append(list, version)
		}
		return rows.Err()
	})
	return list, err
}

// Restore makes an old version the newest again, as a new version. A repeated
// operation gets the first answer again. DocumentCheckedOut if somebody else
// has the document.
func (e *Engine) Restore(ctx context.Context, user web.User, id string, r agentapi.Restore) (agentapi.PublishResult, error) {
	if err := checkOperation(r.OperationID); err != nil {
		return agentapi.PublishResult{}, err
	}
	return e.once(ctx, user, r.OperationID, func(v view) (agentapi.PublishResult, node, error) {
		n, err := v.document(ctx, id)
		if err != nil {
			return agentapi.PublishResult{}, n, err
		}
		holder, userName, err := v.holder(ctx, id)
		if err != nil {
			return agentapi.PublishResult{}, n, err
		}
		if holder != "" && holder != user.ID {
			return agentapi.PublishResult{}, n, v.checkedOut(ctx, n, userName)
		}
		old, err := v.version(ctx, id, r.Version)
		if err != nil {
			return agentapi.PublishResult{}, n, err
		}
		return v.appendVersion(ctx, n, newVersion{manifest: old.manifest, size: old.Size, operation: r.OperationID, at: e.now()})
	})
}

// storedVersion is a version and where its manifest is.
type storedVersion struct {
	agentapi.Version
	manifest int64
	object   string
}

func (v view) version(ctx context.Context, document string, number int) (storedVersion, error) {
	var s storedVersion
	err := v.QueryRow(ctx, `SELECT m.id, m.object FROM version v JOIN manifest m ON m.id = v.manifest WHERE v.document = ? AND v.number = ?`,
		document, number).Scan(&s.manifest, &s.object)
	if err != nil {
		return s, found(err, document)
	}
	s.Version, err = scanVersion(v.QueryRow(ctx, `SELECT `+versionColumns+` FROM version v JOIN manifest m ON m.id = v.manifest WHERE v.document = ? AND v.number = ?`,
		document, number))
	return s, err
}
