package sdkbridge

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
)

// SaveOrder is an application's request to save.
type SaveOrder struct {
	Path     string // of the file, or of the folder of an assembly
	Assembly bool
	SaveAs   bool // the user picks where in the cloud
	Solve    bool // solve it there
	Tag      string
}

func (o SaveOrder) begin(a attempt) api.SaveBegin {
	kind := api.Single
	if o.Assembly {
		kind = api.Assembly
	}
	return api.SaveBegin{
		Operation: a.operation, LocalPath: o.Path, SaveAs: o.SaveAs, Kind: kind,
		Name: filepath.Base(o.Path), Solve: o.Solve, Tag: a.tag,
	}
}

// Save returns once the content is safe on this machine, or with the reason why
// it is not. Saves are done in the order of the calls, on a goroutine of their
// own. One that takes longer than the session's timeout (a large file, a service
// that is not there) goes on: Save then returns api.Timeout, and the event tells
// how it ended. A Save that tries it again is the same save where the content
// is the same.
func (s *Session) Save(o SaveOrder) error {
	if err := checkTexts(map[string]string{"tag": o.Tag}, o.Path); err != nil {
		return err
	}
	path, err := savePath(o.Path, o.Assembly)
	if err != nil {
		return err
	}
	o.Path = path
	done, asked := make(chan error, 1), new(caller)
	if err := s.jobs.save(func(ctx context.Context) { done <- s.save(ctx, o, asked) }); err != nil {
		return err
	}
	patience := time.NewTimer(s.options.Timeout)
	defer patience.Stop()
	select {
	case err := <-done:
		return err
	case <-patience.C:
		if asked.leaves() {
			return api.Fail(api.Timeout)
		}
		return <-done
	case <-s.ctx.Done(): // shut down by another thread, which gave up waiting
		select {
		case err := <-done:
			return err
		default:
			return api.Fail(api.ShuttingDown)
		}
	}
}

// savePath makes the path absolute and makes sure that something of the right
// kind can be read there.
func savePath(name string, assembly bool) (string, error) {
	if name == "" {
		return "", api.Fail(api.InvalidArgument, "argument", "path", "reason", "empty")
	}
	path, err := workspace.Local(hostPath(activeCodePage, name))
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", unreadable(name, err)
	case assembly && !info.IsDir():
		return "", api.Fail(api.AssemblyNotFolder, "path", name)
	case !assembly && !info.Mode().IsRegular():
		return "", api.Fail(api.NotAFile, "path", name)
	case assembly:
		return path, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", unreadable(name, err)
	}
	return path, f.Close()
}

func unreadable(path string, err error) error {
	return api.Fail(api.FileUnreadable, "path", path, "reason", workspace.Reason(err)).Because(err)
}

// save does the work of one save on the thread of saves and tells how it went:
// start, result, end, whatever happens between.
func (s *Session) save(ctx context.Context, o SaveOrder, asked *caller) error {
	s.queue.push(newEnvelope(EventUploadStart, o.Tag).text("filePath", o.Path).event())
	var saved api.Saved
	err := error(api.Fail(api.Internal)) // what a panic leaves
	s.recovered("save", func() { saved, err = s.stage(ctx, o) })
	if err == nil && saved.Reason != nil {
		err = saved.Reason
	}
	if answered := asked.hears(); err == nil && answered || err != nil && !errors.Is(err, api.ServiceUnavailable) {
		s.overdue.forget(o)
	}
	s.queue.push(savedEvent(saved, o, err, s.lang))
	status := "success"
	if err != nil {
		status = "failed"
	}
	s.queue.push(newEnvelope(EventUploadEnd, o.Tag).text("status", status).text("filePath", o.Path).event())
	return err
}

// stage brings the content into the service's staging: as the save of this
// document whose call was left waiting, else as a new one.
func (s *Session) stage(ctx context.Context, o SaveOrder) (api.Saved, error) {
	if earlier, ok := s.overdue.find(o); ok {
		saved, err := s.stageAs(ctx, o, earlier)
		if !isOther(err) {
			return saved, err
		}
	}
	a := attempt{operation: randomID(), tag: o.Tag}
	s.overdue.remember(o, a)
	return s.stageAs(ctx, o, a)
}

// stageAs stages under the operation of an attempt. When the service goes away
// meanwhile it begins again under it, so that the save is one save however
// often it was tried.
func (s *Session) stageAs(ctx context.Context, o SaveOrder, a attempt) (api.Saved, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	begin := o.begin(a)
	for attempt := 0; ; attempt++ {
		conn, err := s.transferWhenUp(ctx)
		if err != nil {
			return api.Saved{}, err
		}
		saved, err := s.documents.Save(ctx, conn, begin)
		_ = conn.Close() // the answer is here
		if err == nil || attempt == 4 || !errors.Is(err, api.ServiceUnavailable) {
			return saved, err
		}
	}
}

func savedEvent(saved api.Saved, o SaveOrder, err error, lang api.Language) Event {
	e := newEnvelope(EventSaveResult, o.Tag)
	if err != nil {
		return e.text("status", "failed").text("filePath", o.Path).because(err, lang).event()
	}
	return e.text("status", "success").text("filePath", o.Path).text("operation", saved.Operation).
		some("path", saved.Path).some("solve", saved.Solve).event()
}
