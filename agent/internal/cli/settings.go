package cli

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/policy"
	"iscdesk.dev/agent/workspace"
)

// setting is one thing that a user sets for himself.
type setting struct {
	name string // as in the JSON of api.Settings
	text string // key of what it is for
	show func(c *cli, s api.Settings) string
	// change reads a value; a usage error says what is wrong with it.
	change func(cmd *cobra.Command, value string, to *api.SettingsChange, now api.Settings) error
}

// settingRows is the table of all settings, in the order in which people read it.
func settingRows() []setting {
	rows := []setting{
		{
			"language", "settings.language", func(_ *cli, s api.Settings) string { return s.Language },
			func(_ *cobra.Command, v string, to *api.SettingsChange, _ api.Settings) error {
				to.Language = &v
				return nil
			},
		},
		{
			"theme", "settings.theme", func(_ *cli, s api.Settings) string { return s.Theme },
			func(_ *cobra.Command, v string, to *api.SettingsChange, _ api.Settings) error {
				to.Theme = &v
				return nil
			},
		},
		{"workspace", "settings.workspace", (*cli).showWorkspace, changeWorkspace},
		rateRow("uploadRate", "settings.upload_rate", func(s api.Settings) int64 { return s.UploadRate }, func(to *api.SettingsChange, n int64) { to.UploadRate = &n }),
		rateRow("downloadRate", "settings.download_rate", func(s api.Settings) int64 { return s.DownloadRate }, func(to *api.SettingsChange, n int64) { to.DownloadRate = &n }),
		{
			"startAtLogin", "settings.start_at_login", func(c *cli, s api.Settings) string { return c.onOff(s.StartAtLogin) },
			func(cmd *cobra.Command, v string, to *api.SettingsChange, _ api.Settings) error {
				on, err := parseOnOff(cmd, v)
				to.StartAtLogin = &on
				return err
			},
		},
	}
	for _, n := range []struct {
		name, text string
		at         func(*api.Notify) *bool
	}{
		{"notify.published", "settings.notify.published", func(n *api.Notify) *bool { return &n.Published }},
		{"notify.trouble", "settings.notify.trouble", func(n *api.Notify) *bool { return &n.Trouble }},
		{"notify.licenses", "settings.notify.licenses", func(n *api.Notify) *bool { return &n.Licenses }},
		{"notify.applications", "settings.notify.applications", func(n *api.Notify) *bool { return &n.Applications }},
		{"notify.solves", "settings.notify.solves", func(n *api.Notify) *bool { return &n.Solves }},
	} {
		rows = append(rows, setting{
			n.name, n.text, func(c *cli, s api.Settings) string { return c.onOff(*n.at(&s.Notify)) },
			func(cmd *cobra.Command, v string, to *api.SettingsChange, now api.Settings) error {
				on, err := parseOnOff(cmd, v)
				*n.at(&now.Notify) = on
				to.Notify = &now.Notify
				return err
			},
		})
	}
	return rows
}

func rateRow(name, text string, get func(api.Settings) int64, put func(*api.SettingsChange, int64)) setting {
	return setting{
		name, text,
		func(c *cli, s api.Settings) string {
			if get(s) == 0 {
				return c.term.text("settings.unlimited")
			}
			return c.term.size(get(s)) + "/s"
		},
		func(cmd *cobra.Command, v string, to *api.SettingsChange, _ api.Settings) error {
			n, ok := parseRate(v)
			if !ok {
				return wrong(cmd, "usage.rate", "value", v)
			}
			put(to, n)
			return nil
		},
	}
}

// parseRate reads bytes per second, or a rate as policies spell it.
func parseRate(v string) (int64, bool) {
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		return n, true
	}
	if strings.EqualFold(v, "unlimited") {
		return 0, true
	}
	return policy.ParseRate(v)
}

func (c *cli) showWorkspace(s api.Settings) string {
	if s.Workspace != "" {
		return s.Workspace
	}
	usual, err := workspace.Root()
	if err != nil {
		return "-"
	}
	return c.term.text("settings.usual", "path", usual)
}

