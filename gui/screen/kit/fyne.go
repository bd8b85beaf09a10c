package kit

import (
	"encoding/json"

	"fyne.io/fyne/v2/lang"

	"iscdesk.dev/gui/i18n"
)

// SpeakFyne has Fyne's own widgets (menus of entries, dialogs for files) speak
// the language too: Fyne would take that of the system for good.
func SpeakFyne(w *i18n.Words) error {
	texts := map[string]string{
		"(Parent)": w.T("fyne.parent"), "Advanced": w.T("fyne.advanced"), "Cancel": w.T("app.cancel"), "Confirm": w.T("fyne.confirm"),
		"Copy": w.T("fyne.copy"), "Create Folder": w.T("fyne.create_folder"), "Cut": w.T("fyne.cut"), "Enter filename": w.T("fyne.enter_filename"),
		"Error": w.T("fyne.error"), "Favourites": w.T("fyne.favourites"), "File": w.T("fyne.file"), "Folder": w.T("fyne.folder"),
		"New Folder": w.T("fyne.new_folder"), "No": w.T("fyne.no"), "OK": w.T("fyne.ok"), "Open": w.T("fyne.open"), "Paste": w.T("fyne.paste"), "Quit": w.T("fyne.quit"),
		"Redo": w.T("fyne.redo"), "Save": w.T("fyne.save"), "Select all": w.T("fyne.select_all"), "Show Hidden Files": w.T("fyne.show_hidden"),
		"Undo": w.T("fyne.undo"), "Yes": w.T("fyne.yes"), "file.name": w.T("fyne.file_name"), "file.parent": w.T("fyne.parent"),
	}
	data, err := json.Marshal(texts)
	if err != nil {
		return err
	}
	return lang.AddTranslationsForLocale(data, lang.SystemLocale())
}
