// Package logs writes the service's log: text lines on standard error and in
// rotated files of the state folder, and warnings in the event log of Windows.
// It also keeps the trace of a crash, and gives each user the lines that are
// his.
//
// A line that belongs to one user of the operating system bears UserKey; every
// other line may be read by every user of the machine, so it names nobody's
// documents.
package logs

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"

	"gopkg.in/natefinch/lumberjack.v2"
)

// UserKey is the attribute of a line that belongs to one user of the operating
// system; its value is the key of that user, as in "uid:1000" or a SID.
const UserKey = "os_user"

// The files of the log: the one that is written, and those before it, each of
// at most fileSize MiB.
const (
	folder   = "log"
	current  = "iscdeskd.log"
	fileSize = 5
	older    = 2
)

// Log is a logger whose lines go to standard error at once, and into files as
// soon as it is known where.
type Log struct {
	*slog.Logger
	file late
}

// New makes a log of the given level on stderr. more hear every record too.
func New(stderr io.Writer, level slog.Leveler, more ...slog.Handler) *Log {
	l := new(Log)
	text := slog.NewTextHandler(tee{stderr, &l.file}, &slog.HandlerOptions{Level: level, ReplaceAttr: redact})
	l.Logger = slog.New(slog.NewMultiHandler(append([]slog.Handler{text}, more...)...))
	return l
}

// Keep writes every line from now on also into the log folder of state, which
// must be a folder that nobody else can write, and leaves the trace of a crash
// there.
func (l *Log) Keep(state string) error {
	dir := filepath.Join(state, folder)
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("folder of the log: %w", err)
	}
	l.file.open(&lumberjack.Logger{Filename: filepath.Join(dir, current), MaxSize: fileSize, MaxBackups: older})
	return l.keepCrashes(dir)
}

// Close ends the files. Lines and traces after it go to standard error alone.
func (l *Log) Close() error {
	return errors.Join(l.file.close(), debug.SetCrashOutput(nil, debug.CrashOptions{}))
}

// late is a file that what is written before it is opened does not reach.
type late struct {
	mu sync.Mutex
	to io.WriteCloser // nil: not open
}

func (f *late) open(to io.WriteCloser) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.to = to
}

func (f *late) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.to == nil {
		return nil
	}
	err := f.to.Close()
	f.to = nil
	return err
}

func (f *late) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.to == nil {
		return len(p), nil
	}
	return f.to.Write(p)
}

// tee writes to each, however the others fare: a service of Windows has no
// standard error, and a full disk must not silence the journal.
type tee []io.Writer

func (t tee) Write(p []byte) (int, error) {
	for _, w := range t {
		_, _ = w.Write(p)
	}
	return len(p), nil
}
