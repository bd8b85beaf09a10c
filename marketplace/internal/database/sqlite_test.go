package database_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"

	"iscdesk.dev/marketplace/internal/database"
)

func open(t *testing.T, path string) database.Database {
	t.Helper()
	db, err := database.OpenSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func steps(scripts map[string]string) fstest.MapFS {
	files := fstest.MapFS{}
	for name, script := range scripts {
		files["sqlite/"+name] = &fstest.MapFile{Data: []byte(script)}
	}
	return files
}

func count(t *testing.T, db database.Database) int {
	t.Helper()
	var n int
	err := db.Read(t.Context(), func(tx database.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM thing`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func insert(ctx context.Context, tx database.Tx, id int) error {
	_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES (?)`, id)
	return err
}

func TestMigrateAppliesEachStepOnceAndWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "with space %41.db")
	first := map[string]string{"0001.sql": `CREATE TABLE thing (id INTEGER PRIMARY KEY); INSERT INTO thing VALUES (1);`}
	db := open(t, path)
	for range 2 {
		if err := db.Migrate(t.Context(), "test", steps(first)); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, db); n != 1 {
		t.Fatalf("%d rows after migrating twice, want 1", n)
	}
	broken := map[string]string{"0001.sql": first["0001.sql"], "0002.sql": `INSERT INTO thing VALUES (2); INSERT INTO nowhere VALUES (1);`}
	if err := db.Migrate(t.Context(), "test", steps(broken)); err == nil {
		t.Fatal("a broken step succeeded")
	}
	if n := count(t, db); n != 1 {
		t.Errorf("%d rows after a broken step, want 1", n)
	}
	if err := db.Migrate(t.Context(), "other", fstest.MapFS{}); err == nil {
		t.Error("a component without steps migrated")
	}
}

func TestWriteRollsBackAndLasts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "market.db")
	db := open(t, path)
	if err := db.Migrate(t.Context(), "test", steps(map[string]string{"0001.sql": `CREATE TABLE thing (id INTEGER PRIMARY KEY)`})); err != nil {
		t.Fatal(err)
	}
	if err := db.Read(t.Context(), func(tx database.Tx) error { return insert(t.Context(), tx, 9) }); err == nil {
		t.Error("a reader wrote")
	}
	refused := errors.New("refused")
	err := db.Write(t.Context(), func(tx database.Tx) error { return errors.Join(insert(t.Context(), tx, 1), refused) })
	if !errors.Is(err, refused) || count(t, db) != 0 {
		t.Fatalf("Write = %v, %d rows", err, count(t, db))
	}
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			if err := db.Write(t.Context(), func(tx database.Tx) error { return insert(t.Context(), tx, i) }); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	again := open(t, path)
	if n := count(t, again); n != 40 {
		t.Errorf("%d rows after opening again, want 40", n)
	}
}

func TestReaderSeesOneSnapshot(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "market.db"))
	if err := db.Migrate(t.Context(), "test", steps(map[string]string{"0001.sql": `CREATE TABLE thing (id INTEGER PRIMARY KEY)`})); err != nil {
		t.Fatal(err)
	}
	err := db.Read(t.Context(), func(tx database.Tx) error {
		var before, after int
		if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM thing`).Scan(&before); err != nil {
			return err
		}
		if err := db.Write(t.Context(), func(w database.Tx) error { return insert(t.Context(), w, 1) }); err != nil {
			return err
		}
		if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM thing`).Scan(&after); err != nil {
			return err
		}
		if before != after {
			t.Errorf("a reader saw %d rows, then %d", before, after)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
