package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloudfile/ledger"
	"iscdesk.dev/agent/internal/store"
	"iscdesk.dev/marketplace/agentapi"
)

// clearEnv makes the test binary a program that is killed while it works on a
// state folder: "clear|set-aside, the number of the step, the folder".
const clearEnv = "ISCDESK_TEST_CLEAR"

// clearMain ends with status 0 if there were fewer steps.
func clearMain(order string) {
	words := strings.SplitN(order, ",", 3)
	at, err := strconv.Atoi(words[1])
	if err != nil {
		os.Exit(3)
	}
	step := func(string) {
		if at--; at != 0 {
			return
		}
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill() // as a power cut would: nothing is tidied up
		}
		<-time.After(time.Minute)
	}
	if words[0] == "clear" {
		_, err = clearState(context.Background(), words[2], false, step)
	} else {
		_, err = setAside(context.Background(), words[2], step)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(0)
}

// killedAt runs the program and tells whether it was killed, which is the case
// unless it was done before.
func killedAt(t *testing.T, what string, step int, state string) bool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s,%d,%s", clearEnv, what, step, state))
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) > 0 {
		t.Fatalf("step %d: %v\n%s", step, err, out)
	}
	return err != nil
}

const drawing = "ISO-10303-21; a day's work of "

// users of a test. The folders are all ours: whose they are, a key says.
const ann, ben = "uid:4711", "uid:4712"

