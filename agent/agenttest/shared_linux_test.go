package agenttest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/api"
)

// TestTwoUsersOfOneMachine runs the command line as two users of the operating
// system against one service: neither sees the other's account, documents or
// transfers. It needs root; elsewhere a process cannot be somebody else.
func TestTwoUsersOfOneMachine(t *testing.T) {
	if !agenttest.MayShare() {
		t.Skip("only root can run programs as two users")
	}
	test := agenttest.Start(t)
	test.Check(test.StartShared(test.Context(), map[string]int{
		agenttest.Engineer: agenttest.EngineerUID, agenttest.Colleague: agenttest.ColleagueUID,
	}))
	test.SignIn(agenttest.Engineer)

	other, err := test.Person(agenttest.Colleague).CLI(test.Context(), "status", "--json")
	test.Check(err)
	var state api.State
	test.Check(json.Unmarshal([]byte(other.Out), &state))
	if state.Account.State != api.AccountSignedOut || strings.Contains(other.Out, "Li Hua") {
		t.Errorf("the colleague sees %+v", state.Account)
	}
	if denied, err := test.Person(agenttest.Colleague).CLI(test.Context(), "files", "ls"); err != nil || denied.Exit != 4 {
		t.Errorf("the colleague lists with the engineer's sign-in: exit %d, %v\n%s", denied.Exit, err, denied.Out)
	}
	var mine api.State
	test.Check(test.Person(agenttest.Engineer).Ask(test.Context(), &mine, "status"))
	if mine.Account.UserName != agenttest.Engineer || mine.Service.PerUser {
		t.Errorf("the engineer sees %+v of service %+v", mine.Account, mine.Service)
	}
}
