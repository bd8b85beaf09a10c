package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"iscdesk.dev/agent/internal/durable"
)

// The names that an uninstallation uses in the state folder.
const (
	// asideName is the folder in which SetAside puts what an uninstallation
	// keeps, and the list of it.
	asideName = "unpublished"
	// asideList is the list of it for people.
	asideList = "unpublished.txt"
	// gatherName is the folder in which that is gathered. It is worth nothing:
	// everything in it is also where it was.
	gatherName = "unpublished.new"
	// clearingName is what Clear renames it to once all of it is on the disk.
	// From then on the rest of the state folder is worth nothing, and whoever
	// opens the state folder next carries on where Clear was cut short.
	clearingName = "clearing"
	usersName    = "users"
	lockName     = "lock"
)

// SetAside gathers what must outlive the product in one folder of the state
// folder: for each user with unpublished saves their content (hard links where
// the disk has them) and the ledger of it, without tokens, licences and
// everything else; and a list that people can read. Of a user whose database
// cannot be read, the database stays as it is, with all the content. A state
// folder that holds nothing but this is what a service installed later carries
// on from. It gives the saves, with the names that their content has after
// Clear.
//
// No service may use the state folder. What an earlier call has gathered is
// replaced.
func SetAside(ctx context.Context, path string) ([]Unpublished, error) {
	return setAside(ctx, path, unheard)
}

func setAside(ctx context.Context, path string, step func(string)) (all []Unpublished, err error) {
	state, err := existingState(path, step)
	if state == nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, state.close()) }()
	if all, err = state.gather(ctx); err != nil {
		return nil, err
	}
	aside := state.in(asideName)
	if err := os.RemoveAll(aside); err != nil || len(all) == 0 {
		return nil, err
	}
	step("replace what was set aside")
	if err := os.Rename(state.in(gatherName), aside); err != nil {
		return nil, err
	}
	return all, durable.SyncDir(state.path)
}

// Clear deletes a state folder, but for the unpublished saves; everything also
// with everything. It gives what it has kept. No service may use the folder.
// Whatever cuts it short, a power cut included, each unpublished save is whole
// in one of two places, and the next who opens the state folder finds it.
func Clear(ctx context.Context, path string, everything bool) ([]Unpublished, error) {
	return clearState(ctx, path, everything, unheard)
}

func clearState(ctx context.Context, path string, everything bool, step func(string)) (kept []Unpublished, err error) {
	state, err := existingState(path, step)
	if state == nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, state.close()) }()
	if !everything {
		if kept, err = state.gather(ctx); err != nil {
			return nil, err
		}
	}
	if len(kept) == 0 {
		return nil, state.vanish()
	}
	step("commit")
	if err := os.Rename(state.in(gatherName), state.in(clearingName)); err != nil {
		return nil, err
	}
	if err := errors.Join(durable.SyncDir(state.path), state.finishClear()); err != nil {
		return nil, err
	}
	return kept, state.unlock()
}

// unheard hears the steps of a state folder for those who do not ask.
func unheard(string) {}

func (s *stateDir) in(name string) string { return filepath.Join(s.path, name) }

// gather puts what must be kept into the folder gatherName, and makes sure
// that all of it is on the disk.
func (s *stateDir) gather(ctx context.Context) ([]Unpublished, error) {
	all, err := s.unpublished(ctx)
	to := s.in(gatherName)
	if err = errors.Join(err, os.RemoveAll(to)); err != nil || len(all) == 0 {
		return nil, err
	}
	if err := os.Mkdir(to, 0o700); err != nil {
		return nil, err
	}
	for _, of := range byUser(all) {
		if err := s.keep(ctx, to, of); err != nil {
			return nil, fmt.Errorf("keep the work of %s: %w", of[0].User, err)
		}
	}
	if err := writeList(filepath.Join(to, asideList), all); err != nil {
		return nil, err
	}
	s.step("flush")
	return all, durable.SyncTree(to)
}

// finishClear makes what Clear has gathered the whole of the state folder, but
// for the lock. It does nothing where Clear was not at work, and carries on
// where it was cut short: as long as the users are still in the folder
// clearingName, nothing beside it counts.
func (s *stateDir) finishClear() error {
	from := s.in(clearingName)
	if _, err := os.Lstat(from); err != nil {
		return errors.Join(ifThere(err), os.RemoveAll(s.in(gatherName)))
	}
	if _, err := os.Lstat(filepath.Join(from, usersName)); err == nil {
		if err := s.remove(clearingName, lockName); err != nil {
			return err
		}
		s.step("move users")
		if err := os.Rename(filepath.Join(from, usersName), s.in(usersName)); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.step("move list")
	err := ifThere(os.Rename(filepath.Join(from, asideList), s.in(asideList)))
	if err = errors.Join(err, durable.SyncDir(s.path)); err != nil {
		return err
	}
	s.step("remove the empty folder")
	return errors.Join(os.Remove(from), durable.SyncDir(s.path))
}

// remove deletes what is in the state folder but what is named. The users go
// last: without them it is not known for a state folder.
func (s *stateDir) remove(but ...string) error {
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if e.Name() != usersName {
			names = append(names, e.Name())
		}
	}
	for _, name := range append(names, usersName) {
		if slices.Contains(but, name) {
			continue
		}
		s.step("remove " + name)
		if err := os.RemoveAll(s.in(name)); err != nil {
			return err
		}
	}
	return nil
}

// vanish deletes the state folder, to which nobody else may come meanwhile.
func (s *stateDir) vanish() error {
	if err := s.remove(lockName); err != nil {
		return err
	}
	s.step("remove the lock")
	return errors.Join(s.unlock(), os.Remove(s.path))
}

// unlock lets go of the state folder and deletes the lock. Where the system
// lets it, the name goes first: nobody can take a lock that is about to go.
func (s *stateDir) unlock() error {
	if os.Remove(s.in(lockName)) == nil {
		return s.close()
	}
	return errors.Join(s.close(), ifThere(os.Remove(s.in(lockName))))
}

// ifThere lets pass that something is not there.
func ifThere(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
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
	if u.Unreadable != "" {
		return fmt.Sprintf("everything of %s: the list of the saves cannot be read, so all of them are kept, published or not (%s)\n  content: %s\n",
			u.User, u.Unreadable, u.Content)
	}
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