// furnish makes a state folder with an unpublished and a published save, a
// token and a package of each user.
func furnish(t *testing.T, users ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "state")
	state, err := openState(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range users {
		dir, err := state.user(user)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Mkdir(filepath.Join(dir, staging), 0o700), os.Mkdir(filepath.Join(dir, "packages"), 0o700)); err != nil {
			t.Fatal(err)
		}
		for name, content := range map[string]string{
			filepath.Join(staging, "blob"): drawing + user, filepath.Join(staging, "published"): "in the cloud",
			filepath.Join("packages", "p"): "package", "credentials": "token of " + user,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		record(t, filepath.Join(dir, database), user)
	}
	if err := errors.Join(os.Mkdir(filepath.Join(path, "log"), 0o700), os.WriteFile(filepath.Join(path, "log", "iscdeskd.log"), []byte("log"), 0o600), state.close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func record(t *testing.T, path, user string) {
	t.Helper()
	db, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []ledger.Row{
		{Operation: "op-" + user, Blob: "blob", Size: int64(len(drawing + user)), State: ledger.Queued, Name: "gear.step", Path: "/gear.step"},
		{Operation: "old-" + user, Blob: "published", Size: 12, State: ledger.Done, Name: "old.step", Path: "/old.step"},
	} {
		row.Kind, row.Created = api.Single, time.Unix(1_700_000_000, 0)
		if err := l.Record(t.Context(), row, agentapi.Manifest{}, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// twin is a copy of a state folder as it is now, to look at or to go on from.
func twin(t *testing.T, state string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "twin")
	err := filepath.WalkDir(state, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(state, path)
		if e.IsDir() {
			return makePrivate(filepath.Join(to, name))
		}
		content, err := os.ReadFile(path)
		return errors.Join(err, os.WriteFile(filepath.Join(to, name), content, 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// isWhole makes sure that of every user the unpublished save and its ledger
// lie together, in one of the two places: where they always were, or in what
// Clear has gathered.
func isWhole(t *testing.T, state string, users ...string) {
	t.Helper()
	state = twin(t, state)
	for _, user := range users {
		var errs error
		for _, place := range []string{state, filepath.Join(state, clearingName)} {
			err := holds(t, place, user)
			if err == nil {
				errs = nil
				break
			}
			errs = errors.Join(errs, err)
		}
		if errs != nil {
			t.Errorf("the work of %s is lost: %v", user, errs)
		}
	}
}

func holds(t *testing.T, place, user string) error {
	t.Helper()
	s := &stateDir{path: place}
	folder, err := folderOf(user)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(place, usersName, folder, database)); err != nil {
		return err
	}
	found, err := s.unpublishedOf(t.Context(), user)
	if err != nil {
		return err
	}
	if len(found) != 1 || !found[0].Whole {
		return fmt.Errorf("the ledger has %+v", found)
	}
	content, err := os.ReadFile(found[0].Content)
	if err == nil && string(content) != drawing+user {
		err = fmt.Errorf("the content is %q", content)
	}
	return err
}

// TestClearKilledAtEachStep kills what clears, at each of its steps, and looks
// that nothing is lost; then it goes on in two ways: cleared again, killed at
// each step of that too, and with a service that opens the folder.
func TestClearKilledAtEachStep(t *testing.T) {
	users := []string{ann, ben}
	before := furnish(t, users...)
	steps := 0
	for killedAtStep(t, before, steps+1, users) {
		steps++
	}
	if steps < 10 {
		t.Errorf("only %d steps", steps)
	}
}

func killedAtStep(t *testing.T, before string, step int, users []string) bool {
	t.Helper()
	state := twin(t, before)
	killed := killedAt(t, "clear", step, state)
	isWhole(t, state, users...)
	served := twin(t, state)
	s, err := openState(served)
	if err != nil {
		t.Fatalf("step %d: a service: %v", step, err)
	}
	for _, user := range users {
		if err := holds(t, served, user); err != nil {
			t.Errorf("step %d: a service does not find the work of %s: %v", step, user, err)
		}
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
	_, uncommitted := os.Lstat(filepath.Join(state, clearingName)) // then it begins anew, which is the first loop
	for again := 1; uncommitted == nil && killedAt(t, "clear", again, state); again++ {
		isWhole(t, state, users...)
	}
	if _, err := Clear(t.Context(), state, false); err != nil {
		t.Errorf("step %d: cleared again: %v", step, err)
	}
	kept, err := ListUnpublished(t.Context(), state)
	if err != nil || len(kept) != len(users) {
		t.Errorf("step %d: kept in the end: %+v, %v", step, kept, err)
	}
	onlyTheWork(t, state, users...)
	return killed
}

// onlyTheWork looks at what Clear has left.
func onlyTheWork(t *testing.T, state string, users ...string) {
	t.Helper()
	want := map[string]bool{asideList: true, lockName: true} // the lock is that of the listing
	for _, user := range users {
		folder, _ := folderOf(user)
		want[filepath.Join(usersName, folder, database)] = true
		want[filepath.Join(usersName, folder, staging, "blob")] = true
	}
	err := filepath.WalkDir(state, func(path string, e fs.DirEntry, err error) error {
		if name, _ := filepath.Rel(state, path); err == nil && !e.IsDir() && !want[name] {
			t.Errorf("left: %s", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestSetAsideKilledAtEachStep(t *testing.T) {
	before := furnish(t, ann)
	step := 1
	for ; ; step++ {
		state := twin(t, before)
		killed := killedAt(t, "set-aside", step, state)
		if err := holds(t, twin(t, state), ann); err != nil {
			t.Errorf("step %d: %v", step, err)
		}
		if all, err := SetAside(t.Context(), state); err != nil || len(all) != 1 {
			t.Errorf("step %d: again: %+v, %v", step, all, err)
		}
		if err := holds(t, filepath.Join(state, asideName), ann); err != nil {
			t.Errorf("step %d: set aside: %v", step, err)
		}
		if !killed {
			break
		}
	}
	if step < 4 {
		t.Errorf("only %d steps", step)
	}
}

// TestADamagedDatabaseIsKeptWholeBesideTheWorkOfOthers damages one user's
// database in ways that disks do.
func TestADamagedDatabaseIsKeptWholeBesideTheWorkOfOthers(t *testing.T) {
	for name, damage := range map[string]func(content []byte) []byte{
		"emptied":       func([]byte) []byte { return nil },
		"overwritten":   func(c []byte) []byte { return bytes.Repeat([]byte("\x5a"), len(c)) },
		"torn":          func(c []byte) []byte { return c[:len(c)/3] },
		"spoilt inside": func(c []byte) []byte { return append(c[:4096:4096], bytes.Repeat([]byte{0xff}, len(c)-4096)...) },
	} {
		t.Run(name, func(t *testing.T) {
			state := furnish(t, ann, ben)
			folder, _ := folderOf(ann)
			file := filepath.Join(state, usersName, folder, database)
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			broken := damage(content)
			if err := os.WriteFile(file, broken, 0o600); err != nil {
				t.Fatal(err)
			}
			kept, err := Clear(t.Context(), state, false)
			if err != nil || len(kept) != 2 || kept[0].User != ann || kept[0].Unreadable == "" || kept[0].Content != filepath.Dir(file) || kept[1].User != ben {
				t.Fatalf("%+v, %v", kept, err)
			}
			if err := holds(t, state, ben); err != nil {
				t.Errorf("the other's: %v", err)
			}
			if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, broken) {
				t.Errorf("the database: %d bytes of %d, %v", len(now), len(broken), err)
			}
			if now, err := os.ReadFile(filepath.Join(filepath.Dir(file), staging, "blob")); err != nil || string(now) != drawing+ann {
				t.Errorf("the content: %q, %v", now, err)
			}
			if _, err := os.Lstat(filepath.Join(filepath.Dir(file), "credentials")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the tokens: %v", err)
			}
			list, err := os.ReadFile(filepath.Join(state, asideList))
			if err != nil || !strings.Contains(string(list), filepath.Dir(file)) {
				t.Errorf("%s, %v", list, err)
			}
			again, err := Clear(t.Context(), state, false)
			if err != nil || len(again) != 2 {
				t.Errorf("a second time: %+v, %v", again, err)
			}
			if _, err := Clear(t.Context(), state, true); err != nil {
				t.Error(err)
			}
			if _, err := os.Lstat(state); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("with everything: %v", err)
			}
		})
	}
}

// TestWhatCannotBeKeptStopsTheClearing: nothing is deleted then.
func TestWhatCannotBeKeptStopsTheClearing(t *testing.T) {
	state := furnish(t, ann)
	folder, _ := folderOf(ann)
	blob := filepath.Join(state, usersName, folder, staging, "blob")
	if err := errors.Join(os.Remove(blob), os.Mkdir(blob, 0o700)); err != nil { // neither linked nor copied
		t.Fatal(err)
	}
	if kept, err := Clear(t.Context(), state, false); err == nil {
		t.Errorf("%+v on %s", kept, runtime.GOOS)
	}
	if content, err := os.ReadFile(filepath.Join(state, usersName, folder, "credentials")); err != nil || string(content) != "token of "+ann {
		t.Errorf("%q, %v", content, err)
	}
}
