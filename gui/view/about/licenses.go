package about

import (
	"cmp"
	"runtime/debug"
	"slices"
	"strings"

	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
)

// licenses lists the libraries that the program was built with, and the font.
func (r *Room) licenses(w *i18n.Words) Licenses {
	l := Licenses{Title: w.T("about.licences"), Text: w.T("about.licences.text")}
	toggle := view.Action{Name: "show", Label: w.T("about.licences.show"), Do: r.ToggleLicenses}
	if r.listed {
		toggle = view.Action{Name: "hide", Label: w.T("about.licences.hide"), Do: r.ToggleLicenses}
	}
	l.Actions = []view.Action{toggle}
	if path := r.config.LicenseTexts; path != "" {
		l.Actions = append(l.Actions, view.Action{Name: "texts", Label: w.T("about.licences.open"), Do: func() { r.env.Local.Open(path) }})
	}
	if !r.listed {
		return l
	}
	info, ok := debug.ReadBuildInfo()
	if ok {
		l.Rows = append(l.Rows, view.Row{ID: "go", Title: "Go", Status: strings.TrimPrefix(info.GoVersion, "go")})
		deps := slices.Clone(info.Deps)
		slices.SortFunc(deps, func(a, b *debug.Module) int { return cmp.Compare(a.Path, b.Path) })
		for _, d := range deps {
			l.Rows = append(l.Rows, view.Row{ID: d.Path, Title: d.Path, Status: d.Version})
		}
	}
	l.Rows = append(l.Rows, view.Row{ID: "font", Title: "Droid Sans Fallback", Status: w.T("about.licences.font")})
	return l
}

// ToggleLicenses shows the list, or hides it.
func (r *Room) ToggleLicenses() {
	r.mu.Lock()
	r.listed = !r.listed
	r.mu.Unlock()
	r.env.Refresh()
}
