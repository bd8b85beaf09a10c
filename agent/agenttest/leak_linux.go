package agenttest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Leftovers lists the processes that still run with dir in their command line
// or environment, and the files that are still in dir.
func Leftovers(dir string) (left []string) {
	procs, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well formed
	for _, proc := range procs {
		pid, err := strconv.Atoi(filepath.Base(proc))
		if err != nil || pid == os.Getpid() {
			continue
		}
		if mentions(proc+"/cmdline", dir) || mentions(proc+"/environ", dir) {
			left = append(left, fmt.Sprintf("process %d (%s)", pid, commandLine(proc)))
		}
	}
	if _, err := os.Lstat(dir); err == nil {
		left = append(left, "folder "+dir)
	}
	return left
}

func mentions(path, dir string) bool {
	content, err := os.ReadFile(path)
	return err == nil && bytes.Contains(content, []byte(dir))
}

func commandLine(proc string) string {
	content, _ := os.ReadFile(proc + "/cmdline") // it may have ended meanwhile
	return string(bytes.ReplaceAll(content, []byte{0}, []byte{' '}))
}
