//go:build !linux

package fingerprint

import "net"

// read gives the MAC addresses that hardware makers assigned. The serials
// would need queries (WMI, device control) that are not made yet: their parts
// stay empty.
func read() []Part {
	const later = "not read on this system"
	mac := Part{Name: PartMAC}
	interfaces, err := net.Interfaces()
	if err != nil {
		mac.Missing = err.Error()
	}
	for _, i := range interfaces {
		if a := i.HardwareAddr; i.Flags&net.FlagLoopback == 0 && len(a) == 6 && a[0]&3 == 0 {
			mac.Values = append(mac.Values, a.String())
		}
	}
	return []Part{mac, {Name: PartDisk, Missing: later}, {Name: PartBoard, Missing: later}, {Name: PartCPU, Missing: later}}
}
