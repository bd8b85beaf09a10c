package settings

import (
	"cmp"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/desk"
	"iscdesk.dev/gui/i18n"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/mend"
	"iscdesk.dev/gui/view/signin"
)

// View is the room as it is now.
func (r *Room) View() View {
	s, w := r.env.Desk.Snapshot(), r.env.Words()
	v := View{Title: w.T("settings.title")}
	if s.Link != desk.Connected {
		v.Notice = w.T("settings.away")
	}
	login := signin.View{Stage: signin.Idle}
	if r.hand.SignIn != nil {
		login = r.hand.SignIn.View()
	}
	v.Login = login
	r.mu.Lock()
	defer r.mu.Unlock()
	v.Chosen = r.chosen
	p := painter{room: r, words: w, now: r.wantedLocked()}
	v.Sections = []Section{
		p.account(s.State.Account, login), p.appearance(), p.notifications(), p.documents(), p.network(), p.administrator(),
	}
	return v
}

// painter words the settings. The room's lock is held.
type painter struct {
	room  *Room
	words *i18n.Words
	now   api.Settings
}

func (p painter) t(key string, pairs ...any) string { return p.words.T("settings."+key, pairs...) }

func (p painter) section(name string, items ...Item) Section {
	s := Section{Name: name, Title: p.t("section." + name), Items: items}
	if p.words.Has("settings.section." + name + ".text") {
		s.Text = p.t("section." + name + ".text")
	}
	return s
}

// item words one setting with what locks it and what came of the last change.
func (p painter) item(key string, kind Kind) Item {
	it := Item{Key: key, Kind: kind, Title: p.t("item." + key)}
	if p.words.Has("settings.item." + key + ".hint") {
		it.Hint = p.t("item." + key + ".hint")
	}
	for _, lock := range p.now.Locked {
		if lock.Setting == key {
			it.Locked = p.t("locked", "where", lock.Where)
			if lock.Value != "" {
				it.Locked = p.t("locked.value", "where", lock.Where, "value", lock.Value)
			}
		}
	}
	c, busy := p.room.pending[key]
	it.Busy = busy && !c.done
	if err := p.room.refused[key]; err != nil {
		it.Error = p.words.Error(err)
		if (key == keyUpload || key == keyDownload) && api.AsError(err).Params["argument"] == "rate" {
			it.Error = p.t("rate.wrong")
		}
	}
	return it
}

func (p painter) choice(key, value string, options ...string) Item {
	it := p.item(key, Choice)
	it.Value = value
	for _, o := range options {
		it.Choices = append(it.Choices, Option{o, p.t("item." + key + "." + o)})
	}
	return it
}

func (p painter) flag(key string, on bool) Item {
	it := p.item(key, Switch)
	it.On = on
	return it
}

func (p painter) appearance() Section {
	return p.section(SectionAppearance,
		p.choice(keyLanguage, p.now.Language, api.LanguageAuto, string(api.Chinese), string(api.English)),
		p.choice(keyTheme, p.now.Theme, api.ThemeSystem, api.ThemeLight, api.ThemeDark),
		p.flag(keyStart, p.now.StartAtLogin),
	)
}

func (p painter) notifications() Section {
	s := p.section(SectionNotifications)
	on := switches(&p.now.Notify)
	for _, key := range []string{keyPublished, keyTrouble, keyLicenses, keyApplications, keySolves} {
		s.Items = append(s.Items, p.flag(key, *on[key]))
	}
	return s
}

func (p painter) documents() Section {
	folder := p.item(keyWorkspace, Folder)
	folder.Value = p.now.Workspace
	usual, _ := p.room.config.Usual() // shown as a hint only
	folder.Empty = usual
	room := p.room
	if folder.Locked == "" {
		folder.Actions = append(folder.Actions, view.Action{Name: "choose", Label: p.t("choose"), Do: func() {
			room.env.Local.ChooseFolder(room.env.Words().T("settings.item.workspace"), func(path string) {
				if path != "" {
					room.Set(keyWorkspace, path)
				}
			})
		}})
		if p.now.Workspace != "" {
			folder.Actions = append(folder.Actions, view.Action{Name: "usual", Label: p.t("usual"), Do: func() { room.Set(keyWorkspace, "") }})
		}
	}
	if at := cmp.Or(p.now.Workspace, usual); at != "" {
		folder.Actions = append(folder.Actions, view.Action{Name: "open", Label: p.t("open"), Do: func() { room.env.Local.Open(at) }})
	}
	return p.section(SectionDocuments, folder)
}

