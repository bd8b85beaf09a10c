package main

/*
#include <stdlib.h>
#include <string.h>
#include "guard.h"
*/
import "C"

import (
	"time"
	"unicode/utf8"
	"unsafe"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/sdkbridge"
)

//export iscgo_environment
func iscgo_environment() C.isc_status {
	return guarded(func() error { return sdkbridge.CheckEnvironment(getenv) })
}

//export iscgo_init
func iscgo_init(o *C.isc_options, handle *C.uintptr_t) C.isc_status {
	return guarded(func() error {
		h, err := handles.reserve()
		if err != nil {
			return err
		}
		var s *sdkbridge.Session
		defer func() { handles.settle(h, s) }() // also after a panic
		s, err = sdkbridge.Start(sdkbridge.Options{
			Delivery:        sdkbridge.Delivery(o.delivery),
			Timeout:         milliseconds(o.timeout_ms),
			ShutdownTimeout: milliseconds(o.shutdown_timeout_ms),
			Product:         text(o.product), Version: text(o.version),
			LeaseKeys: text(o.lease_keys), Socket: text(o.socket),
			Language: text(o.language), Workspace: text(o.workspace),
			Getenv:   getenv,
			Callback: callback(h, o.callback, o.user),
		})
		if s != nil {
			*handle = h
		}
		return err
	})
}

func milliseconds(n C.uint32_t) time.Duration { return time.Duration(n) * time.Millisecond }

// callback is the application's callback as Go calls it; nil for NULL.
func callback(h C.uintptr_t, f C.isc_event_callback, user unsafe.Pointer) sdkbridge.Callback {
	if f == nil {
		return nil
	}
	return func(t sdkbridge.EventType, message string) {
		own := C.CString(message)
		defer C.free(unsafe.Pointer(own))
		C.iscc_deliver(f, user, h, C.isc_event_type(t), own)
	}
}

//export iscgo_shutdown
func iscgo_shutdown(h C.uintptr_t) C.isc_status {
	return guarded(func() error {
		s := handles.take(h)
		if s == nil {
			return api.Fail(api.NotInitialized)
		}
		return s.Close(C.iscc_in_callback(h) != 0)
	})
}

//export iscgo_error_text
func iscgo_error_text(status C.isc_status, lang, buf *C.char, size C.size_t) C.isc_status {
	return guarded(func() error {
		language := processLanguage()
		if lang != nil {
			language = api.ParseLanguage(C.GoString(lang))
		}
		*buf = 0
		if status == C.ISC_OK {
			return nil
		}
		row, ok := api.FromC(int32(status))
		if !ok {
			return api.Fail(api.NotFound, "what", "status")
		}
		return put(buf, size, api.Fail(row.Code).Text(language))
	})
}

// put copies text into C's buffer, cut at a whole character where it does not
// fit.
func put(buf *C.char, size C.size_t, text string) error {
	room := unsafe.Slice((*byte)(unsafe.Pointer(buf)), int(size))
	whole := len(text) < len(room)
	for len(text) >= len(room) || !utf8.ValidString(text) {
		text = text[:min(len(text), len(room))-1]
	}
	room[copy(room, text)] = 0
	if !whole {
		return api.Fail(api.BufferTooSmall, "needed", "512")
	}
	return nil
}

//export iscgo_set_event_callback
func iscgo_set_event_callback(h C.uintptr_t, f C.isc_event_callback, user unsafe.Pointer) C.isc_status {
	return on(h, func(s *sdkbridge.Session) error {
		s.SetCallback(callback(h, f, user))
		return nil
	})
}

//export iscgo_run_callbacks
func iscgo_run_callbacks(h C.uintptr_t, timeout C.uint32_t, delivered *C.uint32_t) C.isc_status {
	return on(h, func(s *sdkbridge.Session) error {
		n, err := s.RunCallbacks(milliseconds(timeout))
		*delivered = C.uint32_t(n)
		return err
	})
}

//export iscgo_event_fd
func iscgo_event_fd(h C.uintptr_t, fd *C.int) C.isc_status {
	return on(h, func(s *sdkbridge.Session) error {
		n, err := s.EventDescriptor()
		*fd = C.int(n)
		return err
	})
}

