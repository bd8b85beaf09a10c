package api

// DocumentKind tells a single file from an assembly.
type DocumentKind string

// The kinds of document.
const (
	Single   DocumentKind = "single"
	Assembly DocumentKind = "assembly"
)

// OpenType and WorkState are spelt as the events spell them.
const (
	OpenOnly        = "OpenOnly"
	OpenAndCheckout = "OpenAndCheckout"
	CheckedIn       = "CHECKIN"
	CheckedOut      = "CHECKOUT"
)

// Entry is a folder or a document in a listing. Path is absolute in the
// cloud: /<space>/<folder>/…/<name>, with forward slashes.
type Entry struct {
	Path     string       `json:"path"`
	Name     string       `json:"name"`
	Folder   bool         `json:"folder"`
	ID       string       `json:"id,omitempty"`
	Kind     DocumentKind `json:"kind,omitempty"`
	Version  int          `json:"version,omitempty"`
	Size     int64        `json:"size,omitempty"`
	Modified int64        `json:"modified,omitempty"` // Unix seconds
	Author   string       `json:"author,omitempty"`
	// CheckedOutBy is the name of who has it checked out; Mine tells whether
	// that is the user who asks.
	CheckedOutBy string `json:"checkedOutBy,omitempty"`
	Mine         bool   `json:"mine,omitempty"`
	// Pending tells that this machine holds saves of it that are not published.
	Pending bool `json:"pending,omitempty"`
}

// Listing is the content of a folder.
type Listing struct {
	Path    string  `json:"path"`
	Entries []Entry `json:"entries"`
	// Stale tells that the marketplace cannot be reached and the listing is
	// what was known last.
	Stale bool `json:"stale,omitempty"`
	// More tells that a search found more than it lists.
	More bool `json:"more,omitempty"`
}

// TrashedDocument is a document that was set aside: out of its folder, with all
// its versions. Nothing is ever deleted from there, and it can be taken back.
type TrashedDocument struct {
	ID      string       `json:"id"`
	Path    string       `json:"path"` // where it lay
	Name    string       `json:"name"`
	Kind    DocumentKind `json:"kind"`
	Version int          `json:"version"`
	Size    int64        `json:"size"`
	Author  string       `json:"author,omitempty"`
	By      string       `json:"by"`   // who set it aside
	Time    int64        `json:"time"` // when, Unix seconds
}

// Trashed are the documents that were set aside, the latest first.
type Trashed struct {
	Documents []TrashedDocument `json:"documents"`
	// More tells that there are more than are listed.
	More bool `json:"more,omitempty"`
}

// Untrash takes a document back. Path is where to (empty: where it lay), which
// must be free.
type Untrash struct {
	ID   string `json:"id"`
	Path string `json:"path,omitempty"`
}

// Recent is a document that this user has opened or saved on this machine.
type Recent struct {
	Path      string       `json:"path"`
	Name      string       `json:"name"`
	Kind      DocumentKind `json:"kind"`
	Version   int          `json:"version,omitempty"`
	LocalPath string       `json:"localPath,omitempty"` // where it was opened to or saved from
	Product   string       `json:"product,omitempty"`   // the application that it was picked for or saved by
	Used      int64        `json:"used"`                // Unix seconds
}

// Version is one version in the history of a document.
type Version struct {
	Number    int    `json:"number"`
	Size      int64  `json:"size"`
	Author    string `json:"author"`
	Created   int64  `json:"created"` // Unix seconds
	Comment   string `json:"comment,omitempty"`
	Operation string `json:"operation"` // the idempotency key it was published with
}

// PathRef names a document or folder in the cloud.
type PathRef struct {
	Path string `json:"path"`
}

// RestoreRequest makes version Version of Path the newest again, as a new
// version.
type RestoreRequest struct {
	Path      string `json:"path"`
	Version   int    `json:"version"`
	Operation string `json:"operation"`
}

// PickKind tells what a picker is to choose.
type PickKind string

// The kinds of pick.
const (
	PickOpen   PickKind = "open"
	PickSaveAs PickKind = "save_as"
)

// Pick is an application waiting for its user to choose.
type Pick struct {
	ID      string   `json:"id"`
	Kind    PickKind `json:"kind"`
	Product string   `json:"product"`
	Session string   `json:"session"`
	// SuggestedName is the name of what is saved.
	SuggestedName string       `json:"suggestedName,omitempty"`
	DocumentKind  DocumentKind `json:"documentKind,omitempty"`
	Created       int64        `json:"created"`
}

// PickTicket is the immediate answer of CallDocumentPick.
type PickTicket struct {
	Pick string `json:"pick"`
}

