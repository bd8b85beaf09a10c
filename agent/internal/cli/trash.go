package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
)

func (c *cli) trashCommand() *cobra.Command {
	cmd := c.command("trash [PATH]", "files.trash", between(0, 1), func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return c.showTrash(cmd.Context())
		}
		t, err := c.service().Trash(cmd.Context(), folderPath(args[0]))
		if err != nil {
			return err
		}
		c.term.say("files.trashed", "path", t.Path, "id", t.ID)
		return c.term.emit(t)
	})
	cmd.ValidArgsFunction = c.completeCloud(anyEntry)
	return cmd
}

func (c *cli) showTrash(ctx context.Context) error {
	list, err := c.service().Trashed(ctx, "/")
	if err != nil {
		return err
	}
	var rows [][]string
	for _, t := range list.Documents {
		rows = append(rows, []string{t.Path, versionColumn(t.Version), c.term.size(t.Size), t.By, c.term.when(t.Time), t.ID})
	}
	if len(rows) == 0 {
		c.term.say("files.empty")
	} else {
		c.term.table([]string{"column.document", "column.version", "column.size", "column.by", "column.aside", "column.id"}, rows)
	}
	if list.More {
		c.term.note("files.more")
	}
	list.Documents = listOf(list.Documents)
	return c.term.emit(list)
}

func (c *cli) untrashCommand() *cobra.Command {
	return c.command("untrash ID|PATH [PATH]", "files.untrash", between(1, 2), func(cmd *cobra.Command, args []string) error {
		in := api.Untrash{ID: args[0]}
		if len(args) > 1 {
			in.Path = folderPath(args[1])
		}
		if strings.HasPrefix(args[0], "/") {
			t, err := c.trashedAt(cmd.Context(), folderPath(args[0]))
			if err != nil {
				return err
			}
			in.ID = t.ID
		}
		entry, err := c.service().Untrash(cmd.Context(), in)
		if err != nil {
			return err
		}
		c.term.say("files.untrashed", "path", entry.Path)
		return c.term.emit(entry)
	})
}

// trashedAt finds what lay at a path; of several, what was set aside last.
func (c *cli) trashedAt(ctx context.Context, where string) (api.TrashedDocument, error) {
	list, err := c.service().Trashed(ctx, "/")
	if err != nil {
		return api.TrashedDocument{}, err
	}
	for _, t := range list.Documents {
		if t.Path == where {
			return t, nil
		}
	}
	return api.TrashedDocument{}, api.Fail(api.NotFound, "what", where)
}
