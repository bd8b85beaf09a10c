package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// exposed gives the file or folder by which others than root could put their
// own program in the place of ours; empty: there is none. In a folder with the
// sticky bit nobody replaces what is root's.
func exposed(program string) (string, error) {
	program, err := filepath.EvalSymlinks(program)
	if err != nil {
		return "", err
	}
	for path := program; ; path = filepath.Dir(path) {
		info, err := os.Lstat(path)
		if err != nil {
			return "", err
		}
		if mayChange(info) {
			return path, nil
		}
		if path == filepath.Dir(path) {
			return "", nil
		}
	}
}

func mayChange(info fs.FileInfo) bool {
	const others = 0o022
	stat, ok := info.Sys().(*syscall.Stat_t)
	kept := info.IsDir() && info.Mode()&fs.ModeSticky != 0
	return !ok || stat.Uid != 0 || info.Mode().Perm()&others != 0 && !kept
}
