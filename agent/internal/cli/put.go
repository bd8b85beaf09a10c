package cli

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
)

type putFlags struct {
	wait               bool
	base               int
	comment, operation string
}

// putResult is what 'files put --json' prints.
type putResult struct {
	Saved     api.Saved      `json:"saved"`
	Published *api.Published `json:"published,omitempty"`
}

func (c *cli) putCommand() *cobra.Command {
	var flags putFlags
	cmd := c.command("put FILE [PATH]", "files.put", between(1, 2), func(cmd *cobra.Command, args []string) error {
		if args[0] == "" { // a script's empty variable must not save the working folder
			return wrong(cmd, "usage.too_few")
		}
		if flags.base < 0 {
			return wrong(cmd, "usage.flag_value", "flag", "base", "value", flags.base)
		}
		cloud := ""
		if len(args) > 1 {
			cloud = args[1]
		}
		return c.put(cmd.Context(), args[0], cloud, flags)
	})
	cmd.Flags().BoolVar(&flags.wait, "wait", false, c.term.text("files.put.flag.wait"))
	cmd.Flags().IntVar(&flags.base, "base", 0, c.term.text("files.put.flag.base"))
	cmd.Flags().StringVar(&flags.operation, "operation", "", c.term.text("files.put.flag.operation"))
	cmd.Flags().StringVar(&flags.comment, "comment", "", c.term.text("files.put.flag.comment"))
	cmd.ValidArgsFunction = c.completePut
	return cmd
}

func (c *cli) put(ctx context.Context, local, cloud string, flags putFlags) error {
	full, err := workspace.Local(local)
	if err != nil {
		return err
	}
	order := SaveOrder{Local: full, Comment: flags.comment, Operation: flags.operation}
	if cloud != "" {
		if err := c.aim(ctx, &order, cloud, flags.base); err != nil {
			return err
		}
	}
	var watch Watch
	if flags.wait {
		if watch, err = c.service().Watch(ctx); err != nil {
			return err
		}
		defer watch.Close()
	}
	saved, err := c.save(ctx, order)
	if err != nil {
		return err
	}
	c.term.say("files.saved", "file", full, "path", saved.Path, "size", c.term.size(saved.Size))
	result := putResult{Saved: saved}
	if flags.wait {
		published, err := c.awaitPublished(ctx, watch, saved, flags.operation != "")
		if err != nil {
			return err
		}
		result.Published = &published
	}
	if err := c.term.emit(result); err != nil || result.Published == nil {
		return err
	}
	return c.sayPublished(*result.Published)
}

func (c *cli) save(ctx context.Context, order SaveOrder) (api.Saved, error) {
	bar := c.bytes("progress.put")
	defer bar.Close()
	order.Progress = bar.Set
	saved, err := c.service().Save(ctx, order)
	if order.Operation != "" && errors.Is(err, workspace.ErrOtherContent) {
		err = api.Fail(api.InvalidArgument, "argument", "operation", "reason", "it was used for other content").Because(err)
	}
	return saved, err
}

// aim finds the document that content is put to. A path that ends in a slash,
// or names a folder, takes the local name. A document that somebody else has
// checked out is refused. What is saved builds on version base (0: see baseOf);
// if the document has another by then, both are kept.
func (c *cli) aim(ctx context.Context, order *SaveOrder, cloud string, base int) error {
	cloud = cloudPath(cloud)
	name := filepath.Base(order.Local)
	target := path.Clean(cloud)
	if strings.HasSuffix(cloud, "/") {
		target = path.Join(cloud, name)
	}
	entry, found, err := c.entry(ctx, target)
	if err == nil && found && entry.Folder {
		target = path.Join(target, name)
		entry, found, err = c.entry(ctx, target)
	}
	if code := api.AsError(err); err != nil && code.Code != api.Offline && code.Code != api.NotFound {
		return err
	}
	if found && entry.CheckedOutBy != "" && !entry.Mine {
		return api.Fail(api.DocumentCheckedOut, "path", target, "owner", entry.CheckedOutBy)
	}
	if base == 0 && found {
		base = c.baseOf(ctx, order.Local, entry)
	}
	order.Cloud, order.Overwrite, order.Base = target, true, base
	return nil
}

// baseOf is the version that a local file builds on: the one it was got from,
// where it was got from that document, else the newest.
func (c *cli) baseOf(ctx context.Context, local string, entry api.Entry) int {
	opened, err := c.service().Lookup(ctx, local)
	if err == nil && opened.Path == entry.Path && opened.Version > 0 {
		return opened.Version
	}
	return entry.Version
}

// awaitPublished waits until the marketplace has the version, or will not have
// it: it looks first, and again whenever the watch was interrupted, and follows
// the events between. repeated tells that the save may have ended long ago.
func (c *cli) awaitPublished(ctx context.Context, watch Watch, saved api.Saved, repeated bool) (api.Published, error) {
	bar := c.bytes("progress.publish")
	defer bar.Close()
	if p, ended := c.publishedAlready(ctx, saved, repeated); ended {
		return p, nil
	}
	for first := true; ; first = false {
		m, err := watch.Next(ctx)
		if err != nil {
			return api.Published{}, err
		}
		if m.State != nil && !first {
			if p, ended := c.publishedAlready(ctx, saved, true); ended {
				return p, nil
			}
		}
		if p, ok := eventData[api.UploadProgress](m, api.EventUploadProgress); ok && p.Operation == saved.Operation {
			bar.Set(p.Sent, p.Total)
		}
		if p, ok := eventData[api.Published](m, api.EventDocumentPublished); ok && p.Operation == saved.Operation {
			return p, nil
		}
	}
}

// publishedAlready tells how a save ended whose event may have passed: the
// ledger of transfers knows those that have not, the history those that were
// published. One that is in neither was kept as a copy, or withdrawn: that
// counts where its event may have passed.
func (c *cli) publishedAlready(ctx context.Context, saved api.Saved, passed bool) (p api.Published, ended bool) {
	p = api.Published{Operation: saved.Operation, Path: saved.Path, Document: saved.Document}
	state, err := c.service().State(ctx)
	if err != nil {
		return p, false
	}
	for _, t := range state.Transfers {
		if t.Operation == saved.Operation {
			p.Reason = t.Reason
			return p, t.State == "failed" && t.RetryAt == 0 && t.Reason != nil
		}
	}
	versions, err := c.service().History(ctx, saved.Path)
	if err != nil && !errors.Is(err, api.NotFound) {
		return p, false
	}
	for _, v := range versions {
		if v.Operation == saved.Operation {
			p.Version = v.Number
			return p, true
		}
	}
	p.Reason = api.Fail(api.NotFound, "what", saved.Path+" ("+saved.Operation+")")
	return p, passed
}

// sayPublished tells how publishing ended; a conflict and a refusal are
// errors.
func (c *cli) sayPublished(p api.Published) error {
	switch {
	case p.ConflictOf != "":
		return api.Fail(api.DocumentConflict, "path", p.ConflictOf, "copy", p.Path)
	case p.Reason != nil:
		return p.Reason
	}
	c.term.say("files.published", "path", p.Path, "version", p.Version)
	return nil
}
