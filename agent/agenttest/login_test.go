package agenttest_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"iscdesk.dev/agent/agenttest"
)

// TestLoginOnAMachineWithoutABrowser signs in with a code that is typed into a
// browser somewhere else.
func TestLoginOnAMachineWithoutABrowser(t *testing.T) {
	test := agenttest.Start(t, agenttest.Engineer)
	engineer, ctx := test.Person(agenttest.Engineer), test.Context()
	cmd := engineer.Command(ctx, "login", "--device")
	var out bytes.Buffer
	cmd.Stdout = &out
	said, err := cmd.StderrPipe()
	test.Check(err)
	test.Check(cmd.Start())
	address := ""
	for lines := bufio.NewScanner(said); address == "" && lines.Scan(); {
		if found := regexp.MustCompile(`code already: (http\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			address = found[1]
		}
	}
	if address == "" {
		t.Fatal("no address was printed", cmd.Wait())
	}
	test.Check(engineer.Browse(ctx, address))
	_, err = io.Copy(io.Discard, said)
	test.Check(errors.Join(err, cmd.Wait()))
	if !strings.Contains(out.String(), "Signed in as Li Hua") {
		t.Errorf("printed %s", out.String())
	}
}

// TestLoginIsBoundToItsOwnAnswer sends a foreign answer to the page that the
// browser comes back to: it changes nothing, and the real one still counts.
func TestLoginIsBoundToItsOwnAnswer(t *testing.T) {
	test := agenttest.Start(t, agenttest.Engineer)
	engineer, ctx := test.Person(agenttest.Engineer), test.Context()
	cmd := engineer.Command(ctx, "login", "--no-browser")
	said, err := cmd.StderrPipe()
	test.Check(err)
	test.Check(cmd.Start())
	address := ""
	for lines := bufio.NewScanner(said); address == "" && lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "http") {
			address = lines.Text()
		}
	}
	back := landingOf(t, address)
	for _, query := range []string{"?code=stolen&state=guessed", "?code=stolen", "?error=access_denied&state="} {
		if status := visit(ctx, t, back+query); status != 400 {
			t.Errorf("%s: status %d", query, status)
		}
	}
	test.Check(engineer.Browse(ctx, address))
	_, err = io.Copy(io.Discard, said)
	test.Check(errors.Join(err, cmd.Wait()))
	test.Run(agenttest.Engineer, "files", "ls")
}
