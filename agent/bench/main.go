// Command bench measures the service: what it costs while nothing happens,
// and how long a save takes beside the least that any program could do, a
// copy of the same file to the same disk and an fsync.
//
// It runs the programs in build/bin (-bin) in a temporary folder (-dir, which
// decides whose disk is measured), signs in, and prints a table. Copy and
// save alternate, each pair on content that was never seen before; the ratio
// is that of their medians. It measures, it never judges: a timing is no test.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"text/tabwriter"
	"time"

	"iscdesk.dev/agent/agenttest"
)

type options struct {
	bin, dir string
	size     int64 // bytes of the file that is saved
	pairs    int
	idle     time.Duration
}

func main() {
	var o options
	short := flag.Bool("short", false, "fewer and smaller rounds, to see that it runs")
	flag.StringVar(&o.bin, "bin", "build/bin", "folder of iscdeskd, iscdesk and iscmarket")
	flag.StringVar(&o.dir, "dir", "", "folder to work in, on the disk to measure (default: the system's temporary folder)")
	flag.Parse()
	o.size, o.pairs, o.idle = 100<<20, 7, 10*time.Second
	if *short {
		o.size, o.pairs, o.idle = 16<<20, 3, 2*time.Second
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	// The programs are started from other folders.
	if o.bin, err = filepath.Abs(o.bin); err != nil {
		return err
	}
	if o.dir, err = os.MkdirTemp(o.dir, "iscdesk-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
	world, err := agenttest.New(agenttest.Options{Binaries: agenttest.BinariesIn(o.bin), Dir: o.dir + "/world"})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			fmt.Fprint(os.Stderr, world.Logs(20))
		}
		err = errors.Join(err, world.Close())
	}()
	agent, err := prepare(ctx, world)
	if err != nil {
		return err
	}
	quiet, err := measureIdle(ctx, agent.PID(), o.idle)
	if err != nil {
		return err
	}
	saves, err := measureSaves(ctx, agent, o)
	if err != nil {
		return err
	}
	after, err := measureIdle(ctx, agent.PID(), o.idle)
	if err != nil {
		return err
	}
	return report(quiet, after, saves, o)
}

// prepare starts marketplace and service, and signs the engineer in.
func prepare(ctx context.Context, world *agenttest.World) (*agenttest.Agent, error) {
	if err := world.StartMarketplace(ctx); err != nil {
		return nil, err
	}
	agent, err := world.StartService(ctx, agenttest.Engineer)
	if err != nil {
		return nil, err
	}
	if err := agent.SignIn(ctx); err != nil {
		return nil, err
	}
	return agent, agent.AwaitOnline(ctx, true)
}

func report(quiet, after idle, saves []pair, o options) error {
	copied, saved := medians(saves)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	size := fmt.Sprintf("%d MiB", o.size>>20)
	rows := [][]any{
		{"figure", "value", "aim"},
		{"idle service, resident memory", mib(quiet.resident), "≤ 40 MiB"},
		{"idle service, CPU over " + o.idle.String(), quiet.share(), "none"},
		{"  after the saves, resident memory", mib(after.resident), ""},
		{"  after the saves, CPU over " + o.idle.String(), after.share(), "none"},
		{"cp + fsync of " + size + ", median", millis(copied), ""},
		{"save of " + size + " to 'safe here', median", millis(saved), ""},
		{"save ÷ (cp + fsync)", fmt.Sprintf("%.2f", float64(saved)/float64(copied)), "≤ 1.5"},
	}
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r...)
	}
	fmt.Fprintf(w, "\npairs, cp / save:\t")
	for _, p := range saves {
		fmt.Fprintf(w, "%s / %s  ", millis(p.copied), millis(p.saved))
	}
	fmt.Fprintln(w)
	return w.Flush()
}

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

func millis(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }
