package main

/*
#include <stdlib.h>
#include "guard.h"
*/
import "C"

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"unsafe"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/sdkbridge"
)

// maxSessions is how many sessions a process may have.
const maxSessions = 64

// registry maps the handles that C holds to sessions. A handle is a number that
// is never used again, so that one that was shut down is recognised and never
// followed into freed memory.
type registry struct {
	mu       sync.RWMutex
	sessions map[C.uintptr_t]*sdkbridge.Session
	last     C.uintptr_t
	reserved int
	tune     sync.Once
}

// handles is the one state of the library: C has no other place to keep it.
var handles = &registry{sessions: map[C.uintptr_t]*sdkbridge.Session{}} //nolint:gochecknoglobals // see above

// reserve takes the place of a session that is about to start.
func (r *registry) reserve() (C.uintptr_t, error) {
	r.tune.Do(keepSmall)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sessions)+r.reserved >= maxSessions {
		return 0, api.Fail(api.Busy)
	}
	r.reserved++
	r.last++
	return r.last, nil
}

// settle puts the session in the reserved place, or gives the place back where
// there is none.
func (r *registry) settle(h C.uintptr_t, s *sdkbridge.Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reserved--
	if s != nil {
		r.sessions[h] = s
	}
}

func (r *registry) get(h C.uintptr_t) *sdkbridge.Session {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.sessions[h]
}

func (r *registry) take(h C.uintptr_t) *sdkbridge.Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sessions[h]
	delete(r.sessions, h)
	return s
}

// keepSmall holds the library to a small part of its host's memory and cores.
func keepSmall() {
	debug.SetGCPercent(50)
	runtime.GOMAXPROCS(min(runtime.GOMAXPROCS(0), 4))
}

// on runs f with the session of a handle and gives the status of its error. A
// panic ends here, as ISC_E_INTERNAL.
func on(h C.uintptr_t, f func(*sdkbridge.Session) error) (status C.isc_status) {
	lang := api.Language("")
	defer func() {
		if r := recover(); r != nil {
			status = fail(api.Fail(api.Internal).Because(fmt.Errorf("panic: %v", r)), lang)
		}
	}()
	s := handles.get(h)
	if s == nil {
		return fail(api.Fail(api.NotInitialized), lang)
	}
	lang = s.Language()
	return fail(f(s), lang)
}

// guarded is on for what needs no session.
func guarded(f func() error) (status C.isc_status) {
	defer func() {
		if r := recover(); r != nil {
			status = fail(api.Fail(api.Internal).Because(fmt.Errorf("panic: %v", r)), "")
		}
	}()
	return fail(f(), "")
}

// fail keeps the text of an error for isc_last_error and gives its status.
func fail(err error, lang api.Language) C.isc_status {
	e := api.AsError(err)
	if e == nil {
		return C.ISC_OK
	}
	row, ok := api.Lookup(e.Code)
	if !ok {
		row.C = C.ISC_E_INTERNAL
	}
	if lang == "" {
		lang = processLanguage()
	}
	own := C.CString(e.Text(lang))
	C.iscc_set_error(own)
	C.free(unsafe.Pointer(own))
	return C.isc_status(row.C)
}

func processLanguage() api.Language {
	if name := sdkbridge.Locale(getenv); name != "" {
		return api.ParseLanguage(name)
	}
	return api.English
}

// text is a text of the host's.
func text(s *C.char) string { return sdkbridge.HostText(C.GoString(s)) }

// getenv reads the host's live environment: Go's copy is of the moment of
// loading.
func getenv(name string) string {
	if runtime.GOOS == "windows" {
		return os.Getenv(name)
	}
	key := C.CString(name)
	defer C.free(unsafe.Pointer(key))
	return C.GoString(C.getenv(key))
}