func (p painter) network() Section {
	upload, download := p.item(keyUpload, Text), p.item(keyDownload, Text)
	upload.Value, download.Value = FormatRate(p.now.UploadRate), FormatRate(p.now.DownloadRate)
	upload.Empty, download.Empty = p.t("rate.empty"), p.t("rate.empty")
	return p.section(SectionNetwork, upload, download)
}

func (p painter) account(a api.Account, login signin.View) Section {
	s := p.section(SectionAccount)
	add := func(key, value string) {
		if value != "" {
			s.Fields = append(s.Fields, view.Field{Label: p.t("account." + key), Value: value})
		}
	}
	add("marketplace", a.Marketplace)
	flow := p.room.hand.SignIn
	if a.State == api.AccountSignedIn {
		add("name", cmp.Or(a.Name, a.UserName))
		if a.Name != "" {
			add("user", a.UserName)
		}
		add("tenant", cmp.Or(a.TenantName, a.Tenant))
		if flow != nil && login.Stage == signin.Idle {
			s.Actions = append(s.Actions, view.Action{
				Name: "sign_out", Label: p.t("account.sign_out"), Do: flow.SignOut, Confirm: p.t("account.sign_out.confirm"),
			})
		}
	} else {
		s.Text = p.t("account.signed_out")
		if flow != nil && login.Stage == signin.Idle {
			s.Actions = append(
				s.Actions,
				view.Action{Name: "sign_in", Label: p.t("account.sign_in"), Do: flow.Begin, Primary: true},
				view.Action{Name: "sign_in_code", Label: p.t("account.sign_in_code"), Do: flow.BeginCode},
			)
		}
	}
	if address := a.Marketplace; address != "" {
		s.Actions = append(s.Actions, view.Action{Name: "browse", Label: p.t("account.browse"), Do: func() { p.room.env.Local.Browse(address) }})
	}
	return s
}

// administrator shows what the machine's settings are, where each comes from,
// and what is wrong with them.
func (p painter) administrator() Section {
	s := p.section(SectionAdministrator)
	if !p.room.known {
		s.Text = p.t("policy.loading")
		return s
	}
	policy := p.room.policy
	for _, problem := range policy.Problems {
		it := Item{Key: "problem", Kind: Fixed, Title: p.t("policy.problem"), Error: p.words.Error(problem)}
		if a, ok := p.room.hand.Action(problem, mend.Subject{}); ok && a.Name != string(mend.Administrator) {
			it.Actions = append(it.Actions, a)
		}
		s.Items = append(s.Items, it)
	}
	for _, setting := range policy.Settings {
		title := cmp.Or(setting.Title.In(p.words.Language()), setting.Key)
		it := Item{Key: setting.Key, Kind: Fixed, Title: title, Hint: setting.Help.In(p.words.Language())}
		it.Value = cmp.Or(setting.Value, p.t("policy.unset"))
		from := p.t("policy.from." + string(setting.Source))
		if !p.words.Has("settings.policy.from." + string(setting.Source)) {
			from = string(setting.Source)
		}
		if setting.Where != "" {
			from = p.t("policy.where", "source", from, "where", setting.Where)
		}
		if setting.Locked {
			it.Locked = p.t("policy.locked", "source", from)
		} else if setting.Source != api.FromDefault {
			it.Hint = strings.TrimSpace(it.Hint + "\n" + p.t("policy.source", "source", from))
		}
		for _, problem := range setting.Problems {
			it.Error = p.words.Error(problem)
		}
		s.Items = append(s.Items, it)
	}
	for _, place := range policy.Places {
		s.Fields = append(s.Fields, view.Field{Label: p.t("policy.place"), Value: place})
	}
	if policy.Loaded > 0 {
		s.Fields = append(s.Fields, view.Field{Label: p.t("policy.loaded"), Value: p.words.Time(policy.Loaded)})
	}
	return s
}
