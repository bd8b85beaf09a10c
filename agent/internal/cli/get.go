package cli

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
)

type getFlags struct {
	version         int
	force, checkout bool
}

func (c *cli) getCommand() *cobra.Command {
	var flags getFlags
	cmd := c.command("get PATH [FILE]", "files.get", between(1, 2), func(cmd *cobra.Command, args []string) error {
		if flags.version < 0 {
			return wrong(cmd, "usage.flag_value", "flag", "version", "value", flags.version)
		}
		local := ""
		if len(args) > 1 {
			local = args[1]
		}
		got, err := c.get(cmd.Context(), folderPath(args[0]), local, flags)
		if err != nil {
			return err
		}
		if got.Aside != "" {
			c.term.note("files.aside", "file", got.Aside)
		}
		c.term.say("files.got", "path", got.Path, "version", got.Version, "file", got.LocalPath, "size", c.term.size(got.Size))
		return c.term.emit(got)
	})
	cmd.Flags().IntVar(&flags.version, "version", 0, c.term.text("files.get.flag.version"))
	cmd.Flags().BoolVar(&flags.force, "force", false, c.term.text("files.get.flag.force"))
	cmd.Flags().BoolVar(&flags.checkout, "checkout", false, c.term.text("files.get.flag.checkout"))
	cmd.ValidArgsFunction = c.completeCloud(anyEntry)
	return cmd
}

func (c *cli) get(ctx context.Context, cloud, local string, flags getFlags) (Fetched, error) {
	entry, found, err := c.entry(ctx, cloud)
	if err != nil {
		return Fetched{}, err
	}
	if !found || entry.Folder {
		return Fetched{}, api.Fail(api.NotFound, "what", cloud)
	}
	target, err := localTarget(local, cloud, entry.Kind)
	if err != nil {
		return Fetched{}, err
	}
	if err := mayWrite(target, flags.force); err != nil {
		return Fetched{}, err
	}
	service := c.service()
	if flags.checkout {
		if _, err := service.CheckOut(ctx, cloud); err != nil {
			return Fetched{}, err
		}
	}
	bar := c.bytes("progress.get")
	defer bar.Close()
	return service.Fetch(ctx, FetchOrder{
		Cloud: cloud, Version: flags.version, Local: target,
		Checkout: flags.checkout || entry.Mine, Progress: bar.Set,
	})
}

// localTarget is where a document is written: the file that was named, or its
// own name in the folder that was named, else in the working folder. An
// assembly, and a .zip that is not asked for as such, becomes a folder without
// the .zip of its name.
func localTarget(local, cloud string, kind api.DocumentKind) (string, error) {
	name := path.Base(cloud)
	folder := kind == api.Assembly || (isZip(name) && !isZip(local))
	if folder && isZip(name) {
		name = name[:len(name)-len(".zip")]
	}
	name = workspace.LocalName(name)
	if !filepath.IsLocal(name) {
		return "", api.Fail(api.NameInvalid, "name", name, "reason", "..")
	}
	switch info, err := os.Stat(local); {
	case local == "":
		local = name
	case err == nil && info.IsDir() && (!folder || filepath.Base(local) != name):
		local = filepath.Join(local, name)
	}
	return workspace.Local(local)
}

func isZip(name string) bool { return strings.EqualFold(path.Ext(name), ".zip") }

// mayWrite refuses to overwrite what is there, unless it was asked to.
func mayWrite(target string, force bool) error {
	if _, err := os.Lstat(target); err == nil && !force {
		return api.Fail(api.Exists, "what", target)
	}
	return nil
}
