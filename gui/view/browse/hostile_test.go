package browse_test

import (
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view/browse"
	"iscdesk.dev/gui/view/browse/cloudtest"
)

// TestPathsThatAreNone come from a command line, or from a marketplace that was
// broken into; the thread that draws must not look for their way to "/" for
// ever.
func TestPathsThatAreNone(t *testing.T) {
	stage := cloudtest.New(t, api.English)
	b := browse.New(stage.Env, browse.Options{})
	t.Cleanup(b.Close)
	for _, path := range []string{"", ".", "..", "x", "x/y", "../../x", "/../..", "/team/../x", "//", "team/", "\x1b[2J", "C:\\x", "-"} {
		b.Reveal(path)
		b.Go(path)
		b.Up()
		b.Back()
		b.View()
	}
}

// TestAFolderThatLiesInItself is what a hostile marketplace may list: the tree
// has an end all the same.
func TestAFolderThatLiesInItself(t *testing.T) {
	stage := cloudtest.New(t, api.English)
	stage.Cloud.Fill("/", []api.Entry{{Path: "/me", Folder: true}, {Path: "/", Folder: true}})
	stage.Cloud.Fill("/me", []api.Entry{{Path: "/me", Folder: true}, {Path: "/", Folder: true}, {Path: "/me/in", Folder: true}})
	b := start(t, stage, browse.Options{})
	b.Toggle("/me")
	stage.Until("the folder is listed", func() bool { return b.View().Tree.Len() == 4 }) // recent, all, me, in
}
