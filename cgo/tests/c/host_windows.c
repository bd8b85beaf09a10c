/* The ways of the host that only Windows has: the console, crash filters, the
 * settings of the process, names outside the code page. */
#define _WIN32_WINNT 0x0A00
#include "host.h"

#include <tlhelp32.h>
#include <wchar.h>

#if defined(_WIN64)
#define LIBRARY L"IscdeskApi64.dll"
#else
#define LIBRARY L"IscdeskApi.dll"
#endif

void monitor_enter(monitor *m) {
    AcquireSRWLockExclusive(&m->lock);
}

void monitor_leave(monitor *m) {
    WakeAllConditionVariable(&m->changed);
    ReleaseSRWLockExclusive(&m->lock);
}

void monitor_wait(monitor *m, int seconds) {
    CHECK(SleepConditionVariableSRW(&m->changed, &m->lock, (DWORD)seconds * 1000, 0));
}

static DWORD WINAPI run_thread(void *t) {
    ((thread *)t)->run(((thread *)t)->argument);
    return 0;
}

static void start_thread_with(thread *t, SIZE_T stack, void (*run)(void *), void *argument) {
    t->run = run;
    t->argument = argument;
    t->handle = CreateThread(NULL, stack, run_thread, t, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    CHECK(t->handle != NULL);
}

void thread_start(thread *t, void (*run)(void *), void *argument) {
    start_thread_with(t, 0, run, argument);
}

void thread_join(thread *t) {
    CHECK(WaitForSingleObject(t->handle, INFINITE) == WAIT_OBJECT_0);
    CloseHandle(t->handle);
}

int count_handles(void) {
    DWORD n = 0;
    CHECK(GetProcessHandleCount(GetCurrentProcess(), &n));
    return (int)n;
}

int count_threads(void) {
    THREADENTRY32 entry;
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    int n = 0;
    entry.dwSize = sizeof entry;
    for (BOOL more = Thread32First(all, &entry); more; more = Thread32Next(all, &entry))
        n += entry.th32OwnerProcessID == GetCurrentProcessId();
    CloseHandle(all);
    return n;
}

void begin(void) {
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX); /* no windows in tests */
}

static void by_event(void) {
    isc_session *session = start(ISC_DELIVER_DESCRIPTOR);
    isc_event_type type;
    char text[4096];
    int fd;
    DWORD flags = 0;
    CHECK(isc_event_fd(session, &fd) == ISC_OK);
    CHECK(WaitForSingleObject(ISC_EVENT_HANDLE(fd), 0) == WAIT_TIMEOUT);
    CHECK(GetHandleInformation(ISC_EVENT_HANDLE(fd), &flags) && !(flags & HANDLE_FLAG_INHERIT));
    CHECK(isc_next_event(session, &type, text, sizeof text, NULL) == ISC_OK && type == ISC_EVENT_NONE);
    CHECK(isc_heartbeat(session, NULL) == ISC_OK);
    CHECK(WaitForSingleObject(ISC_EVENT_HANDLE(fd), 5000) == WAIT_OBJECT_0);
    CHECK(WaitForSingleObject(ISC_EVENT_HANDLE(fd), 0) == WAIT_OBJECT_0); /* until it is taken */
    CHECK(isc_next_event(session, &type, text, sizeof text, NULL) == ISC_OK && type == ISC_EVENT_HEARTBEAT);
    CHECK(WaitForSingleObject(ISC_EVENT_HANDLE(fd), 0) == WAIT_TIMEOUT);
    CHECK(isc_shutdown(session) == ISC_OK);
}

static volatile LONG interrupts_before, interrupts_after;
static HANDLE interrupted;

static BOOL WINAPI console_before(DWORD event) {
    InterlockedIncrement(&interrupts_before);
    SetEvent(interrupted);
    return event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
}

static BOOL WINAPI console_after(DWORD event) {
    (void)event;
    InterlockedIncrement(&interrupts_after);
    return FALSE; /* the one before decides */
}

