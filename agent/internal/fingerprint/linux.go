package fingerprint

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"net"
	"path"
	"strings"
)

// maxRead bounds what is read of one file of the kernel's.
const maxRead = 256 << 10

// linuxParts reads a Linux file system; root is / on a real machine.
func linuxParts(root fs.FS) []Part {
	return []Part{macs(root), disks(root), board(root), cpu(root)}
}

// macs takes the permanent addresses of built-in network hardware. Bridges,
// tunnels, container ends and loopback have no device behind them; an address
// that was made up, borrowed or set by hand is not the hardware's; a card on
// USB comes and goes. A machine with nothing better (a virtual one, a tablet)
// is known by the next best.
func macs(root fs.FS) Part {
	var builtIn, pluggable, virtual []string
	for _, name := range list(root, "sys/class/net") {
		dir := path.Join("sys/class/net", name)
		if _, err := fs.Stat(root, dir+"/device"); err != nil {
			continue
		}
		address := text(root, dir+"/bonding_slave/perm_hwaddr") // a bond gives its members its own address
		if address == "" {
			if assigned := text(root, dir+"/addr_assign_type"); assigned != "" && assigned != "0" {
				continue
			}
			address = text(root, dir+"/address")
		}
		mac, err := net.ParseMAC(address)
		if err != nil || len(mac) != 6 || strings.Trim(address, "0:") == "" || mac[0]&1 != 0 {
			continue
		}
		switch {
		case mac[0]&2 != 0:
			virtual = append(virtual, address)
		case onUSB(root, dir):
			pluggable = append(pluggable, address)
		default:
			builtIn = append(builtIn, address)
		}
	}
	part := Part{Name: PartMAC, Missing: "no network hardware"}
	for _, values := range [][]string{builtIn, pluggable, virtual} {
		if len(values) > 0 {
			part.Values, part.Missing = values, ""
			break
		}
	}
	return part
}

// disks takes the serials of built-in disks.
func disks(root fs.FS) Part {
	part := Part{Name: PartDisk, Missing: "no built-in disk tells its serial"}
	for _, name := range list(root, "sys/block") {
		dir := path.Join("sys/block", name)
		_, err := fs.Stat(root, dir+"/device")
		if err != nil || text(root, dir+"/removable") == "1" || onUSB(root, dir) || opticalOrFloppy(name) {
			continue
		}
		if serial := diskSerial(root, dir); clean(serial) != "" {
			part.Values, part.Missing = append(part.Values, serial), ""
		}
	}
	return part
}

func opticalOrFloppy(name string) bool {
	return strings.HasPrefix(name, "sr") || strings.HasPrefix(name, "fd")
}

// diskSerial asks, in this order: the device (NVMe, MMC), the virtual disk,
// the SCSI page 0x80, what udev has read.
func diskSerial(root fs.FS, dir string) string {
	for _, file := range []string{"/device/serial", "/serial"} {
		if serial := text(root, dir+file); clean(serial) != "" {
			return serial
		}
	}
	if serial := unitSerial(content(root, dir+"/device/vpd_pg80")); clean(serial) != "" {
		return serial
	}
	for line := range strings.Lines(string(content(root, "run/udev/data/b"+text(root, dir+"/dev")))) {
		if serial, ok := strings.CutPrefix(strings.TrimSpace(line), "E:ID_SERIAL_SHORT="); ok {
			return serial
		}
	}
	return ""
}

// unitSerial reads the SCSI page 0x80: kind, page, length, text.
func unitSerial(page []byte) string {
	if len(page) < 4 || page[1] != 0x80 {
		return ""
	}
	end := 4 + int(binary.BigEndian.Uint16(page[2:4]))
	return string(page[4:min(end, len(page))])
}

// board takes the mainboard's serial, which the kernel shows to root only; on
// machines with a device tree, the serial that everybody may read.
func board(root fs.FS) Part {
	part := Part{Name: PartBoard}
	serial, err := errText(root, "sys/class/dmi/id/board_serial")
	if clean(serial) == "" {
		if tree := text(root, "sys/firmware/devicetree/base/serial-number"); clean(tree) != "" {
			serial, err = tree, nil
		}
	}
	switch {
	case clean(serial) != "":
		part.Values = []string{serial}
	case errors.Is(err, fs.ErrPermission):
		part.Missing = "only root may read it"
	default:
		part.Missing = "the maker did not fill it in"
	}
	return part
}

// onUSB tells whether an entry of a class hangs on USB: it is a link to the
// place of the device, and one of the folders on the way is a USB bus. Where links cannot be read nothing is known, and nothing left out.
func onUSB(root fs.FS, link string) bool {
	target, err := fs.ReadLink(root, link)
	return err == nil && strings.Contains("/"+target, "/usb")
}

func list(root fs.FS, dir string) []string {
	entries, err := fs.ReadDir(root, dir)
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// text reads a line of the kernel's; empty if it cannot.
func text(root fs.FS, file string) string {
	return strings.Trim(string(content(root, file)), " \t\r\n\x00")
}

func content(root fs.FS, file string) []byte {
	all, err := bytesOf(root, file)
	if err != nil {
		return nil
	}
	return all
}

func errText(root fs.FS, file string) (string, error) {
	all, err := bytesOf(root, file)
	return strings.TrimSpace(string(all)), err
}

func bytesOf(root fs.FS, file string) ([]byte, error) {
	f, err := root.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	return io.ReadAll(io.LimitReader(f, maxRead))
}
