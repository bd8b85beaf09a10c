package fingerprint

import (
	"net"
	"strings"
)

// adapter is a network adapter as Windows knows it.
type adapter struct {
	// hardware tells that a driver of a device made it, not software.
	hardware bool
	// wired and wireless are Ethernet and Wi-Fi; nothing else has the addresses
	// that count.
	wired, wireless bool
	// permanent is the address that the maker burned in; empty: not told.
	// current is the one in use, which anybody may set.
	permanent, current net.HardwareAddr
	// device is the id of the device behind it, such as PCI\VEN_8086…; empty:
	// not known.
	device string
}

// adapterPart takes the permanent addresses of built-in network hardware; a
// machine with nothing better is known by what is plugged in, or by addresses
// that were made up, as those of virtual machines are.
func adapterPart(all []adapter) Part {
	var builtIn, pluggable, madeUp []string
	for _, a := range all {
		mac := a.permanent
		if !usableMAC(mac) {
			mac = a.current
		}
		if !a.hardware || (!a.wired && !a.wireless) || !usableMAC(mac) {
			continue
		}
		switch bus, _, _ := strings.Cut(strings.ToUpper(a.device), `\`); {
		case bus == "ROOT" || bus == "SWD" || bus == "BTH" || bus == "{5D624F94-8850-40C3-A3FA-A4FD2080BAF3}":
			// software, a telephone, a guest's or Wi-Fi Direct's second face
		case mac[0]&2 != 0:
			madeUp = append(madeUp, mac.String())
		case bus == "USB":
			pluggable = append(pluggable, mac.String())
		default:
			builtIn = append(builtIn, mac.String())
		}
	}
	part := Part{Name: PartMAC, Missing: "no network hardware"}
	for _, values := range [][]string{builtIn, pluggable, madeUp} {
		if len(values) > 0 {
			part.Values, part.Missing = values, ""
			break
		}
	}
	return part
}

// usableMAC tells the address of one card from none, from zeros and from a
// group's.
func usableMAC(a net.HardwareAddr) bool {
	if len(a) != 6 || a[0]&1 != 0 {
		return false
	}
	for _, b := range a {
		if b != 0 {
			return true
		}
	}
	return false
}