/* A host that had a console handler keeps it, and one that comes later is
 * asked first, as without the library; the process lives on. */
static void keeps_console(void) {
    isc_session *session;
    FreeConsole();
    CHECK(AllocConsole());
    interrupted = CreateEventW(NULL, FALSE, FALSE, NULL);
    CHECK(SetConsoleCtrlHandler(NULL, FALSE));
    CHECK(SetConsoleCtrlHandler(console_before, TRUE));
    session = start(ISC_DELIVER_THREAD);
    CHECK(isc_heartbeat(session, NULL) == ISC_OK);
    CHECK(GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0));
    CHECK(WaitForSingleObject(interrupted, 10000) == WAIT_OBJECT_0 && interrupts_before == 1);
    CHECK(SetConsoleCtrlHandler(console_after, TRUE));
    CHECK(GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0));
    CHECK(WaitForSingleObject(interrupted, 10000) == WAIT_OBJECT_0);
    CHECK(interrupts_before == 2 && interrupts_after == 1);
    CHECK(isc_heartbeat(session, NULL) == ISC_OK);
    CHECK(isc_shutdown(session) == ISC_OK);
}

static LONG WINAPI crash_filter(EXCEPTION_POINTERS *e) {
    TerminateProcess(GetCurrentProcess(),
                     e->ExceptionRecord->ExceptionCode == EXCEPTION_ACCESS_VIOLATION ? 42 : 1);
    return EXCEPTION_EXECUTE_HANDLER;
}

static LONG CALLBACK crash_vectored(EXCEPTION_POINTERS *e) {
    if (e->ExceptionRecord->ExceptionCode == EXCEPTION_ACCESS_VIOLATION)
        TerminateProcess(GetCurrentProcess(), 43);
    return EXCEPTION_CONTINUE_SEARCH;
}

enum { before_loading = 0, after_loading = 1, in_callback = 2, vectored = 3 };

static void crash(void) {
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
}

static void ISC_CALL crash_on_event(void *user, isc_event_type type, const char *message) {
    (void)user, (void)type, (void)message;
    crash();
}

static void crashes(int when) {
    isc_session *session;
    if (when == before_loading || when == in_callback)
        SetUnhandledExceptionFilter(crash_filter);
    if (when == vectored)
        AddVectoredExceptionHandler(0, crash_vectored);
    session = start(ISC_DELIVER_THREAD);
    if (when == after_loading)
        SetUnhandledExceptionFilter(crash_filter);
    if (when == in_callback) {
        CHECK(isc_set_event_callback(session, crash_on_event, NULL) == ISC_OK);
        CHECK(isc_heartbeat(session, NULL) == ISC_OK);
        Sleep(10000);
    }
    CHECK(isc_heartbeat(session, NULL) == ISC_OK);
    crash();
}

static DWORD run_self(const wchar_t *arguments) {
    wchar_t self[1024], line[2048];
    STARTUPINFOW startup;
    PROCESS_INFORMATION child;
    DWORD code = 0;
    memset(&startup, 0, sizeof startup);
    startup.cb = sizeof startup;
    CHECK(GetModuleFileNameW(NULL, self, 1024) > 0);
    swprintf(line, 2048, L"\"%ls\" %ls", self, arguments);
    CHECK(CreateProcessW(self, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &child));
    CHECK(WaitForSingleObject(child.hProcess, 30000) == WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(child.hProcess, &code));
    CloseHandle(child.hProcess);
    CloseHandle(child.hThread);
    return code;
}

static void keeps_crash_handlers(void) {
    int bad = 0;
    static const wchar_t *const ways[] = {L"crash 0", L"crash 1", L"crash 2", L"crash 3"};
    for (int i = 0; i < 4; i++) {
        const DWORD code = run_self(ways[i]);
        fprintf(stderr, "%ls ends with %lu\n", ways[i], (unsigned long)code);
        bad += code != (i == vectored ? 43u : 42u);
    }
    CHECK(bad == 0);
}

