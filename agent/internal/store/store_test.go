package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"iscdesk.dev/agent/internal/store"
)

func open(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func count(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A commit must be on the disk when it returns: that is what 'saved' rests on.
func TestCommitsAreDurable(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "agent.db"))
	db.SetMaxOpenConns(4)
	for range 4 { // every connection of the pool, not only the first
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		var mode string
		var sync int
		if err := errors.Join(c.QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&mode),
			c.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&sync)); err != nil {
			t.Fatal(err)
		}
		if mode != "wal" || sync != 2 {
			t.Errorf("journal_mode %s, synchronous %d; want wal and 2 (FULL)", mode, sync)
		}
	}
}

func TestPathsOfPeople(t *testing.T) {
	names := []string{"a b.db", "项目&x=1.db", "100%.db", "#1;.db"}
	if runtime.GOOS != "windows" { // which has no file of that name
		names = append(names, "项目?x=1&y.db")
	}
	for _, name := range names {
		path := filepath.Join(t.TempDir(), name)
		open(t, path)
		if _, err := os.Stat(path); err != nil {
			t.Errorf("the database of %q is not where it should be: %v", name, err)
		}
	}
	if _, err := store.Open(filepath.Join(t.TempDir(), "none", "agent.db")); err == nil {
		t.Error("a database opened in a folder that does not exist")
	}
}

// The folder is private already; the files are so too, for whoever copies them.
func TestOnlyTheOwnerReadsTheFiles(t *testing.T) {
	dir := t.TempDir()
	db := open(t, filepath.Join(dir, "agent.db"))
	if err := store.Migrate(t.Context(), db, "engine", "CREATE TABLE a (b)"); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 {
		t.Fatalf("%d files, %v; want the database and its log", len(files), err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
	}
}

func TestMigrateRunsEachStepOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	create, fill := "CREATE TABLE part (n INTEGER)", "INSERT INTO part VALUES (1)"
	db := open(t, path)
	for _, steps := range [][]string{{create}, {create, fill}, {create, fill}} {
		if err := store.Migrate(t.Context(), db, "files", steps...); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Migrate(t.Context(), open(t, path), "files", create, fill); err != nil {
		t.Fatalf("after a restart: %v", err)
	}
	if n := count(t, db, "SELECT COUNT(*) FROM part"); n != 1 {
		t.Errorf("the second step ran %d times", n)
	}
	// Another engine's steps are its own.
	if err := store.Migrate(t.Context(), db, "licences", "CREATE TABLE licence (n INTEGER)"); err != nil {
		t.Fatal(err)
	}
}

func TestAFailedStepLeavesNothing(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "agent.db"))
	bad := "CREATE TABLE half (n INTEGER); INSERT INTO nowhere VALUES (1)"
	if err := store.Migrate(t.Context(), db, "files", bad); err == nil {
		t.Fatal("a step that cannot run passed")
	}
	if n := count(t, db, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'half'"); n != 0 {
		t.Error("half of a failed step stayed")
	}
	if err := store.Migrate(t.Context(), db, "files", "CREATE TABLE half (n INTEGER)"); err != nil {
		t.Errorf("mended: %v", err)
	}
}

func TestInTx(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "agent.db"))
	if err := store.Migrate(t.Context(), db, "files", "CREATE TABLE part (n INTEGER)"); err != nil {
		t.Fatal(err)
	}
	insert := func(result error) error {
		return store.InTx(t.Context(), db, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(t.Context(), "INSERT INTO part VALUES (1)"); err != nil {
				return err
			}
			return result
		})
	}
	refused := errors.New("refused")
	if err := insert(refused); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if err := insert(nil); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "SELECT COUNT(*) FROM part"); n != 1 {
		t.Errorf("%d rows, want the one that was committed", n)
	}
}

// A transaction that its context ended tells that, not that it is over.
func TestInTxThatIsCutShort(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "agent.db"))
	if err := store.Migrate(t.Context(), db, "files", "CREATE TABLE part (n INTEGER)"); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		err := store.InTx(ctx, db, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO part VALUES (1)")
			cancel()
			return err
		})
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
}
