package documents

import (
	"context"
	"errors"
	"strings"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// maxFound bounds what a search lists.
const maxFound = 500

// Search finds the folders and documents below a path whose name contains q,
// in whatever case and however its accents are composed. Folders come first,
// then documents, each by name. Every character of q stands for itself.
func (e *Engine) Search(ctx context.Context, user web.User, q, path string) (agentapi.EntryList, error) {
	if q == "" || len(q) > maxName {
		return agentapi.EntryList{}, fault.New(fault.InvalidArgument, "argument", "q", "reason", "between 1 and 255 bytes are expected")
	}
	list := agentapi.EntryList{Entries: []agentapi.Entry{}}
	err := e.read(ctx, user, func(v view) error {
		s, err := v.scope(ctx, path)
		if err != nil {
			return err
		}
		list.Path = s.path
		nodes, err := v.named(ctx, s, q)
		if err != nil {
			return err
		}
		if list.More = len(nodes) > maxFound; list.More {
			nodes = nodes[:maxFound]
		}
		list.Entries, err = v.located(ctx, nodes)
		return err
	})
	return list, err
}

// named finds nodes by a part of their names, one more than may be listed.
func (v view) named(ctx context.Context, s scope, q string) (list []node, err error) {
	literal := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(folded(q))
	rows, err := v.Query(ctx, selectNode+`WHERE `+s.holds("n.parent")+` AND n.folded LIKE ? ESCAPE '\'
		AND NOT EXISTS (SELECT 1 FROM trash t WHERE t.document = n.id)
		ORDER BY n.kind <> 'folder', n.folded, n.id LIMIT ?`, append(s.args, "%"+literal+"%", maxFound+1)...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		n, err := scanNode(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

// located gives nodes their paths, and documents what else there is to know.
func (v view) located(ctx context.Context, nodes []node) ([]agentapi.Entry, error) {
	documents, err := v.documentRows(ctx, nodes)
	if err != nil {
		return nil, err
	}
	list := make([]agentapi.Entry, 0, len(nodes))
	folders := map[string]string{} // paths of folders, because many lie in the same
	for _, n := range nodes {
		within := n.space.id + "/" + n.parent
		if _, known := folders[within]; !known {
			path, err := v.path(ctx, n)
			if err != nil {
				return nil, err
			}
			folders[within] = strings.TrimSuffix(path, n.name)
		}
		entry := agentapi.Entry{Name: n.name, Path: folders[within] + n.name, Folder: n.isFolder()}
		if !entry.Folder {
			entry.Document = documents[n.id].document(entry.Path, v.user)
		}
		list = append(list, entry)
	}
	return list, nil
}

func (v view) documentRows(ctx context.Context, nodes []node) (documents map[string]documentRow, err error) {
	documents = map[string]documentRow{}
	if len(nodes) == 0 {
		return documents, nil
	}
	ids := make([]any, len(nodes))
	for i, n := range nodes {
		ids[i] = n.id
	}
	rows, err := v.Query(ctx, selectDocument+`WHERE n.id IN (?`+strings.Repeat(`, ?`, len(ids)-1)+`)`, ids...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row, err := scanDocument(rows)
		if err != nil {
			return nil, err
		}
		documents[row.id] = row
	}
	return documents, rows.Err()
}