// PickAnswer is the user's choice. Path is a document to open, or where to
// save. Cancelled is an answer too.
type PickAnswer struct {
	Path      string `json:"path,omitempty"`
	Version   int    `json:"version,omitempty"` // 0: the newest
	Checkout  bool   `json:"checkout,omitempty"`
	Overwrite bool   `json:"overwrite,omitempty"`
	Cancelled bool   `json:"cancelled,omitempty"`
}

// Picked is the data of EventDocumentPicked: the session that asked fetches
// the document and writes it into the user's workspace.
type Picked struct {
	Pick      string       `json:"pick"`
	Document  string       `json:"document,omitempty"` // id
	Path      string       `json:"path,omitempty"`
	Kind      DocumentKind `json:"kind,omitempty"`
	Version   int          `json:"version,omitempty"`
	OpenType  string       `json:"openType,omitempty"`
	WorkState string       `json:"workState,omitempty"`
	Reason    *Error       `json:"reason,omitempty"` // set when nothing was opened
}

// FileEntry is one file of a document: its path inside the document, with
// forward slashes, and its size. A single document has exactly one entry.
type FileEntry struct {
	Path       string `json:"path"`
	Size       int64  `json:"size"`
	Executable bool   `json:"executable,omitempty"`
	// Hash is the BLAKE3-256 of the content, hexadecimal; set in fetches.
	Hash string `json:"hash,omitempty"`
}

// OpenedDocument ties a path on the user's disk to what it was opened from.
// The service keeps the path as a key and never opens it.
type OpenedDocument struct {
	LocalPath string       `json:"localPath"`
	Document  string       `json:"document"`
	Path      string       `json:"path"`
	Kind      DocumentKind `json:"kind"`
	Version   int          `json:"version"`
	OpenType  string       `json:"openType"`
	WorkState string       `json:"workState"`
	// Hash identifies the content as it was written (HashEntries), so that a
	// later fetch can tell whether the user has changed it since.
	Hash string `json:"hash,omitempty"`
}

// DocumentLookup asks what a local path was opened from.
type DocumentLookup struct {
	LocalPath string `json:"localPath"`
}

// SaveBegin announces content. LocalPath is a key, not a file the service
// opens. The target follows from it: the document that was opened there, else
// a new one in the user's own space. Path (where not empty) names the target
// itself; SaveAs lets the user pick it.
//
// With Overwrite the document at Path gets a new version whatever it holds by
// then; Base makes that compare-and-set: it is the version that the content
// builds on, and where Path has another by then, both are kept.
type SaveBegin struct {
	Operation string       `json:"operation"` // idempotency key, random
	LocalPath string       `json:"localPath,omitempty"`
	Path      string       `json:"path,omitempty"`
	SaveAs    bool         `json:"saveAs,omitempty"`
	Overwrite bool         `json:"overwrite,omitempty"`
	Base      int          `json:"base,omitempty"`
	Kind      DocumentKind `json:"kind"`
	Name      string       `json:"name"` // base name of the file or folder
	Entries   []FileEntry  `json:"entries"`
	// LocalHash is the HashEntries of what lies at LocalPath, where the content
	// is sent in another form (an assembly as a .zip).
	LocalHash string `json:"localHash,omitempty"`
	Comment   string `json:"comment,omitempty"`
	// Solve asks for a cloud solve of this version once it is published.
	Solve bool   `json:"solve,omitempty"`
	Tag   string `json:"tag,omitempty"`
}

// SaveTicket lets the content flow.
type SaveTicket struct {
	Operation string `json:"operation"`
	// Done tells that this operation was staged before: send no content.
	Done bool `json:"done,omitempty"`
}

// SaveCommit ends the content. Changed names a file whose size or time
// changed while it was read; the save is then refused.
type SaveCommit struct {
	Operation string `json:"operation"`
	Changed   string `json:"changed,omitempty"`
}

// Saved is the answer to CallSaveCommit and the data of EventDocumentSaved:
// the content is fsynced in the agent's staging. Path is empty while the user
// still picks it.
type Saved struct {
	Operation string `json:"operation"`
	Path      string `json:"path,omitempty"`
	Document  string `json:"document,omitempty"`
	Hash      string `json:"hash"` // HashEntries of what was staged
	Size      int64  `json:"size"`
	LocalPath string `json:"localPath,omitempty"`
	Tag       string `json:"tag,omitempty"`
	Solve     string `json:"solve,omitempty"` // local id of the solve asked for
	Reason    *Error `json:"reason,omitempty"`
}

