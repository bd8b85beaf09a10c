package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"iscdesk.dev/agent/agenttest"
	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/client"
	"iscdesk.dev/agent/workspace"
)

// pair is one copy and one save of the same content.
type pair struct{ copied, saved time.Duration }

func medians(all []pair) (copied, saved time.Duration) {
	var a, b []time.Duration
	for _, p := range all {
		a, b = append(a, p.copied), append(b, p.saved)
	}
	slices.Sort(a)
	slices.Sort(b)
	return a[len(a)/2], b[len(b)/2]
}

// measureSaves alternates which of the two comes first, and lets each save be
// published before the next pair, so that no upload disturbs it.
func measureSaves(ctx context.Context, agent *agenttest.Agent, o options) ([]pair, error) {
	var all []pair
	for i := range o.pairs {
		file := filepath.Join(agent.Work(), fmt.Sprintf("part%d.stp", i))
		if err := fill(file, o.size); err != nil {
			return nil, err
		}
		var p pair
		steps := []func() error{
			func() (err error) { p.copied, err = timeCopy(ctx, file); return err },
			func() (err error) { p.saved, err = timeSave(ctx, agent, file); return err },
		}
		if i%2 == 1 {
			slices.Reverse(steps)
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return nil, err
			}
		}
		if err := agent.AwaitAllPublished(ctx); err != nil {
			return nil, err
		}
		if err := os.Remove(file); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// fill writes content that neither compresses nor was seen before.
func fill(path string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.CopyN(f, rand.Reader, size)
	return errors.Join(err, f.Sync(), f.Close())
}

func timeCopy(ctx context.Context, file string) (time.Duration, error) {
	target := file + ".copy"
	began := time.Now()
	if out, err := exec.CommandContext(ctx, "cp", "--reflink=never", file, target).CombinedOutput(); err != nil {
		return 0, fmt.Errorf("cp: %w: %s", err, out)
	}
	f, err := os.OpenFile(target, os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	err = errors.Join(f.Sync(), f.Close())
	took := time.Since(began)
	return took, errors.Join(err, os.Remove(target))
}

// timeSave saves as an application does, connection and all.
func timeSave(ctx context.Context, agent *agenttest.Agent, file string) (time.Duration, error) {
	service := client.New(agent.Socket)
	defer service.Close()
	began := time.Now()
	source, err := workspace.Describe(file, false)
	if err != nil {
		return 0, err
	}
	transfer, err := service.Transfer(ctx)
	if err != nil {
		return 0, err
	}
	_, err = workspace.Save(ctx, transfer, api.SaveBegin{}, source)
	took := time.Since(began)
	return took, errors.Join(err, transfer.Close())
}
