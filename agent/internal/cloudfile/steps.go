package cloudfile

// The steps of a save at which Config.Steps is called, in their order. A test
// that ends the process in any of them finds the content again.
const (
	StepBeforeStage   = "before stage"   // all content has come; nothing is fsynced
	StepAfterFsync    = "after fsync"    // the content is on the disk; nothing is recorded
	StepRecorded      = "recorded"       // this is 'saved'; nobody has been told
	StepCut           = "cut"            // the chunks are known; nobody has kept them
	StepMidUpload     = "mid upload"     // a pack has been sent
	StepBeforePublish = "before publish" // the marketplace has all chunks
	StepAfterPublish  = "after publish"  // the version exists; the ledger does not know
	StepAnswered      = "answered"       // the user's choice in a conflict is kept; the marketplace has not been asked
	StepResolved      = "resolved"       // the marketplace has done it; the ledger does not know
	StepBeforeEvent   = "before event"   // the ledger knows, the staged content is deleted; nobody has been told
)

func (e *Engine) step(name string) {
	if e.cfg.Steps != nil {
		e.cfg.Steps(name)
	}
}