// changeWorkspace tries the folder with the user's rights before it is set.
// The service only keeps its name.
func changeWorkspace(_ *cobra.Command, v string, to *api.SettingsChange, _ api.Settings) error {
	if v != "" && v != "default" {
		full, err := workspace.UsableFolder(v)
		if err != nil {
			return err
		}
		to.Workspace = &full
		return nil
	}
	to.Workspace = new(string)
	return nil
}

func (c *cli) onOff(on bool) string {
	if on {
		return c.term.text("settings.on")
	}
	return c.term.text("settings.off")
}

func parseOnOff(cmd *cobra.Command, v string) (bool, error) {
	switch strings.ToLower(v) {
	case "on", "true", "yes", "1":
		return true, nil
	case "off", "false", "no", "0":
		return false, nil
	}
	return false, wrong(cmd, "usage.choice", "argument", v, "choices", "on, off")
}

func (c *cli) settingsCommand() *cobra.Command {
	show := func(cmd *cobra.Command, _ []string) error {
		s, err := c.service().Settings(cmd.Context())
		if err != nil {
			return err
		}
		c.saySettings(s)
		return c.term.emit(s)
	}
	cmd := c.command("settings", "settings", between(0, 0), show)
	cmd.AddCommand(c.command("show", "settings.show", between(0, 0), show), c.settingsSetCommand())
	return cmd
}

func (c *cli) saySettings(s api.Settings) {
	rows := make([][]string, 0, len(settingRows()))
	for _, row := range settingRows() {
		note := ""
		for _, lock := range s.Locked {
			if lock.Setting == row.name {
				note = c.term.text("settings.locked", "where", lock.Where)
			}
		}
		rows = append(rows, []string{row.name, c.term.text(row.text), row.show(c, s), note})
	}
	c.term.table([]string{"column.setting", "column.meaning", "column.value", "column.note"}, rows)
}

func (c *cli) settingsSetCommand() *cobra.Command {
	cmd := c.command("set KEY VALUE", "settings.set", between(2, 2), func(cmd *cobra.Command, args []string) error {
		row, ok := findSetting(args[0])
		if !ok {
			return wrong(cmd, "usage.choice", "argument", args[0], "choices", strings.Join(settingNames(), ", "))
		}
		now, err := c.service().Settings(cmd.Context())
		if err != nil {
			return err
		}
		var change api.SettingsChange
		if err := row.change(cmd, args[1], &change, now); err != nil {
			return err
		}
		if now, err = c.service().ChangeSettings(cmd.Context(), change); err != nil {
			return err
		}
		c.term.say("settings.done", "setting", row.name, "value", row.show(c, now))
		return c.term.emit(now)
	})
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return settingNames(), cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveDefault
	}
	return cmd
}

// findSetting finds a setting whichever case and hyphens its name is typed in.
func findSetting(typed string) (setting, bool) {
	plain := strings.NewReplacer("-", "", "_", "")
	for _, row := range settingRows() {
		if strings.EqualFold(row.name, plain.Replace(typed)) {
			return row, true
		}
	}
	return setting{}, false
}

func settingNames() (names []string) {
	for _, row := range settingRows() {
		names = append(names, row.name)
	}
	return names
}

// languageLimit bounds how long a command waits for the service to say in which
// language its user wants to be spoken to.
const languageLimit = 300 * time.Millisecond

// chosenLanguage is the language that the user has set, empty: none, or the
// service does not say at once. Commands that need no service do not ask it.
func chosenLanguage(ctx context.Context, env Env, args []string) string {
	for _, arg := range args {
		switch arg {
		case "version", "completion", "manpage":
			return ""
		}
	}
	ctx, cancel := context.WithTimeout(ctx, languageLimit)
	defer cancel()
	s, err := env.Connect(flagValue(args, "socket")).Settings(ctx)
	if err != nil || s.Language == api.LanguageAuto {
		return ""
	}
	return s.Language
}
