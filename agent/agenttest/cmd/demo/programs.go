package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// pick is one answer that the engineer gives through 'iscdesk pick' while a
// program runs.
type pick []string

// functions are the thirteen calls of the public guide.
func functions() []string {
	return []string{
		"Init", "RegisterEventRecall", "GetLicenseStringRequest", "GetLicenseFileRequest", "LicenseVerifyNotify",
		"TrialExpirationAndGetLicense", "CheckNewVersions", "UpgradeNotify", "OpenCloudFile", "Save", "SelectSaveAsPath",
		"GetSolution", "ShutOut",
	}
}

// guide runs the program that makes every call, and makes sure that it has
// reported each of them.
func (d *demo) guide(ctx context.Context) error {
	var transcript bytes.Buffer
	if err := d.programTo(ctx, io.MultiWriter(d.out, &transcript), "guide", nil); err != nil {
		return err
	}
	reported := map[string]bool{}
	for line := range strings.Lines(transcript.String()) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "ok" {
			reported[fields[1]] = true
		}
	}
	for _, name := range functions() {
		if !reported[name] {
			return fmt.Errorf("guide says nothing of %s", name)
		}
	}
	return nil
}

func (d *demo) minicad(ctx context.Context) error {
	return d.program(ctx, "minicad", nil)
}

func (d *demo) program(ctx context.Context, name string, picks []pick, args ...string) error {
	return d.programTo(ctx, d.out, name, picks, args...)
}

// programTo runs a program against the SDK; what it prints goes to out line by
// line. Beside it the engineer answers its questions, in the order of picks.
func (d *demo) programTo(ctx context.Context, out io.Writer, name string, picks []pick, args ...string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var beside sync.WaitGroup
	defer beside.Wait()
	defer cancel()
	answers := make(chan error, 1)
	beside.Go(func() {
		err := d.answer(ctx, picks)
		answers <- err
		if err != nil {
			cancel() // nobody would answer the program
		}
	})

	cmd := exec.CommandContext(ctx, filepath.Join(d.programs, name), args...)
	cmd.Dir = d.engineer.Work()
	cmd.Env = append(d.engineer.Env(), "LD_LIBRARY_PATH="+filepath.Join(d.sdk, "lib"))
	err := runLines(cmd, out)
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
		cancel()
	}
	return errors.Join(err, <-answers)
}

// answer gives the answers one after the other; each waits for its question.
func (d *demo) answer(ctx context.Context, picks []pick) error {
	for _, p := range picks {
		result, err := d.engineer.CLI(ctx, append([]string{"pick", "--wait"}, p...)...)
		if err == nil {
			err = result.Failed()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// runLines runs a command and copies what it prints, indented.
func runLines(cmd *exec.Cmd, out io.Writer) error {
	read, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write
	var copying sync.WaitGroup
	copying.Go(func() {
		lines := bufio.NewScanner(read)
		for lines.Scan() {
			_, _ = fmt.Fprintf(out, "   %s\n", lines.Text())
		}
		_, _ = io.Copy(io.Discard, read) // a line too long for the scanner must not block the program
	})
	err := cmd.Run()
	err = errors.Join(err, write.Close())
	copying.Wait()
	return err
}
