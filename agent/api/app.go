package api

// App is an application of the catalogue, as it stands on this machine.
type App struct {
	Product   string `json:"product"`
	Name      string `json:"name"`
	Installed string `json:"installed,omitempty"` // version, empty: not installed by iscdesk
	Latest    string `json:"latest"`
	Forced    bool   `json:"forced,omitempty"`
	Trial     bool   `json:"trial,omitempty"`
	// State is absent, offered, downloading, waiting_for_exit, installing,
	// installed or broken.
	State string `json:"state"`
	// Offered is the version that the user is asked about and has not answered
	// yet (RouteAppAnswer); empty: no question waits.
	Offered string `json:"offered,omitempty"`
	// Notes are the vendor's own words on that version, else on Latest.
	Notes  string `json:"notes,omitempty"`
	Reason *Error `json:"reason,omitempty"`
	// Log is the end of what the vendor's scripts wrote, and LogPath the file
	// with all of it, which is the user's own.
	Log     string `json:"log,omitempty"`
	LogPath string `json:"logPath,omitempty"`
	// Done and Total are bytes while State is downloading.
	Done  int64 `json:"done,omitempty"`
	Total int64 `json:"total,omitempty"`
	// Folder is where it is installed, and Launch the program in it that starts
	// it, as the vendor's package names it. Whoever shows them starts it with
	// the user's own rights; the service never does.
	Folder string `json:"folder,omitempty"`
	Launch string `json:"launch,omitempty"`
	// TrialURL is the page of the marketplace where a trial is applied for.
	TrialURL string `json:"trialUrl,omitempty"`
	Summary  string `json:"summary,omitempty"`
}

// UpgradeNotice is the data of EventUpgradeNotice.
type UpgradeNotice struct {
	Available bool   `json:"available"`
	Version   string `json:"version,omitempty"`
	Forced    bool   `json:"forced,omitempty"`
	Notes     string `json:"notes,omitempty"`
	Reason    *Error `json:"reason,omitempty"`
}

// UpgradeOrder is the data of EventUpgrade: the user said yes, or the upgrade
// is forced.
type UpgradeOrder struct {
	Version string `json:"version"`
	Forced  bool   `json:"forced"`
}

// UpgradeAnswer is the application's own answer to an upgrade.
type UpgradeAnswer struct {
	Accept bool `json:"accept"`
}

// UserUpgradeAnswer is the user's answer, given through tray or CLI.
type UserUpgradeAnswer struct {
	Product string `json:"product"`
	Accept  bool   `json:"accept"`
}

// InstallProgress is the data of EventInstallProgress.
type InstallProgress struct {
	Product string `json:"product"`
	Version string `json:"version"`
	State   string `json:"state"` // as App.State
	Done    int64  `json:"done"`
	Total   int64  `json:"total"`
	Reason  *Error `json:"reason,omitempty"`
}

// Solve is a solve in the cloud.
type Solve struct {
	ID      string `json:"id"`
	Path    string `json:"path"`  // the model
	State   string `json:"state"` // saved, queued, running, succeeded, failed, cancelled
	Percent int    `json:"percent"`
	// Result is the path of the document that holds the results.
	Result        string `json:"result,omitempty"`
	ResultVersion int    `json:"resultVersion,omitempty"`
	Message       string `json:"message,omitempty"`
	Created       int64  `json:"created"`
	Session       string `json:"session,omitempty"`
	Reason        *Error `json:"reason,omitempty"`
	Tag           string `json:"tag,omitempty"`
}

// SolveRef names a solve.
type SolveRef struct {
	ID string `json:"id"`
}
