package core

import (
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace/entry"
)

// UnknownSpace stands for the user's own space in the path of a save that was
// made before its name was heard; it is filled in before the upload.
const UnknownSpace = "~"

// Bound is what the local path of a save belongs to.
type Bound struct {
	Document  string
	Path      string
	Version   int
	OpenType  string
	WorkState string
	// Pending is the operation of a save of it that is not published.
	Pending string
}

func (b Bound) readOnly() bool {
	return b.OpenType == api.OpenOnly && b.WorkState == api.CheckedIn
}

// Target is where a save goes.
type Target struct {
	Path      string
	Document  string // id; empty: a new document, or whatever is at Path
	Base      int    // 0 with Overwrite: whatever the newest is by then
	Overwrite bool
	Parent    string // the operation that has to be published first
	// Rebind tells that the local path belongs to the target from now on.
	Rebind bool
	// Fresh tells that the path must be free, or Overwrite set.
	Fresh bool
}

// Place decides where a save goes. bound is what its local path belongs to for
// the account that saves (nil: nothing); personal is the name of the account's
// own space (empty: not known yet).
func Place(req api.SaveBegin, bound *Bound, personal string) (Target, error) {
	if personal == "" {
		personal = UnknownSpace
	}
	switch {
	case req.Path != "":
		return placeAt(req, bound)
	case bound == nil && req.Solve:
		return Target{Path: "/" + personal + "/solves/" + req.Name, Overwrite: true}, nil
	case bound == nil:
		return Target{Path: "/" + personal + "/" + req.Name, Overwrite: req.Overwrite, Rebind: true, Fresh: true}, nil
	case bound.readOnly() && req.Solve:
		return Target{Path: "/" + personal + "/solves/" + req.Name, Overwrite: true}, nil
	case bound.readOnly():
		return Target{}, api.Fail(api.DocumentReadOnly, "path", bound.Path)
	}
	return onto(*bound), nil
}

// placeAt decides where a save goes whose path the user chose. A path that is
// the bound document's own is that document.
func placeAt(req api.SaveBegin, bound *Bound) (Target, error) {
	if err := entry.CheckCloudPath(req.Path); err != nil {
		return Target{}, err
	}
	if req.Base < 0 || (req.Base > 0 && !req.Overwrite) {
		return Target{}, api.Fail(api.InvalidArgument, "argument", "base", "reason", "it goes with overwrite")
	}
	chosen := Target{Path: req.Path, Overwrite: req.Overwrite, Base: req.Base, Rebind: true, Fresh: true}
	switch {
	case bound == nil, !strings.EqualFold(bound.Path, req.Path), bound.readOnly() && req.Overwrite:
		return chosen, nil
	case bound.readOnly():
		return Target{}, api.Fail(api.DocumentReadOnly, "path", bound.Path)
	}
	return onto(*bound), nil
}

func onto(b Bound) Target {
	return Target{Path: b.Path, Document: b.Document, Base: b.Version, Parent: b.Pending, Rebind: true}
}

// Remote is what the marketplace says of a path.
type Remote struct {
	Document string // id; empty: the path is free
	Owner    string // name of who has it checked out, if that is another
}

// Admit tells whether a save may go to its target, as far as is known.
// remote is nil while the marketplace cannot be asked: the save is then taken,
// and a clash keeps both versions. pending tells that another save, of another
// local file, is on its way to the same path.
func Admit(t Target, remote *Remote, pending bool) error {
	if t.Fresh && !t.Overwrite && (pending || (remote != nil && remote.Document != "")) {
		return api.Fail(api.Exists, "what", t.Path)
	}
	if remote != nil && remote.Owner != "" {
		return api.Fail(api.DocumentCheckedOut, "path", t.Path, "owner", remote.Owner)
	}
	return nil
}