//export iscgo_next_event
func iscgo_next_event(h C.uintptr_t, kind *C.isc_event_type, buf *C.char, size C.size_t, needed *C.size_t) C.isc_status {
	return on(h, func(s *sdkbridge.Session) error {
		e, err := s.NextEvent(func(e sdkbridge.Event) bool { return len(e.Message) < int(size) })
		*kind = C.isc_event_type(e.Type)
		if e.Type == sdkbridge.EventNone {
			return err
		}
		*needed = C.size_t(len(e.Message) + 1)
		if err == nil {
			err = put(buf, size, e.Message)
		}
		return err
	})
}

//export iscgo_heartbeat_event
func iscgo_heartbeat_event(h C.uintptr_t) C.isc_status {
	return on(h, (*sdkbridge.Session).HeartbeatEvent)
}

//export iscgo_heartbeat
func iscgo_heartbeat(h C.uintptr_t, reply *C.isc_heartbeat_reply) C.isc_status {
	return on(h, func(s *sdkbridge.Session) error {
		beat, err := s.Heartbeat()
		if err != nil {
			return err
		}
		switch beat.State {
		case api.StateOnline:
			reply.state = C.ISC_STATE_ONLINE
		case api.StateSignedOut:
			reply.state = C.ISC_STATE_SIGNED_OUT
		default:
			reply.state = C.ISC_STATE_OFFLINE
		}
		reply.interval_seconds = C.uint32_t(max(beat.IntervalSeconds, 0))
		reply.lease_deadline = C.int64_t(beat.LeaseDeadline)
		return nil
	})
}

//export iscgo_license_request
func iscgo_license_request(h C.uintptr_t, kind C.int32_t, trial C.int, file, device, tag *C.char) C.isc_status {
	order := sdkbridge.LicenseOrder{
		Kind: api.LicenseString, FileName: text(file), DeviceInfo: text(device),
		Trial: trial != 0, Tag: text(tag),
	}
	if kind == C.ISC_LICENSE_FILE {
		order.Kind = api.LicenseFile
	}
	return on(h, func(s *sdkbridge.Session) error { return s.RequestLicense(order) })
}

//export iscgo_license_verify_notify
func iscgo_license_verify_notify(h C.uintptr_t, accepted C.int, message *C.char) C.isc_status {
	value := text(message)
	return on(h, func(s *sdkbridge.Session) error { return s.VerifyNotify(accepted != 0, value) })
}

//export iscgo_license_acquire
func iscgo_license_acquire(h C.uintptr_t, features *C.char) C.isc_status {
	value := text(features)
	return on(h, func(s *sdkbridge.Session) error { return s.AcquireLease(value) })
}

//export iscgo_license_check
func iscgo_license_check(h C.uintptr_t, feature *C.char, info *C.isc_lease_info) C.isc_status {
	name := text(feature)
	return on(h, func(s *sdkbridge.Session) error {
		state, err := s.CheckLease(name)
		if state.InGrace {
			info.in_grace = 1
		}
		info.expires, info.grace_until = C.int64_t(state.Expires), C.int64_t(state.GraceUntil)
		return err
	})
}

//export iscgo_license_release
func iscgo_license_release(h C.uintptr_t) C.isc_status {
	return on(h, (*sdkbridge.Session).ReleaseLease)
}

//export iscgo_open_cloud_file
func iscgo_open_cloud_file(h C.uintptr_t, tag *C.char) C.isc_status {
	value := text(tag)
	return on(h, func(s *sdkbridge.Session) error { return s.OpenCloudFile(value) })
}

// The kinds of save, as exports.c numbers them.
const (
	save = iota
	saveAs
	solve
)

//export iscgo_save
func iscgo_save(h C.uintptr_t, kind C.int, path *C.char, assembly C.int, tag *C.char) C.isc_status {
	order := sdkbridge.SaveOrder{
		Path: text(path), Assembly: assembly != 0, SaveAs: kind == saveAs, Solve: kind == solve,
		Tag: text(tag),
	}
	return on(h, func(s *sdkbridge.Session) error { return s.Save(order) })
}

//export iscgo_check_new_versions
func iscgo_check_new_versions(h C.uintptr_t, tag *C.char) C.isc_status {
	value := text(tag)
	return on(h, func(s *sdkbridge.Session) error { return s.CheckNewVersions(value) })
}

//export iscgo_upgrade_notify
func iscgo_upgrade_notify(h C.uintptr_t, accept C.int) C.isc_status {
	return on(h, func(s *sdkbridge.Session) error { return s.UpgradeNotify(accept != 0) })
}
