package solving

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

const (
	watchEvery = 500 * time.Millisecond
	maxLog     = 16 << 20
	maxTail    = 64 << 10
)

// compute runs the solver on an input in dir and gives the last lines of its
// log. An error is why there is no solution.
func (s *Service) compute(ctx context.Context, dir, input string, progress func(percent int)) (string, error) {
	solver, err := exec.LookPath(s.Solver)
	if err != nil {
		return "", unsolvable("CalculiX is not installed on the marketplace's machine (package calculix-ccx)").Because(err)
	}
	if solver, err = filepath.Abs(solver); err != nil {
		return "", err
	}
	job := strings.TrimSuffix(input, filepath.Ext(input))
	if strings.HasPrefix(job, "-") || len(job) > maxStem {
		return "", unsolvable("the solver cannot take the name " + input)
	}
	log, err := os.OpenFile(filepath.Join(dir, job+".log"), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { _ = log.Close() }()
	timed, cancel := context.WithTimeout(ctx, s.Limits.Time)
	defer cancel()
	cmd := exec.CommandContext(timed, solver, job) // the operator chose the solver; job is a checked name
	cmd.Dir = dir
	cmd.Env = environment(dir)
	cmd.Stdout = &capped{to: log, left: maxLog}
	cmd.Stderr = cmd.Stdout
	cmd.WaitDelay = 5 * time.Second
	pen, err := newPen(cmd, s.Limits)
	if err != nil {
		return "", err
	}
	defer pen.close()
	runErr := s.await(timed, cmd, pen, dir, job, steps(filepath.Join(dir, input)), progress)
	text := tail(log)
	switch {
	case ctx.Err() != nil:
		return text, ctx.Err()
	case timed.Err() != nil:
		return text, unsolvable("it took longer than " + s.Limits.Time.String())
	case errors.Is(runErr, errOutput):
		return text, unsolvable("the results are larger than " + strconv.FormatInt(s.Limits.Output, 10) + " bytes")
	case runErr != nil:
		return text, unsolvable(reasonOf(text, runErr)).Because(runErr)
	}
	return lastLine(text), nil
}

func reasonOf(log string, err error) string {
	if text := explain(log); text != "" {
		return text
	}
	return "the solver ended with " + err.Error()
}

// environment is all that the solver gets to see of the machine.
func environment(dir string) []string {
	threads := strconv.Itoa(max(1, runtime.NumCPU()-1))
	env := []string{"HOME=" + dir, "TMPDIR=" + dir, "LANG=C", "OMP_NUM_THREADS=" + threads, "PATH=/usr/bin:/bin"}
	if root := os.Getenv("SYSTEMROOT"); root != "" {
		env = append(env, "SYSTEMROOT="+root)
	}
	return env
}

var errOutput = errors.New("output limit reached")

// await starts the solver and watches it to its end.
func (s *Service) await(ctx context.Context, cmd *exec.Cmd, pen *pen, dir, job string, steps int, progress func(int)) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := pen.confine(cmd); err != nil {
		return errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	told, tooMuch := 0, false
	for {
		select {
		case err := <-ended:
			if tooMuch || used(dir) > s.Limits.Output {
				return errOutput
			}
			return err
		case <-tick.C:
			if used(dir) > s.Limits.Output {
				tooMuch = true
				_ = pen.kill(cmd)
				continue
			}
			if p := percent(filepath.Join(dir, job+".sta"), steps); p > told && ctx.Err() == nil {
				told = p
				progress(p)
			}
		}
	}
}

// used is how many bytes lie in the folder.
func used(dir string) int64 {
	var sum int64
	_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil // the solver removes files while we count
	})
	return sum
}

// steps counts the steps of an input.
func steps(input string) int {
	f, err := os.Open(input)
	if err != nil {
		return 1
	}
	defer func() { _ = f.Close() }()
	n := 0
	_ = eachLine(f, func(line string) {
		if keyword, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), ","); keyword == "*STEP" {
			n++
		}
	})
	return max(1, n)
}

// percent reads from the solver's summary how far it is: the step of its last
// line, and the time in that step, which usually lasts 1. It is below 100
// until the solver has ended.
func percent(summary string, steps int) int {
	f, err := os.Open(summary)
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	done := 0.0
	_ = eachLine(f, func(line string) {
		fields := strings.Fields(line)
		if len(fields) < 6 {
			return
		}
		step, err1 := strconv.Atoi(fields[0])
		at, err2 := strconv.ParseFloat(fields[5], 64)
		if err1 == nil && err2 == nil && step > 0 {
			done = (float64(step-1) + min(1, max(0, at))) / float64(steps)
		}
	})
	return int(min(99, done*100))
}

// eachLine gives the lines of a file, up to 64 KiB each, as far as there are.
func eachLine(r io.Reader, f func(string)) error {
	text, err := io.ReadAll(io.LimitReader(r, maxLog))
	for line := range strings.SplitSeq(string(text), "\n") {
		f(line)
	}
	return err
}

// capped writes up to a bound and swallows the rest.
type capped struct {
	to   io.Writer
	left int
}

// Write implements io.Writer.
func (c *capped) Write(b []byte) (int, error) {
	keep := b[:min(len(b), c.left)]
	c.left -= len(keep)
	if len(keep) > 0 {
		if _, err := c.to.Write(keep); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

func tail(f *os.File) string {
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	text := make([]byte, min(info.Size(), maxTail))
	_, _ = f.ReadAt(text, info.Size()-int64(len(text)))
	return string(bytes.ToValidUTF8(text, []byte("?")))
}

// lastLine is the last line that says something.
func lastLine(text string) string {
	lines := strings.Split(text, "\n")
	for n := len(lines) - 1; n >= 0; n-- {
		if line := strings.Trim(lines[n], " \t\r_"); line != "" {
			return line
		}
	}
	return ""
}
