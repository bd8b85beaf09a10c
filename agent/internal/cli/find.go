package cli

import (
	"path"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
)

func (c *cli) searchCommand() *cobra.Command {
	cmd := c.command("search TEXT [PATH]", "files.search", between(1, 2), func(cmd *cobra.Command, args []string) error {
		where := "/"
		if len(args) > 1 {
			where = folderPath(args[1])
		}
		found, err := c.service().Search(cmd.Context(), args[0], where)
		if err != nil {
			return err
		}
		if found.Stale {
			c.term.note("files.stale")
		}
		for i := range found.Entries {
			found.Entries[i].Name = found.Entries[i].Path // in a table of many folders
		}
		if len(found.Entries) == 0 {
			c.term.say("files.not_found")
		} else {
			c.term.table([]string{"column.document", "column.version", "column.size", "column.modified", "column.author", "column.state"}, c.entryRows(found.Entries))
		}
		if found.More {
			c.term.note("files.more")
		}
		for i := range found.Entries {
			found.Entries[i].Name = path.Base(found.Entries[i].Path)
		}
		found.Entries = listOf(found.Entries)
		return c.term.emit(found)
	})
	return cmd
}

func (c *cli) recentCommand() *cobra.Command {
	return c.command("recent", "files.recent", between(0, 0), func(cmd *cobra.Command, _ []string) error {
		list, err := c.service().Recent(cmd.Context())
		if err == nil && len(list) == 0 {
			err = c.needSignIn(cmd.Context())
		}
		if err != nil {
			return err
		}
		var rows [][]string
		for _, r := range list {
			rows = append(rows, []string{r.Path, versionColumn(r.Version), c.term.when(r.Used), r.LocalPath})
		}
		if len(rows) == 0 {
			c.term.say("files.empty")
		} else {
			c.term.table([]string{"column.document", "column.version", "column.used", "column.file"}, rows)
		}
		return c.term.emit(listOf(list))
	})
}

// pauseCommand makes 'transfers pause' and 'transfers resume'.
func (c *cli) pauseCommand(name, key string, paused bool) *cobra.Command {
	return c.command(name, key, between(0, 0), func(cmd *cobra.Command, _ []string) error {
		if err := c.service().PauseUploads(cmd.Context(), paused); err != nil {
			return err
		}
		if paused {
			c.term.say("transfers.paused")
		} else {
			c.term.say("transfers.resumed")
		}
		return c.term.emit(api.Uploads{Paused: paused})
	})
}