/* What belongs to the process is as the host set it. */
static void keeps_settings(void) {
    UINT mode = SetErrorMode(SEM_FAILCRITICALERRORS);
    BOOL boost = TRUE;
    isc_session *session;
    isc_heartbeat_reply reply = {.struct_size = sizeof reply};
    (void)mode;
    SetUnhandledExceptionFilter(crash_filter);
    CHECK(SetProcessPriorityBoost(GetCurrentProcess(), FALSE));
    session = start(ISC_DELIVER_THREAD);
    CHECK(GetErrorMode() == SEM_FAILCRITICALERRORS);
    CHECK(GetProcessPriorityBoost(GetCurrentProcess(), &boost) && !boost);
    CHECK(SetUnhandledExceptionFilter(NULL) == crash_filter);
    SetLastError(4321);
    CHECK(isc_heartbeat(session, &reply) == ISC_OK);
    CHECK(GetLastError() == 4321);
    CHECK(isc_license_check(session, NULL, NULL) == ISC_E_LEASE_NOT_HELD);
    CHECK(GetLastError() == 4321 && strlen(isc_last_error()) > 0 && GetLastError() == 4321);
    CHECK(isc_shutdown(session) == ISC_OK);
}

/* FreeLibrary of as many references as there are does no harm. */
static void unloads(void) {
    for (int i = 0; i < 5; i++) {
        HMODULE library = LoadLibraryW(LIBRARY);
        CHECK(library != NULL);
        CHECK(FreeLibrary(library) && FreeLibrary(library) && GetModuleHandleW(LIBRARY) == library);
    }
    by_thread();
}

static void beat(void *session) {
    isc_heartbeat_reply reply = {.struct_size = sizeof reply};
    CHECK(isc_heartbeat(session, &reply) == ISC_OK && reply.state == ISC_STATE_ONLINE);
}

/* A large application has used up the first slots of thread-local storage, and
 * has threads with small stacks. */
static void crowded(void) {
    thread threads[16];
    isc_session *session;
    for (int i = 0; i < 80; i++)
        CHECK(TlsAlloc() != TLS_OUT_OF_INDEXES);
    session = start(ISC_DELIVER_THREAD);
    for (int i = 0; i < 16; i++)
        start_thread_with(&threads[i], 64 << 10, beat, session);
    for (int i = 0; i < 16; i++)
        thread_join(&threads[i]);
    CHECK(isc_shutdown(session) == ISC_OK);
}

static const char *utf8(const wchar_t *text, char *out, int size) {
    CHECK(WideCharToMultiByte(CP_UTF8, 0, text, -1, out, size, NULL, NULL) > 0);
    return out;
}

static void make_file(const wchar_t *path) {
    DWORD written;
    HANDLE f = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    CHECK(f != INVALID_HANDLE_VALUE && WriteFile(f, "x", 1, &written, NULL) && CloseHandle(f));
}

/* save saves what lies at the path; the service of the test takes nothing, so
 * that ISC_E_UNSUPPORTED means: found, read and offered. */
static isc_status save(isc_session *session, const wchar_t *path, int assembly) {
    static char name[3 * 32768];
    return isc_save(session, utf8(path, name, sizeof name), assembly, "tag");
}

/* Names as Windows has them: outside the code page, long, in their \\?\ form,
 * read-only, locked, of a share. */
