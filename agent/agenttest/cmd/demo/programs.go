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
func (d *demo) guide(ctx context.Context, k kind) error {
	var transcript bytes.Buffer
	if err := d.programTo(ctx, io.MultiWriter(d.out, &transcript), k, "guide"); err != nil {
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

func (d *demo) program(ctx context.Context, k kind, name string, args ...string) error {
	return d.programTo(ctx, d.out, k, name, args...)
}

// programTo runs a program against the SDK in the engineer's folder; what it
// prints goes to out line by line. Where it asks for a document, the engineer
// answers through 'iscdesk pick', which the program starts as ISCDESK_CLI.
func (d *demo) programTo(ctx context.Context, out io.Writer, k kind, name string, args ...string) error {
	env := []string{"LD_LIBRARY_PATH=" + filepath.Join(d.sdk, "lib"), "ISCDESK_CLI=" + d.engineer.Path(d.world.Bin.CLI)}
	cmd := d.engineer.Program(ctx, filepath.Join(d.folder(k), name+d.target.exe), env, args...)
	if err := runLines(cmd, out); err != nil {
		return fmt.Errorf("%s%s: %w", name, k.suffix, err)
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
			_, _ = fmt.Fprintf(out, "   %s\n", strings.TrimSuffix(lines.Text(), "\r"))
		}
		_, _ = io.Copy(io.Discard, read) // a line too long for the scanner must not block the program
	})
	err := cmd.Run()
	err = errors.Join(err, write.Close())
	copying.Wait()
	return err
}
