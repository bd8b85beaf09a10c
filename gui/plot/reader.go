package plot

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"path"
	"strconv"
	"strings"
)

// The reasons for which a file is not read to its end.
var (
	ErrDamaged = errors.New("plot: this is not a file of CalculiX")
	ErrBinary  = errors.New("plot: the results are binary")
	ErrTooMuch = errors.New("plot: the results are larger than a plot can take")
)

// Reader reads the files of a results document.
type Reader struct {
	limits Limits
	result Result
	read   int64
	// printed are frames of the printed results, used where no .frd has any.
	printed []Frame
}

// NewReader makes a reader.
func NewReader(l Limits) *Reader { return &Reader{limits: l} }

// Wants tells whether a file of a results document says anything to a Reader.
func Wants(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".frd", ".dat", ".sta", ".cvg":
		return true
	}
	return false
}

// Read reads one file to its end, or to the first error. What was read until
// then counts.
func (r *Reader) Read(ctx context.Context, name string, content io.Reader) error {
	lines := &lines{ctx: ctx, reader: r}
	lines.scan = bufio.NewScanner(content)
	lines.scan.Buffer(make([]byte, 0, 4<<10), r.limits.Line)
	var err error
	switch strings.ToLower(path.Ext(name)) {
	case ".frd":
		err = (&frd{r: r, in: lines}).read()
	case ".dat":
		err = r.readPrinted(lines)
	case ".sta":
		err = r.readSummary(lines)
	case ".cvg":
		err = r.readConvergence(lines)
	}
	if err == nil {
		err = lines.err
	}
	if errors.Is(err, ErrTooMuch) {
		r.result.Cut = true
	}
	return err
}

// Result is what was read so far.
func (r *Reader) Result() *Result {
	out := r.result
	if len(out.Frames) == 0 {
		out.Frames = r.printed
	}
	return &out
}

// lines gives the lines of a file within the limits.
type lines struct {
	ctx    context.Context
	reader *Reader
	scan   *bufio.Scanner
	n      int
	err    error
}

// next moves to the next line.
func (l *lines) next() bool {
	if l.err != nil {
		return false
	}
	if l.n++; l.n%1024 == 0 && l.ctx.Err() != nil {
		l.err = l.ctx.Err()
		return false
	}
	if !l.scan.Scan() {
		if l.err = l.scan.Err(); errors.Is(l.err, bufio.ErrTooLong) {
			l.err = ErrDamaged
		}
		return false
	}
	l.reader.read += int64(len(l.scan.Bytes())) + 1
	if l.reader.read > l.reader.limits.Bytes {
		l.err = ErrTooMuch
		return false
	}
	return true
}

func (l *lines) text() string { return l.scan.Text() }

// column is the text of a fixed-width line between two columns, without blanks.
func column(line string, from, to int) string {
	if from >= len(line) {
		return ""
	}
	return strings.TrimSpace(line[from:min(to, len(line))])
}

// integer reads a number that must lie within 32 bits.
func integer(text string) (int, bool) {
	n, err := strconv.ParseInt(text, 10, 32)
	return int(n), err == nil
}

// real reads a number as Fortran writes it, where an exponent of three digits
// leaves no room for its letter: 1.0000-100.
func real(text string) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		at := strings.LastIndexAny(text, "+-")
		if at < 1 {
			return 0, false
		}
		if v, err = strconv.ParseFloat(text[:at]+"e"+text[at:], 64); err != nil {
			return 0, false
		}
	}
	const most, least = 1e30, 1e-30 // beyond them lengths and steps of axes overflow
	if math.IsNaN(v) || math.Abs(v) > most {
		return 0, false
	}
	if math.Abs(v) < least {
		v = 0
	}
	return v, true
}
