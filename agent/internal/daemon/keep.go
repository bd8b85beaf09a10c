package daemon

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"iscdesk.dev/agent/internal/store"
)

// staging is the folder of saved content in a user's folder.
const staging = "staging"

// byUser splits a list in which each user's saves stand together.
func byUser(all []Unpublished) (users [][]Unpublished) {
	for i, u := range all {
		if i == 0 || u.User != all[i-1].User {
			users = append(users, nil)
		}
		users[len(users)-1] = append(users[len(users)-1], u)
	}
	return users
}

// keep puts the content of one user's saves into the folder to, beside a
// ledger of it.
func (s *stateDir) keep(ctx context.Context, to string, saves []Unpublished) error {
	folder, err := folderOf(saves[0].User)
	if err != nil {
		return err
	}
	from, dir := filepath.Join(s.path, usersName, folder), filepath.Join(to, usersName, folder)
	if err := os.MkdirAll(filepath.Join(dir, staging), 0o700); err != nil {
		return err
	}
	if saves[0].Unreadable != "" {
		return s.keepWhole(from, dir)
	}
	s.step("copy the ledger of " + folder)
	if err := keepLedger(ctx, filepath.Join(from, database), filepath.Join(dir, database)); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return s.keepWhole(from, dir) // it can be listed and not be copied: damaged elsewhere
	}
	s.step("link the content of " + folder)
	for _, save := range saves {
		if err := ifThere(linkOrCopy(save.Content, filepath.Join(dir, staging, filepath.Base(save.Content)))); err != nil {
			return err
		}
	}
	return nil
}

// keepWhole keeps a database that cannot be read as it is, for somebody who
// can repair it, and all content, because nobody can say what is published.
// Keys and packages are not kept.
func (s *stateDir) keepWhole(from, to string) error {
	s.step("copy a database as it is")
	for _, name := range []string{database, database + "-wal", database + "-journal"} {
		kept := filepath.Join(to, name)
		if err := ifThere(os.Remove(kept)); err != nil {
			return err
		}
		if err := ifThere(copyFile(filepath.Join(from, name), kept)); err != nil {
			return err
		}
	}
	if err := ifThere(os.Remove(filepath.Join(to, database+"-shm"))); err != nil {
		return err
	}
	contents, err := os.ReadDir(filepath.Join(from, staging))
	if err := ifThere(err); err != nil {
		return err
	}
	for _, e := range contents {
		if !e.Type().IsRegular() {
			continue
		}
		if err := linkOrCopy(filepath.Join(from, staging, e.Name()), filepath.Join(to, staging, e.Name())); err != nil {
			return err
		}
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

// linkOrCopy gives a file a second name, or a copy where the disk knows no
// links.
func linkOrCopy(from, to string) error {
	err := os.Link(from, to)
	switch {
	case err == nil, errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return err
	}
	return copyFile(from, to)
}

func copyFile(from, to string) (err error) {
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
	return errors.Join(err, out.Close())
}
