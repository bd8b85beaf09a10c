package agenttest_test

import (
	"bufio"
	"encoding/json"
	"testing"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/api"
)

// TestEventsFollowOneUser watches a save from beside it: saved, then
// published, in this order, and nothing of it on the colleague's machine.
func TestEventsFollowOneUser(t *testing.T) {
	test := agenttest.Start(t, agenttest.Engineer, agenttest.Colleague)
	test.SignIn(agenttest.Engineer, agenttest.Colleague)
	engineer, ctx := test.Person(agenttest.Engineer), test.Context()
	cmd := engineer.Command(ctx, "events", "--json", "--until", api.EventDocumentPublished)
	out, err := cmd.StdoutPipe()
	test.Check(err)
	said, err := cmd.StderrPipe()
	test.Check(err)
	test.Check(cmd.Start())
	if !bufio.NewScanner(said).Scan() { // it watches now
		t.Fatal("events ended at once")
	}
	test.Check(engineer.WriteFile("a.step", "ISO-10303-21;"))
	test.Run(agenttest.Engineer, "files", "put", "a.step", "/shared/a.step")
	var names []string
	var last api.Event
	for lines := bufio.NewScanner(out); lines.Scan(); {
		test.Check(json.Unmarshal(lines.Bytes(), &last))
		names = append(names, last.Name)
	}
	test.Check(cmd.Wait())
	var published api.Published
	test.Check(json.Unmarshal(last.Data, &published))
	if len(names) < 2 || names[0] != api.EventDocumentSaved || published.Path != "/shared/a.step" || published.Version != 1 {
		t.Errorf("events %v, the last %+v", names, published)
	}
	none, err := test.Person(agenttest.Colleague).CLI(ctx, "transfers", "--json")
	test.Check(err)
	if none.Out != "[]\n" {
		t.Errorf("the colleague sees %s", none.Out)
	}
}
