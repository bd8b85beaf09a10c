package agenttest_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"iscdesk.dev/agent/agenttest"
)

func TestMain(m *testing.M) { os.Exit(agenttest.Main(m)) }

// scene is what the commands of one script share.
type scene struct {
	test *agenttest.Test
	exit int
	apps map[string]*agenttest.App
}

// TestScripts runs the scenarios in testdata/scripts, each in a world of its
// own. Their commands are those of testscript and:
//
//	[!] engineer ARGS…   run iscdesk as the engineer; <FILE as the first argument is the input
//	[!] colleague ARGS…  … as the colleague
//	exit N               the last iscdesk ended with this exit code
//	marketplace stop|start
//	service PERSON stop|kill|start
//	published PERSON PATH VERSION    wait until the version is in the cloud
//	app PERSON pick      an application asks its user for a document
//	app PERSON picked    wait for the answer and print it
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/scripts",
		Setup: func(env *testscript.Env) error {
			test := agenttest.Start(env.T().(testing.TB), agenttest.Engineer, agenttest.Colleague)
			env.Values["scene"] = &scene{test: test, apps: map[string]*agenttest.App{}}
			env.Setenv("MARKETPLACE", test.MarketURL())
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			agenttest.Engineer:  personCommand(agenttest.Engineer),
			agenttest.Colleague: personCommand(agenttest.Colleague),
			"exit":              exitCommand,
			"marketplace":       marketplaceCommand,
			"service":           serviceCommand,
			"published":         publishedCommand,
			"app":               appCommand,
		},
	})
}

func sceneOf(ts *testscript.TestScript) *scene { return ts.Value("scene").(*scene) }

func personCommand(person string) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		s := sceneOf(ts)
		var input io.Reader
		if len(args) > 0 && strings.HasPrefix(args[0], "<") {
			input, args = strings.NewReader(ts.ReadFile(args[0][1:])), args[1:]
		}
		cmd := s.test.Person(person).Command(s.test.Context(), args...)
		cmd.Dir, cmd.Stdin = ts.MkAbs("."), input
		cmd.Env = append(cmd.Env, "LC_ALL="+ts.Getenv("LC_ALL"))
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = io.MultiWriter(&out, ts.Stdout()), io.MultiWriter(&errs, ts.Stderr())
		err := cmd.Run()
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			ts.Check(err)
		}
		s.exit = cmd.ProcessState.ExitCode()
		if (s.exit != 0) != neg {
			ts.Fatalf("iscdesk %s: exit %d\n%s%s", strings.Join(args, " "), s.exit, out.String(), errs.String())
		}
	}
}

func exitCommand(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(one(ts, args))
	ts.Check(err)
	if got := sceneOf(ts).exit; got != want {
		ts.Fatalf("exit %d, want %d", got, want)
	}
}

func one(ts *testscript.TestScript, args []string) string {
	if len(args) != 1 {
		ts.Fatalf("one argument is needed, got %q", args)
	}
	return args[0]
}

func marketplaceCommand(ts *testscript.TestScript, _ bool, args []string) {
	test := sceneOf(ts).test
	switch what := one(ts, args); what {
	case "stop":
		ts.Check(test.StopMarketplace())
	case "start":
		ts.Check(test.StartMarketplace(test.Context()))
	default:
		ts.Fatalf("marketplace %s: stop or start", what)
	}
}

func serviceCommand(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("service PERSON stop|kill|start")
	}
	test := sceneOf(ts).test
	agent := test.Person(args[0])
	switch args[1] {
	case "stop":
		ts.Check(agent.Stop())
	case "kill":
		ts.Check(agent.Kill())
	case "start":
		ts.Check(agent.Restart(test.Context()))
	default:
		ts.Fatalf("service %s: stop, kill or start", args[1])
	}
}

func publishedCommand(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("published PERSON PATH VERSION")
	}
	version, err := strconv.Atoi(args[2])
	ts.Check(err)
	test := sceneOf(ts).test
	ts.Check(test.Person(args[0]).AwaitPublished(test.Context(), args[1], version))
}

func appCommand(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("app PERSON pick|picked")
	}
	s := sceneOf(ts)
	switch args[1] {
	case "pick":
		app, err := s.test.Person(args[0]).StartApp(s.test.Context(), "minicad")
		ts.Check(err)
		ts.Defer(app.Close)
		s.apps[args[0]] = app
		ts.Check(app.AskForDocument(s.test.Context()))
	case "picked":
		picked, err := s.apps[args[0]].AwaitPicked(s.test.Context())
		ts.Check(err)
		_, err = io.WriteString(ts.Stdout(), picked+"\n")
		ts.Check(err)
	default:
		ts.Fatalf("app %s: pick or picked", args[1])
	}
}
