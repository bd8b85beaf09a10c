package daemon

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"iscdesk.dev/agent/internal/store"
)

const (
	// staging is the folder of saved content in a user's folder.
	staging = "staging"
	// asideName is the folder in the state folder in which SetAside puts what
	// an uninstallation keeps, and the list of it.
	asideName = "unpublished"
	// asideList is the list of it for people.
	asideList = "unpublished.txt"
)

// SetAside gathers what must outlive the product in one folder of the state
// folder: for each user with unpublished saves their content (hard links where
// the disk has them) and the ledger of it, without tokens, licences and
// everything else; and a list that people can read. A state folder that holds
// nothing but this is what a service installed later carries on from. It
// gives the saves, with the names that their content has after Clear.
//
// No service may use the state folder. What an earlier call has gathered is
// replaced.
func SetAside(ctx context.Context, path string) ([]Unpublished, error) {
	state, err := existingState(path)
	if state == nil {
		return nil, err
	}
	all, err := state.setAside(ctx)
	return all, errors.Join(err, state.close())
}

// Clear deletes a state folder, but for the unpublished saves; everything also
// with everything. It gives what it has kept. No service may use the folder.
func Clear(ctx context.Context, path string, everything bool) (kept []Unpublished, err error) {
	state, err := existingState(path)
	if state == nil {
		return nil, err
	}
	if !everything {
		kept, err = state.setAside(ctx)
	}
	if err = errors.Join(err, state.close()); err != nil {
		return nil, err
	}
	if len(kept) == 0 {
		return nil, os.RemoveAll(state.path)
	}
	return kept, state.leaveAside()
}

func (s *stateDir) setAside(ctx context.Context) ([]Unpublished, error) {
	all, err := s.unpublished(ctx)
	aside := filepath.Join(s.path, asideName)
	if err = errors.Join(err, os.RemoveAll(aside)); err != nil || len(all) == 0 {
		return nil, err
	}
	if err := os.Mkdir(aside, 0o700); err != nil {
		return nil, err
	}
	for _, u := range all {
		if err := s.keepContent(ctx, aside, u); err != nil {
			return nil, fmt.Errorf("keep %s of %s: %w", u.Name, u.User, err)
		}
	}
	return all, writeList(filepath.Join(aside, asideList), all)
}

// keepContent puts the content of one save beside a ledger of its user.
func (s *stateDir) keepContent(ctx context.Context, aside string, u Unpublished) error {
	folder, err := folderOf(u.User)
	if err != nil {
		return err
	}
	dir := filepath.Join(aside, "users", folder)
	if err := os.MkdirAll(filepath.Join(dir, staging), 0o700); err != nil {
		return err
	}
	kept := filepath.Join(dir, database)
	if _, err := os.Lstat(kept); errors.Is(err, fs.ErrNotExist) {
		if err := keepLedger(ctx, filepath.Join(s.path, "users", folder, database), kept); err != nil {
			return err
		}
	}
	if err := linkOrCopy(u.Content, filepath.Join(dir, staging, filepath.Base(u.Content))); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// keepLedger copies a user's database and takes everything out of the copy
// that has nothing to do with unpublished documents. The tables of other
// engines go, and are made anew by a service that carries on from there.
func keepLedger(ctx context.Context, from, to string) (err error) {
	db, err := store.Open(from)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, to)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if db, err = store.Open(to); err != nil { // which also closes the file to others
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	statements, err := foreign(ctx, db)
	if err != nil {
		return err
	}
	for _, s := range append(statements,
		`DELETE FROM migrations WHERE engine <> 'cloudfile'`,
		`DELETE FROM files_listings`,
		`DELETE FROM files_outbox WHERE state IN ('published', 'done', 'withdrawn')`,
		`VACUUM`, // what was deleted must not stay in free pages
	) {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// foreign are the statements that drop the tables of all engines but the
// documents'.
func foreign(ctx context.Context, db *sql.DB) (drops []string, err error) {
	rows, err := db.QueryContext(ctx, `SELECT name FROM sqlite_master WHERE type = 'table'
		AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name NOT LIKE 'files~_%' ESCAPE '~' AND name <> 'migrations'`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		drops = append(drops, `DROP TABLE "`+name+`"`)
	}
	return drops, rows.Err()
}

// leaveAside makes what was set aside the whole of the state folder.
func (s *stateDir) leaveAside() error {
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != asideName {
			err = errors.Join(err, os.RemoveAll(filepath.Join(s.path, e.Name())))
		}
	}
	if err != nil {
		return err
	}
	for _, name := range []string{"users", asideList} {
		if err := os.Rename(filepath.Join(s.path, asideName, name), filepath.Join(s.path, name)); err != nil {
			return err
		}
	}
	return os.Remove(filepath.Join(s.path, asideName))
}

// linkOrCopy gives a file a second name, or a copy where the disk knows no
// links.
func linkOrCopy(from, to string) (err error) {
	if err = os.Link(from, to); err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) {
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// writeList tells people what is kept.
func writeList(path string, all []Unpublished) error {
	var b strings.Builder
	b.WriteString("Saved with iscdesk on this machine and not in the cloud. Install iscdesk again and sign in to publish it;\n" +
		"or copy the content out of the files below: a document is the file itself, an assembly its files one after the other.\n" +
		"以下内容已保存在本机,尚未发布到云端。重新安装 iscdesk 并登录后会继续发布;也可以从下列文件中取出内容。\n")
	for _, u := range all {
		fmt.Fprintln(&b)
		b.WriteString(u.String())
	}
	return os.WriteFile(path, []byte(b.String()), 0o600)
}

// String tells people what the save is and where it lies.
func (u Unpublished) String() string {
	state := ""
	if !u.Whole {
		state = ", damaged"
	}
	path := u.Path
	if path == "" {
		path = "(the place in the cloud was not chosen yet)"
	}
	return fmt.Sprintf("%q of %s, %d bytes, saved %s%s\n  to:      %q\n  from:    %q\n  content: %s\n",
		u.Name, u.User, u.Size, u.Saved.UTC().Format("2006-01-02 15:04:05Z"), state, path, u.LocalPath, u.Content)
}
