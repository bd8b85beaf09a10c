#define _WIN32_WINNT 0x0A00 /* what Go needs */
#include "guard.h"

#include <stdlib.h>
#include <windows.h>

/* mingw's werapi.h does not compile. */
extern HRESULT WINAPI WerGetFlags(HANDLE process, DWORD *flags);
extern HRESULT WINAPI WerSetFlags(DWORD flags);

/* Go is started by the first call, not by loading: under the loader's lock
 * nothing of it could run, and what its runtime changes in the whole process
 * can only be put back when it is known to have ended its start. */
static INIT_ONCE started = INIT_ONCE_STATIC_INIT;
static DWORD error_slot = FLS_OUT_OF_INDEXES;
static DWORD delivering_slot = TLS_OUT_OF_INDEXES;

typedef void (*constructor)(void);
extern const constructor __CTOR_LIST__[]; /* of the linker: a count or -1, the functions, NULL */
extern uintptr_t _cgo_wait_runtime_init_done(void);

/* mingw's start-up calls this to run the constructors, of which Go's start is
 * one; see run_constructors. */
void __main(void);
void __main(void) {
}

static void run_constructors(void) {
    size_t n = 1;
    while (__CTOR_LIST__[n])
        n++;
    while (--n)
        __CTOR_LIST__[n]();
}

/* What Go's runtime sets for the whole process when it starts, and a library
 * must not: how crashes are reported, the boost of the threads' priority and,
 * on 32 bit, the application's own filter for exceptions that nobody handles. */
typedef struct process_settings {
    UINT error_mode;
    DWORD reports;
    HRESULT has_reports;
    BOOL no_boost;
    LPTOP_LEVEL_EXCEPTION_FILTER filter;
} process_settings;

static void keep(process_settings *kept) {
    HANDLE self = GetCurrentProcess();
    kept->error_mode = GetErrorMode();
    kept->has_reports = WerGetFlags(self, &kept->reports);
    if (!GetProcessPriorityBoost(self, &kept->no_boost))
        kept->no_boost = FALSE;
    kept->filter = SetUnhandledExceptionFilter(NULL);
    SetUnhandledExceptionFilter(kept->filter);
}

static void put_back(const process_settings *kept) {
    SetErrorMode(kept->error_mode);
    if (SUCCEEDED(kept->has_reports))
        WerSetFlags(kept->reports);
    SetProcessPriorityBoost(GetCurrentProcess(), kept->no_boost);
    SetUnhandledExceptionFilter(kept->filter);
}

static void WINAPI free_error(void *text) {
    free(text);
}

static BOOL CALLBACK start(INIT_ONCE *once, void *unused, void **context) {
    process_settings kept;
    (void)once, (void)unused, (void)context;
    error_slot = FlsAlloc(free_error);
    delivering_slot = TlsAlloc();
    keep(&kept);
    run_constructors();
    _cgo_wait_runtime_init_done();
    put_back(&kept);
    return TRUE;
}

/* A Go runtime cannot be unloaded: the library holds itself for as long as the
 * process lives, whatever FreeLibrary says. */
BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *reserved) {
    HMODULE pinned;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
        return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                                  (const wchar_t *)self, &pinned);
    return TRUE;
}

char *iscc_error_buffer(int make) {
    DWORD last = GetLastError();
    char *own = error_slot == FLS_OUT_OF_INDEXES ? NULL : FlsGetValue(error_slot);
    if (!own && make && error_slot != FLS_OUT_OF_INDEXES) {
        own = calloc(1, ISCC_ERROR_SIZE);
        if (own && !FlsSetValue(error_slot, own)) {
            free(own);
            own = NULL;
        }
    }
    SetLastError(last);
    return own;
}

int iscc_in_callback(uintptr_t session) {
    return delivering_slot != TLS_OUT_OF_INDEXES && (uintptr_t)TlsGetValue(delivering_slot) == session;
}

int iscc_enter(iscc_guard *guard) {
    guard->last_error = GetLastError();
    return InitOnceExecuteOnce(&started, start, NULL, NULL);
}

void iscc_leave(iscc_guard *guard) {
    SetLastError(guard->last_error);
}

#if defined(__x86_64__)
/* An exception that leaves a callback is one that nobody handles. The stack
 * beneath is Go's, where Windows would stop looking and end the process
 * without asking the application's own filter. */
static EXCEPTION_DISPOSITION __attribute__((used))
iscc_unhandled(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher) {
    EXCEPTION_POINTERS pointers = {record, context};
    (void)frame, (void)dispatcher;
    if (record->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND))
        return ExceptionContinueSearch;
    if (UnhandledExceptionFilter(&pointers) == EXCEPTION_CONTINUE_EXECUTION)
        return ExceptionContinueExecution;
    TerminateProcess(GetCurrentProcess(), record->ExceptionCode);
    return ExceptionContinueSearch;
}
#define UNHANDLED_HERE() __asm__ volatile(".seh_handler iscc_unhandled, @except")
#else
#define UNHANDLED_HERE() (void)0
#endif

void iscc_deliver(isc_event_callback callback, void *user, uintptr_t session, isc_event_type type,
                  const char *message) {
    void *outer = TlsGetValue(delivering_slot);
    UNHANDLED_HERE();
    TlsSetValue(delivering_slot, (void *)session);
    callback(user, type, message);
    TlsSetValue(delivering_slot, outer);
}
