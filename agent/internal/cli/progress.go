package cli

import (
	"os"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress draws a bar on the error stream while work goes on. Where that is
// no terminal, or in JSON mode, it draws nothing.
type progress struct {
	bars *mpb.Progress
	bar  *mpb.Bar
}

// isTerminal tells whether a person looks at what a stream writes or types
// what it reads.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// bytes starts a bar that counts bytes; its name has the text of key.
func (c *cli) bytes(key string) *progress {
	return c.bar(key, decor.CountersKibiByte("% .1f / % .1f"), decor.AverageSpeed(decor.SizeB1024(0), " % .1f"))
}

// percent starts a bar that counts to a hundred.
func (c *cli) percent(key string) *progress { return c.bar(key, decor.Percentage()) }

func (c *cli) bar(key string, counters ...decor.Decorator) *progress {
	if c.term.json || !isTerminal(c.env.Err) {
		return &progress{}
	}
	bars := mpb.New(mpb.WithOutput(c.env.Err), mpb.WithWidth(48))
	bar := bars.AddBar(0,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(c.term.text(key)+" ")),
		mpb.AppendDecorators(counters...))
	return &progress{bars: bars, bar: bar}
}

// Set moves the bar. It may be called from one goroutine at a time.
func (p *progress) Set(done, total int64) {
	if p.bar == nil {
		return
	}
	p.bar.SetTotal(total, false)
	p.bar.SetCurrent(done)
}

// Close takes the bar away.
func (p *progress) Close() {
	if p.bar == nil {
		return
	}
	p.bar.Abort(true)
	p.bars.Wait()
}