// UploadProgress is the data of EventUploadProgress.
type UploadProgress struct {
	Operation string `json:"operation"`
	Path      string `json:"path"`
	Sent      int64  `json:"sent"`
	Total     int64  `json:"total"`
}

// Published is the data of EventDocumentPublished: the marketplace has the
// version, or it will not have it and Reason says why.
type Published struct {
	Operation string `json:"operation"`
	Path      string `json:"path"`
	Document  string `json:"document,omitempty"`
	Version   int    `json:"version,omitempty"`
	LocalPath string `json:"localPath,omitempty"`
	// ConflictOf is the path of the document that had a newer version; Path is
	// then the copy that keeps this one.
	ConflictOf string `json:"conflictOf,omitempty"`
	Reason     *Error `json:"reason,omitempty"`
	Tag        string `json:"tag,omitempty"`
}

// FetchBegin asks for the content of a document.
type FetchBegin struct {
	Path    string `json:"path"`
	Version int    `json:"version"` // 0: the newest
}

// FetchHeader announces content: the entries' bytes follow one after the
// other as content frames, ended by an empty one or by an error.
type FetchHeader struct {
	Document string       `json:"document,omitempty"`
	Path     string       `json:"path,omitempty"`
	Kind     DocumentKind `json:"kind,omitempty"`
	Version  int          `json:"version,omitempty"`
	Entries  []FileEntry  `json:"entries"`
	// Workspace is the folder that the user has set for the documents that he
	// opens; empty: the usual one.
	Workspace string `json:"workspace,omitempty"`
}

// Transfer is one row of the ledger of what is saved and not yet published.
type Transfer struct {
	Operation string `json:"operation"`
	Path      string `json:"path"`
	State     string `json:"state"` // picking, waiting, uploading, failed
	Sent      int64  `json:"sent"`
	Total     int64  `json:"total"`
	// RetryAt is when the next attempt is due, Unix seconds; 0: now, or when the
	// user asks for it where State is failed.
	RetryAt int64  `json:"retryAt,omitempty"`
	Created int64  `json:"created"`
	Reason  *Error `json:"reason,omitempty"`
}

// Redirect is another place for a save that is not published yet.
type Redirect struct {
	Path string `json:"path"`
	// Overwrite publishes a version of the document that is there already.
	Overwrite bool `json:"overwrite,omitempty"`
}

// Uploads is what the user wants of the uploads as a whole.
type Uploads struct {
	// Paused tells that nothing is sent until he says so. Saving goes on.
	Paused bool `json:"paused"`
}

// Conflict is a save that met a newer version of its document: both were kept,
// and the user has not said yet which one he wants.
type Conflict struct {
	ID string `json:"id"` // the operation of the save
	// Path is the document, Theirs the version that was published in front of
	// this user's; Copy is the document that keeps his, as its version Mine.
	Path         string       `json:"path"`
	Theirs       int          `json:"theirs"`
	TheirAuthor  string       `json:"theirAuthor,omitempty"`
	TheirTime    int64        `json:"theirTime,omitempty"` // Unix seconds
	TheirSize    int64        `json:"theirSize,omitempty"`
	Copy         string       `json:"copy"`
	Mine         int          `json:"mine"`
	MineTime     int64        `json:"mineTime"` // when it was saved, Unix seconds
	MineSize     int64        `json:"mineSize"`
	Base         int          `json:"base"` // the version that both build on; 0: none
	Product      string       `json:"product,omitempty"`
	LocalPath    string       `json:"localPath,omitempty"`
	DocumentKind DocumentKind `json:"documentKind"`
}

// Keep is the user's choice in a conflict.
type Keep string

// The choices in a conflict. None of them destroys content: KeepMine publishes
// the copy's content as the newest version of the document, on top of theirs;
// KeepTheirs leaves the document as it is. Both put the copy aside, from where
// the marketplace gives it back. KeepBoth leaves document and copy.
const (
	KeepMine   Keep = "mine"
	KeepTheirs Keep = "theirs"
	KeepBoth   Keep = "both"
)

// ConflictAnswer ends a conflict. Theirs is the version that the user has
// seen: where the document has another by then, KeepMine fails with
// DocumentConflict and the conflict stays, with the new facts.
type ConflictAnswer struct {
	Keep   Keep `json:"keep"`
	Theirs int  `json:"theirs"`
	// Mine is the version of the copy that the user has seen; 0: the one that
	// the service knows. Where somebody has published another by then, KeepMine
	// and KeepTheirs fail with DocumentChanged and the conflict stays, with the
	// new facts.
	Mine int `json:"mine,omitempty"`
}
