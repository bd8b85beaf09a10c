package documents

// publishFacts is what is known when a version asks to be published.
type publishFacts struct {
	byID        bool // the author names the document, not only a path
	found       bool // the document is there
	folder      bool // the path is a folder
	otherKind   bool // the document is of the other kind
	heldByOther bool // somebody else has it checked out
	current     int  // its newest version
	base        int  // the version that the author started from
	overwrite   bool // the author chose to publish over what is at the path
}

// outcome is what becomes of it.
type outcome int

const (
	// refuseMissing: the document that the author names is not there.
	refuseMissing outcome = iota
	// refuseTaken: the path is a folder.
	refuseTaken
	// create makes the document with its first version.
	create
	// appendVersion makes the next version of the document.
	appendVersion
	// keepBoth makes a document of its own beside the one that is there.
	keepBoth
)

// decidePublish never lets a version take the place of work that its author
// has not seen, except where he said so; and never loses his own.
func decidePublish(f publishFacts) outcome {
	switch {
	case f.byID && !f.found:
		return refuseMissing
	case f.folder:
		return refuseTaken
	case !f.found:
		return create
	case f.otherKind, f.heldByOther:
		return keepBoth
	case !f.byID && f.overwrite, f.base == f.current:
		return appendVersion
	default:
		return keepBoth
	}
}
