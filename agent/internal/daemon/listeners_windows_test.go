package daemon

import (
	"context"
	"encoding/binary"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/ipc/ipctest"
)

// listeners gives the local ports on which this process listens, TCP and UDP,
// from the tables of Windows.
func listeners(t *testing.T) map[string][]uint16 {
	t.Helper()
	const (
		tcpListeners = 3 // TCP_TABLE_OWNER_PID_LISTENER
		udpOwners    = 1 // UDP_TABLE_OWNER_PID
	)
	helper := windows.NewLazySystemDLL("iphlpapi.dll")
	found := make(map[string][]uint16)
	for _, table := range []struct {
		call             string
		family           uintptr
		class            uintptr
		row, port, owner int
	}{
		{"GetExtendedTcpTable", windows.AF_INET, tcpListeners, 24, 8, 20},
		{"GetExtendedTcpTable", windows.AF_INET6, tcpListeners, 56, 20, 52},
		{"GetExtendedUdpTable", windows.AF_INET, udpOwners, 12, 4, 8},
		{"GetExtendedUdpTable", windows.AF_INET6, udpOwners, 28, 20, 24},
	} {
		size := uint32(1 << 20)
		b := make([]byte, size)
		if code, _, _ := helper.NewProc(table.call).Call(uintptr(unsafe.Pointer(&b[0])), uintptr(unsafe.Pointer(&size)), 0, table.family, table.class, 0); code != 0 {
			t.Fatalf("%s: %v", table.call, windows.Errno(code))
		}
		for i := range int(binary.LittleEndian.Uint32(b)) {
			row := b[4+i*table.row:]
			if binary.LittleEndian.Uint32(row[table.owner:]) == uint32(os.Getpid()) {
				found[table.call] = append(found[table.call], binary.BigEndian.Uint16(row[table.port:]))
			}
		}
	}
	return found
}

// TestTheServiceListensOnItsPipeOnly runs a whole service and looks through the
// machine's sockets for it.
func TestTheServiceListensOnItsPipeOnly(t *testing.T) {
	ready := make(chan struct{})
	socket := ipctest.Path(t)
	cfg := Config{
		State: filepath.Join(t.TempDir(), "state"), Socket: socket, PerUser: true, Version: "test",
		Log: slog.New(slog.DiscardHandler), Ready: func() { close(ready) },
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, cfg) }()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	c, err := ipc.Dial(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	if found := listeners(t); len(found) > 0 {
		t.Errorf("the service listens on %v", found)
	}
	_ = c.Close()
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // the tables show one that is there
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if found := listeners(t); len(found["GetExtendedTcpTable"]) != 1 {
		t.Fatalf("the tables show %v", found)
	}
}
