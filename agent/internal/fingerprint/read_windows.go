package fingerprint

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// read asks the firmware, the disks and the network adapters. None of it needs
// a right that a plain user lacks, and a 32-bit process gets the same answers.
func read() []Part {
	firmware := structures(firmwareTable(firmwareDump()))
	return []Part{adapterPart(adapters()), diskPart(storages()), firmwareBoard(firmware), firmwareCPU(firmware)}
}

// firmwareDump is the SMBIOS table; empty where there is none.
func firmwareDump() []byte {
	call := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetSystemFirmwareTable")
	if call.Find() != nil {
		return nil
	}
	const provider = 'R'<<24 | 'S'<<16 | 'M'<<8 | 'B'
	var dump []byte
	for range 4 { // the table does not change; its size is asked for first
		var start *byte
		if len(dump) > 0 {
			start = &dump[0]
		}
		size, _, _ := call.Call(provider, 0, uintptr(unsafe.Pointer(start)), uintptr(len(dump)))
		switch {
		case size == 0:
			return nil
		case int(size) <= len(dump):
			return dump[:size]
		}
		dump = make([]byte, size)
	}
	return nil
}

// maxDrives bounds how many disks are asked; their numbers may have gaps.
const maxDrives = 64

// storages asks every disk about itself.
func storages() []storage {
	var list []storage
	for number := range maxDrives {
		if s, ok := storageOf(number); ok {
			list = append(list, s)
		}
	}
	return list
}

// storageOf asks one disk. It is opened for no access at all, which everybody
// may.
func storageOf(number int) (storage, bool) {
	name, err := windows.UTF16PtrFromString(fmt.Sprintf(`\\.\PhysicalDrive%d`, number))
	if err != nil {
		return storage{}, false
	}
	disk, err := windows.CreateFile(name, 0, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		return storage{}, false
	}
	defer func() { _ = windows.CloseHandle(disk) }() // nothing was written
	const queryProperty = 0x2D1400                   // IOCTL_STORAGE_QUERY_PROPERTY
	var query [12]byte                               // StorageDeviceProperty, PropertyStandardQuery
	answer := make([]byte, 4<<10)
	var size uint32
	err = windows.DeviceIoControl(disk, queryProperty, &query[0], uint32(len(query)), &answer[0], uint32(len(answer)), &size, nil)
	if err != nil {
		return storage{}, false
	}
	return parseStorage(answer[:size])
}

// adapters lists the network adapters, those that are switched off included.
func adapters() []adapter {
	first, err := adapterAddresses()
	entry := windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetIfEntry2")
	if err != nil || entry.Find() != nil {
		return nil
	}
	var list []adapter
	for a := first; a != nil; a = a.Next {
		row := windows.MibIfRow2{InterfaceLuid: a.Luid}
		if status, _, _ := entry.Call(uintptr(unsafe.Pointer(&row))); status != 0 {
			continue
		}
		length := min(int(row.PhysicalAddressLength), len(row.PhysicalAddress))
		const hardwareInterface = 1 // in InterfaceAndOperStatusFlags
		list = append(list, adapter{
			hardware: row.InterfaceAndOperStatusFlags&hardwareInterface != 0,
			wired:    row.Type == windows.IF_TYPE_ETHERNET_CSMACD, wireless: row.Type == windows.IF_TYPE_IEEE80211,
			permanent: net.HardwareAddr(row.PermanentPhysicalAddress[:length]),
			current:   net.HardwareAddr(row.PhysicalAddress[:length]),
			device:    deviceOf(row.InterfaceGuid),
		})
	}
	runtime.KeepAlive(first)
	return list
}

func adapterAddresses() (*windows.IpAdapterAddresses, error) {
	const flags = windows.GAA_FLAG_SKIP_UNICAST | windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST |
		windows.GAA_FLAG_SKIP_DNS_SERVER | windows.GAA_FLAG_INCLUDE_ALL_INTERFACES
	size := uint32(16 << 10)
	for range 8 { // adapters come while one looks
		buffer := make([]uint64, size/8+1) // as the structures are aligned
		list := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buffer[0]))
		err := windows.GetAdaptersAddresses(windows.AF_UNSPEC, flags, 0, list, &size)
		if err == nil {
			return list, nil
		}
		if !errors.Is(err, windows.ERROR_BUFFER_OVERFLOW) {
			return nil, err
		}
	}
	return nil, windows.ERROR_BUFFER_OVERFLOW
}

// deviceOf is the id of the device behind an adapter; empty if it is not told.
func deviceOf(id windows.GUID) string {
	const networks = `SYSTEM\CurrentControlSet\Control\Network\{4D36E972-E325-11CE-BFC1-08002BE10318}\`
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, networks+id.String()+`\Connection`, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer func() { _ = key.Close() }() // nothing was written
	device, _, err := key.GetStringValue("PnpInstanceID")
	if err != nil {
		return ""
	}
	return device
}
