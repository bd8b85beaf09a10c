package logs

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Tail gives the last lines of the log in the state folder, at most most of
// them, the oldest first: those of user and those that belong to nobody, or
// every line where user is empty. cut tells that there are older ones.
func Tail(state, user string, most int) (lines []string, cut bool, err error) {
	files, err := filepath.Glob(filepath.Join(state, folder, "iscdeskd-*.log"))
	if err != nil {
		return nil, false, err
	}
	slices.Sort(files) // by the time in their names
	for _, path := range append(files, filepath.Join(state, folder, current)) {
		err := eachLine(path, func(line string) {
			if !mayRead(line, user) {
				return
			}
			if lines = append(lines, line); len(lines) > 2*most {
				lines, cut = slices.Delete(lines, 0, len(lines)-most), true
			}
		})
		if err != nil && !errors.Is(err, os.ErrNotExist) { // rotated away meanwhile
			return nil, false, err
		}
	}
	if over := len(lines) - most; over > 0 {
		lines, cut = lines[over:], true
	}
	return lines, cut, nil
}

func eachLine(path string, do func(string)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			do(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// mayRead tells whether user may see a line: every owner that it names is he.
func mayRead(line, user string) bool {
	if user == "" {
		return true
	}
	for key, value := range attributes(line) {
		if key == UserKey && value != "" && value != user {
			return false
		}
	}
	return true
}
