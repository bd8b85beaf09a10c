//go:build !linux

package stage

import "os"

func startWriteback(*os.File, int64, int64) {}
