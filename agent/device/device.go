// Package device tells which machine this is, in a form made for one product:
// two products cannot compare notes, and the machine's own id never leaves it.
// The service and the SDK library both call it and get the same answer.
package device

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/denisbrodbeck/machineid"

	"iscdesk.dev/agent/api"
)

// ID is the machine's id as protected for product: 64 hexadecimal digits,
// HMAC-SHA256 of the product keyed by the operating system's machine id
// (/var/lib/dbus/machine-id or /etc/machine-id, MachineGuid on Windows).
//
// Containers and bare images often have no machine id. There the key is the
// sorted MAC addresses of the network hardware together with the host name;
// where there is no hardware, the addresses of the virtual interfaces. A
// machine with neither fails with api.DeviceUnknown.
func ID(product string) (string, error) {
	return sources{machine: machineid.ID, host: os.Hostname, nics: nics}.id(product)
}

// sources is where the parts of an identity come from.
type sources struct {
	machine func() (string, error)
	host    func() (string, error)
	nics    func() ([]nic, error)
}

// nic is a network interface other than loopback. Hardware tells that it is a
// device of its own with an address that its maker gave it.
type nic struct {
	mac      string
	hardware bool
}

func (s sources) id(product string) (string, error) {
	machine, machineErr := s.machine()
	if machineErr == nil && usable(machine) {
		return protect(product, machine), nil
	}
	host, hostErr := s.host()
	list, nicErr := s.nics()
	if macs := pick(list); len(macs) > 0 && hostErr == nil {
		return protect(product, "iscdesk-device/1\n"+host+"\n"+strings.Join(macs, "\n")), nil
	}
	return "", api.Fail(api.DeviceUnknown).Because(errors.Join(machineErr, hostErr, nicErr))
}

// usable refuses what an image that was never booted holds in place of an id:
// nothing, the word uninitialized, zeros.
func usable(machine string) bool {
	return len(machine) >= 16 && machine != "uninitialized" && strings.Trim(machine, "0-{}") != ""
}

// pick gives the addresses that identify the machine, sorted, each once.
func pick(list []nic) []string {
	var hard, all []string
	for _, n := range list {
		all = append(all, n.mac)
		if n.hardware {
			hard = append(hard, n.mac)
		}
	}
	if len(hard) == 0 {
		hard = all
	}
	slices.Sort(hard)
	return slices.Compact(hard)
}

// protect is machineid.ProtectedID on a key that was read already.
func protect(product, key string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(product))
	return hex.EncodeToString(mac.Sum(nil))
}
