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

// selectDocument gives nodes with their newest version and who has them
// checked out.
const selectDocument = `SELECT n.id, n.name, n.kind, ` + versionColumns + `, c.account, c.user_name, c.since
	FROM node n LEFT JOIN version v ON v.document = n.id AND v.number = n.current
	LEFT JOIN manifest m ON m.id = v.manifest LEFT JOIN checkout c ON c.document = n.id `

const versionColumns = `coalesce(v.number, 0), coalesce(v.size, 0), coalesce(v.author, ''), coalesce(v.created, 0), coalesce(v.comment, ''), coalesce(v.operation, ''), m.hash`

// documentRow is one row of selectDocument.
type documentRow struct {
	id, name, kind string
	version        agentapi.Version
	holder, holds  sql.NullString
	since          sql.NullInt64
}

type scanner interface{ Scan(...any) error }

func scanDocument(row scanner) (documentRow, error) {
	var (
		d       documentRow
		created int64
		sum     []byte
	)
	err := row.Scan(&d.id, &d.name, &d.kind,
		&d.version.Number, &d.version.Size, &d.version.Author, &created, &d.version.Comment, &d.version.OperationID, &sum,
		&d.holder, &d.holds, &d.since)
	finishVersion(&d.version, created, sum)
	return d, err
}

func scanVersion(row scanner) (agentapi.Version, error) {
	var (
		v       agentapi.Version
		created int64
		sum     []byte
	)
	err := row.Scan(&v.Number, &v.Size, &v.Author, &created, &v.Comment, &v.OperationID, &sum)
	finishVersion(&v, created, sum)
	return v, err
}

func finishVersion(v *agentapi.Version, created int64, sum []byte) {
	v.Created = database.Time(created)
	if len(sum) == len(hash{}) {
		v.Hash = hash(sum).String()
	}
}

// document is the row as the user sees it.
func (d documentRow) document(path string, user web.User) agentapi.Document {
	doc := agentapi.Document{ID: d.id, Path: path, Name: d.name, Kind: agentapi.DocumentKind(d.kind), Current: d.version}
	if d.holder.Valid {
		doc.Checkout = agentapi.Checkout{
			UserID: d.holder.String, UserName: d.holds.String, Since: database.Time(d.since.Int64), Mine: d.holder.String == user.ID,
		}
	}
	return doc
}

// describe gives a document with its path, its newest version and its
// checkout.
func (v view) describe(ctx context.Context, n node) (agentapi.Document, error) {
	path, err := v.path(ctx, n)
	if err != nil {
		return agentapi.Document{}, err
	}
	row, err := scanDocument(v.QueryRow(ctx, selectDocument+`WHERE n.id = ?`, n.id))
	if err != nil {
		return agentapi.Document{}, err
	}
	return row.document(path, v.user), nil
}

// Get gives a document; NotFound if the user sees none of that id.
func (e *Engine) Get(ctx context.Context, user web.User, id string) (doc agentapi.Document, err error) {
	err = e.read(ctx, user, func(v view) error {
		n, err := v.document(ctx, id)
		if err != nil {
			return err
		}
		doc, err = v.describe(ctx, n)
		return err
	})
	return doc, err
}

// Find gives the document at a path; NotFound if there is none, or a folder.
func (e *Engine) Find(ctx context.Context, user web.User, path string) (doc agentapi.Document, err error) {
	names, err := ParsePath(path)
	if err != nil {
		return doc, err
	}
	if len(names) < 2 {
		return doc, fault.New(fault.NotFound, "what", path)
	}
	err = e.read(ctx, user, func(v view) error {
		n, err := v.walk(ctx, names)
		if err != nil {
			return err
		}
		if n.isFolder() {
			return fault.New(fault.NotFound, "what", path)
		}
		doc, err = v.describe(ctx, n)
		return err
	})
	return doc, err
}

// holder is who has a document checked out; "" if nobody has.
func (v view) holder(ctx context.Context, document string) (account, userName string, err error) {
	err = v.QueryRow(ctx, `SELECT account, user_name FROM checkout WHERE document = ?`, document).Scan(&account, &userName)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", nil
	}
	return account, userName, err
}