static void names(void) {
    wchar_t here[1024], path[2048], full[2048];
    isc_session *session = start(ISC_DELIVER_THREAD);
    HANDLE locked;
    CHECK(GetCurrentDirectoryW(1024, here) > 0);
    swprintf(path, 2048, L"%ls\\\x9879\x76ee", here);
    CHECK(CreateDirectoryW(path, NULL));
    wcscat(path, L"\\\x88c5\x914d \x4f53");
    CHECK(CreateDirectoryW(path, NULL));
    swprintf(full, 2048, L"%ls\\\x88c5\x914d \x4f53.step", path);
    make_file(full);
    CHECK(save(session, full, 0) == ISC_E_UNSUPPORTED);
    CHECK(save(session, path, 1) == ISC_E_UNSUPPORTED);
    CHECK(save(session, L"\x9879\x76ee/\x88c5\x914d \x4f53\\\x88c5\x914d \x4f53.step", 0) ==
          ISC_E_UNSUPPORTED);
    CHECK(save(session, L"\x9879\x76ee\\none.step", 0) == ISC_E_FILE_UNREADABLE);
    CHECK(SetFileAttributesW(full, FILE_ATTRIBUTE_READONLY) && save(session, full, 0) == ISC_E_UNSUPPORTED);
    CHECK(SetFileAttributesW(full, FILE_ATTRIBUTE_NORMAL));

    locked = CreateFileW(full, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL); /* and share it with nobody */
    CHECK(locked != INVALID_HANDLE_VALUE && save(session, full, 0) == ISC_E_FILE_UNREADABLE);
    CHECK(strstr(isc_last_error(), "another program has it open; close it there and try again.") != NULL);
    CloseHandle(locked);
    locked = CreateFileW(full, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                         OPEN_EXISTING, 0, NULL);
    CHECK(locked != INVALID_HANDLE_VALUE &&
          save(session, full, 0) == ISC_E_UNSUPPORTED); /* as CAD programs keep it */
    CloseHandle(locked);

    swprintf(full, 2048, L"\\\\?\\%ls", path);
    for (int i = 0; i < 12; i++) {
        wcscat(full, L"\\a-folder-with-a-rather-long-name-\x4f53");
        CHECK(CreateDirectoryW(full, NULL));
    }
    wcscat(full, L"\\part.step");
    CHECK(wcslen(full) > 400);
    make_file(full);
    CHECK(save(session, full, 0) == ISC_E_UNSUPPORTED);
    CHECK(save(session, full + 4, 0) == ISC_E_UNSUPPORTED); /* longer than MAX_PATH, without \\?\ */
    swprintf(full, 2048, L"\\\\localhost\\%lc$\\none\\part.step", path[0]);
    CHECK(save(session, full, 0) == ISC_E_FILE_UNREADABLE);
    CHECK(save(session, L"\\\\.\\pipe\\none", 0) != ISC_OK);
    CHECK(isc_shutdown(session) == ISC_OK);
}

/* code_page: what was written for the narrow functions works: a name in the
 * code page is found, in calls and as the name of a licence file. The code page
 * is that of the West, or of China (936, GBK) where Wine was started for it;
 * CODE_PAGE says which it has to be. */
static void code_page(void) {
    const wchar_t *const name = GetACP() == 936 ? L"\x9879\x76ee \x88c5\x914d" : L"caf\xe9";
    const char *const expected = getenv("CODE_PAGE");
    char narrow[64];
    wchar_t path[256];
    isc_session *session = start(ISC_DELIVER_THREAD);
    CHECK(!expected || GetACP() == (UINT)atoi(expected));
    CHECK(WideCharToMultiByte(CP_ACP, 0, name, -1, narrow, sizeof narrow, NULL, NULL) > 0);
    CHECK(CreateDirectoryW(name, NULL));
    swprintf(path, 256, L"%ls\\part.step", name);
    make_file(path);
    strcat(narrow, "\\part.step");
    CHECK(isc_save(session, narrow, 0, NULL) == ISC_E_UNSUPPORTED);
    CHECK(isc_license_request_file(session, narrow, NULL, NULL) == ISC_E_UNSUPPORTED);
    CHECK(isc_shutdown(session) == ISC_OK);
}

int here_only(const char *way, const char *argument) {
    static const struct {
        const char *name;
        void (*go)(void);
    } ways[] = {{"event", by_event},
                {"console", keeps_console},
                {"crash-handlers", keeps_crash_handlers},
                {"settings", keeps_settings},
                {"unload", unloads},
                {"crowded", crowded},
                {"names", names},
                {"code-page", code_page}};
    if (!strcmp(way, "crash"))
        crashes(atoi(argument));
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (!strcmp(way, ways[i].name)) {
            ways[i].go();
            return 1;
        }
    return 0;
}
