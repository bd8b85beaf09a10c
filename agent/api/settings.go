package api

// Settings is what a user has chosen for himself. The service keeps it; what
// the administrator has locked stands in Locked and cannot be changed.
type Settings struct {
	// Language is auto, zh-CN or en; Theme is system, light or dark.
	Language string `json:"language"`
	Theme    string `json:"theme"`
	// AutoLanguage is the language that auto means on this machine, as the
	// administrator has set it without locking it; empty: that of the session.
	AutoLanguage string `json:"autoLanguage,omitempty"`
	// Notify names the kinds of desktop notification that he wants.
	Notify Notify `json:"notify"`
	// StartAtLogin tells whether the tray app starts with his session.
	StartAtLogin bool `json:"startAtLogin"`
	// Workspace is the folder on his disk into which documents are opened;
	// empty: the usual one. The service keeps it and never opens it.
	Workspace string `json:"workspace,omitempty"`
	// UploadRate and DownloadRate bound his own traffic, in bytes per second;
	// 0: not beyond what the administrator has set.
	UploadRate   int64 `json:"uploadRate,omitempty"`
	DownloadRate int64 `json:"downloadRate,omitempty"`
	// Locked are the settings that the administrator has fixed, by the name
	// that they bear here in JSON.
	Locked []SettingLock `json:"locked,omitempty"`
}

// The values of Settings.Language and Settings.Theme beside the languages.
const (
	LanguageAuto = "auto"
	ThemeSystem  = "system"
	ThemeLight   = "light"
	ThemeDark    = "dark"
)

// Notify switches the kinds of desktop notification.
type Notify struct {
	Published    bool `json:"published"`
	Trouble      bool `json:"trouble"` // conflicts, what could not be published
	Licenses     bool `json:"licenses"`
	Applications bool `json:"applications"`
	Solves       bool `json:"solves"`
}

// DefaultSettings is what holds for a user who has chosen nothing.
func DefaultSettings() Settings {
	return Settings{
		Language: LanguageAuto, Theme: ThemeSystem, StartAtLogin: true,
		Notify: Notify{Published: false, Trouble: true, Licenses: true, Applications: true, Solves: true},
	}
}

// SettingLock is a setting that the administrator has fixed.
type SettingLock struct {
	Setting string `json:"setting"`
	Value   string `json:"value"`
	// Where is the file and line, or the registry value, that fixes it.
	Where string `json:"where"`
}

// SettingsChange changes what is set in it and leaves the rest. Changing what
// is locked fails with PolicyForbids.
type SettingsChange struct {
	Language     *string `json:"language,omitempty"`
	Theme        *string `json:"theme,omitempty"`
	Notify       *Notify `json:"notify,omitempty"`
	StartAtLogin *bool   `json:"startAtLogin,omitempty"`
	Workspace    *string `json:"workspace,omitempty"`
	UploadRate   *int64  `json:"uploadRate,omitempty"`
	DownloadRate *int64  `json:"downloadRate,omitempty"`
}
