package device

import (
	"net"
)

// nics lists the machine's interfaces.
func nics() ([]nic, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var list []nic
	for _, i := range interfaces {
		if i.Flags&net.FlagLoopback != 0 || !macAddress(i.HardwareAddr) {
			continue
		}
		list = append(list, nic{mac: i.HardwareAddr.String(), hardware: makersOwn(i.HardwareAddr) && isDevice(i.Name)})
	}
	return list, nil
}

// macAddress tells a real address of Ethernet from none and from zeros.
func macAddress(a net.HardwareAddr) bool {
	if len(a) != 6 {
		return false
	}
	for _, b := range a {
		if b != 0 {
			return true
		}
	}
	return false
}

// makersOwn tells an address that the maker burned in from one that software
// made up (bit 1 of the first byte) and from a group's (bit 0).
func makersOwn(a net.HardwareAddr) bool { return a[0]&0x03 == 0 }
