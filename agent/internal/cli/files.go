package cli

import (
	"context"
	"errors"
	"path"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
)

func (c *cli) filesCommand() *cobra.Command {
	cmd := group(c.command("files", "files", nil, nil))
	cmd.AddCommand(c.lsCommand(), c.getCommand(), c.putCommand(), c.historyCommand(), c.restoreCommand(),
		c.moveCommand("checkout", Service.CheckOut), c.moveCommand("checkin", Service.CheckIn), c.mkdirCommand(),
		c.searchCommand(), c.recentCommand(), c.trashCommand(), c.untrashCommand())
	return cmd
}

// cloudPath gives a path in the cloud its full form: absolute, without empty
// or dot elements. A final slash, which names a folder, is kept.
func cloudPath(p string) string {
	full := path.Clean("/" + p)
	if strings.HasSuffix(p, "/") && full != "/" {
		full += "/"
	}
	return full
}

func folderPath(p string) string { return path.Clean("/" + p) }

func (c *cli) lsCommand() *cobra.Command {
	cmd := c.command("ls [PATH]", "files.ls", between(0, 1), func(cmd *cobra.Command, args []string) error {
		where := "/"
		if len(args) > 0 {
			where = args[0]
		}
		listing, err := c.list(cmd.Context(), folderPath(where))
		if err != nil {
			return err
		}
		if listing.Stale {
			c.term.note("files.stale")
		}
		if len(listing.Entries) == 0 {
			c.term.say("files.empty")
		} else {
			c.term.table([]string{"column.name", "column.version", "column.size", "column.modified", "column.author", "column.state"}, c.entryRows(listing.Entries))
		}
		listing.Entries = listOf(listing.Entries)
		return c.term.emit(listing)
	})
	cmd.ValidArgsFunction = c.completeCloud(anyEntry)
	return cmd
}

// list lists a folder; the path of a document gives that document alone.
func (c *cli) list(ctx context.Context, where string) (api.Listing, error) {
	service := c.service()
	listing, err := service.List(ctx, where)
	if err == nil || where == "/" || !errors.Is(err, api.NotFound) && !errors.Is(err, api.InvalidArgument) {
		return listing, err
	}
	entry, found, parentErr := c.entry(ctx, where)
	if parentErr != nil || !found {
		return listing, err
	}
	return api.Listing{Path: path.Dir(where), Entries: []api.Entry{entry}}, nil
}

// entry finds one entry by listing its folder.
func (c *cli) entry(ctx context.Context, where string) (e api.Entry, found bool, err error) {
	listing, err := c.service().List(ctx, path.Dir(where))
	if err != nil {
		return api.Entry{}, false, err
	}
	for _, e := range listing.Entries {
		if e.Name == path.Base(where) {
			return e, true, nil
		}
	}
	return api.Entry{}, false, nil
}

func (c *cli) entryRows(entries []api.Entry) (rows [][]string) {
	for _, e := range entries {
		if e.Folder {
			rows = append(rows, []string{e.Name + "/", "", "", c.term.when(e.Modified), "", ""})
			continue
		}
		rows = append(rows, []string{
			e.Name, versionColumn(e.Version), c.term.size(e.Size), c.term.when(e.Modified), e.Author, c.entryState(e),
		})
	}
	return rows
}

func (c *cli) entryState(e api.Entry) string {
	var words []string
	switch {
	case e.Mine:
		words = append(words, c.term.text("files.mine"))
	case e.CheckedOutBy != "":
		words = append(words, c.term.text("files.theirs", "who", e.CheckedOutBy))
	}
	if e.Pending {
		words = append(words, c.term.text("files.pending"))
	}
	return strings.Join(words, ", ")
}

func (c *cli) historyCommand() *cobra.Command {
	cmd := c.command("history PATH", "files.history", between(1, 1), func(cmd *cobra.Command, args []string) error {
		versions, err := c.service().History(cmd.Context(), folderPath(args[0]))
		if err != nil {
			return err
		}
		var rows [][]string
		for _, v := range versions {
			rows = append(rows, []string{versionColumn(v.Number), c.term.size(v.Size), c.term.when(v.Created), v.Author, v.Comment})
		}
		c.term.table([]string{"column.version", "column.size", "column.published", "column.author", "column.comment"}, rows)
		return c.term.emit(listOf(versions))
	})
	cmd.ValidArgsFunction = c.completeCloud(anyEntry)
	return cmd
}

func (c *cli) restoreCommand() *cobra.Command {
	var version int
	cmd := c.command("restore PATH --version N", "files.restore", between(1, 1), func(cmd *cobra.Command, args []string) error {
		if version < 1 {
			return wrong(cmd, "usage.flag_value", "flag", "version", "value", version)
		}
		request := api.RestoreRequest{Path: folderPath(args[0]), Version: version, Operation: uuid.NewString()}
		made, err := c.service().Restore(cmd.Context(), request)
		if err != nil {
			return err
		}
		c.term.say("files.restored", "path", request.Path, "old", version, "new", made.Number)
		return c.term.emit(made)
	})
	cmd.Flags().IntVar(&version, "version", 0, c.term.text("files.restore.flag.version"))
	cmd.ValidArgsFunction = c.completeCloud(anyEntry)
	return cmd
}

// moveCommand makes 'files checkout' and 'files checkin'.
func (c *cli) moveCommand(name string, move func(Service, context.Context, string) (api.Entry, error)) *cobra.Command {
	cmd := c.command(name+" PATH", "files."+name, between(1, 1), func(cmd *cobra.Command, args []string) error {
		entry, err := move(c.service(), cmd.Context(), folderPath(args[0]))
		if err != nil {
			return err
		}
		c.term.say("files."+name+".done", "path", entry.Path)
		return c.term.emit(entry)
	})
	cmd.ValidArgsFunction = c.completeCloud(anyEntry)
	return cmd
}

func (c *cli) mkdirCommand() *cobra.Command {
	cmd := c.command("mkdir PATH", "files.mkdir", between(1, 1), func(cmd *cobra.Command, args []string) error {
		folder := folderPath(args[0])
		if err := c.service().CreateFolder(cmd.Context(), folder); err != nil {
			return err
		}
		c.term.say("files.made", "path", folder)
		return c.term.emit(api.PathRef{Path: folder})
	})
	cmd.ValidArgsFunction = c.completeCloud(foldersOnly)
	return cmd
}
