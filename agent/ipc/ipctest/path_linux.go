package ipctest

import "path/filepath"

// In is the socket that belongs to a folder.
func In(dir string) string { return filepath.Join(dir, "agent.sock") }
