package view

import "image"

// Icon names a drawing in assets/icons.
type Icon string

// The icons.
const (
	IconNone         Icon = ""
	IconHome         Icon = "home"
	IconDocuments    Icon = "documents"
	IconLicenses     Icon = "licenses"
	IconApplications Icon = "applications"
	IconSolves       Icon = "solves"
	IconMessages     Icon = "messages"
	IconSettings     Icon = "settings"
	IconAbout        Icon = "about"

	IconFolder     Icon = "folder"
	IconSpace      Icon = "space"
	IconFile       Icon = "file"
	IconPart       Icon = "part"
	IconAssembly   Icon = "assembly"
	IconDrawing    Icon = "drawing"
	IconMesh       Icon = "mesh"
	IconResult     Icon = "result"
	IconArchive    Icon = "archive"
	IconPicture    Icon = "picture"
	IconText       Icon = "text"
	IconPerson     Icon = "person"
	IconComputer   Icon = "computer"
	IconClock      Icon = "clock"
	IconLock       Icon = "lock"
	IconCheckedOut Icon = "checkedout"
	IconConflict   Icon = "conflict"
	IconCloud      Icon = "cloud"
	IconCloudOff   Icon = "cloudoff"

	IconQuiet     Icon = "quiet"
	IconGood      Icon = "good"
	IconBusy      Icon = "busy"
	IconAttention Icon = "attention"
	IconTrouble   Icon = "trouble"

	IconOpen     Icon = "open"
	IconUpload   Icon = "upload"
	IconDownload Icon = "download"
	IconPause    Icon = "pause"
	IconResume   Icon = "resume"
	IconRefresh  Icon = "refresh"
	IconSearch   Icon = "search"
	IconClose    Icon = "close"
	IconBack     Icon = "back"
	IconForward  Icon = "forward"
	IconUp       Icon = "up"
	IconDown     Icon = "down"
	IconMore     Icon = "more"
	IconAdd      Icon = "add"
	IconRemove   Icon = "remove"
	IconCopy     Icon = "copy"
	IconHistory  Icon = "history"
	IconSignIn   Icon = "signin"
	IconSignOut  Icon = "signout"
	IconPlay     Icon = "play"
	IconStop     Icon = "stop"
)

// Icon is how a tone is drawn.
func (t Tone) Icon() Icon {
	switch t {
	case Good:
		return IconGood
	case Busy:
		return IconBusy
	case Attention:
		return IconAttention
	case Trouble:
		return IconTrouble
	}
	return IconQuiet
}

// Row is a line of a list, fully worded.
type Row struct {
	// ID is stable while rows come and go: the selection follows it.
	ID   string
	Icon Icon
	// Image stands in the place of the icon; nil: none. It is drawn, never
	// decoded, on the UI thread.
	Image image.Image
	Title string
	// Detail stands below the title, smaller.
	Detail string
	// Cells stand right of the title, one for each column of the list.
	Cells []string
	// Status says in words what Tone says by colour; empty: nothing to say.
	Status string
	Tone   Tone
	// Progress is drawn while Running: the share that is done, 0 to 1.
	Progress float64
	Running  bool
	// Actions are buttons at the end of the row, and entries of its menu.
	Actions []Action
	// Menu are entries of its menu alone.
	Menu []Action
	// Depth, Branch and Expanded make a tree of a list: how deep it lies,
	// whether it can be expanded, and whether it is.
	Depth            int
	Branch, Expanded bool
	// Fresh marks what has not been read yet.
	Fresh bool
}

// Field is a named value.
type Field struct {
	Label, Value string
	// Tone colours the value; Quiet: not at all.
	Tone Tone
}

// Empty is what stands where a list has nothing to show: what belongs there,
// and how it gets there.
type Empty struct {
	Icon   Icon
	Title  string
	Text   string
	Action *Action
}

// Segment is one of a few parts of a room, of which one is shown.
type Segment struct {
	Name  string
	Label string
	Badge int // 0: none
}

// Banner is a quiet line above everything else; the zero value: none.
type Banner struct {
	Tone   Tone
	Text   string
	Action *Action
}
