/* A host process that is as rough with the library as a CAD program: each
 * subcommand is one way, and ends with 0 when the library has borne it. It is
 * C99 and links the library. What only one system has is in host_linux.c and
 * host_windows.c. */
#include "host.h"

static monitor state;
static int heartbeats;
static isc_session *to_shut_down;

static void ISC_CALL on_event(void *user, isc_event_type type, const char *message) {
    (void)user;
    CHECK(strncmp(message, "{\"operate\":\"", 12) == 0);
    if (type != ISC_EVENT_HEARTBEAT)
        return;
    CHECK(strstr(message, "\"state\":\"online\"") != NULL);
    if (to_shut_down) {
        /* no lock is held here: every function may be called */
        isc_heartbeat_reply reply = {.struct_size = sizeof reply};
        CHECK(isc_heartbeat(to_shut_down, &reply) == ISC_OK);
        CHECK(isc_shutdown(to_shut_down) == ISC_OK);
        CHECK(isc_heartbeat(to_shut_down, &reply) == ISC_E_NOT_INITIALIZED);
    }
    monitor_enter(&state);
    heartbeats++;
    monitor_leave(&state);
}

void await_heartbeats(int count) {
    monitor_enter(&state);
    while (heartbeats < count)
        monitor_wait(&state, 20);
    monitor_leave(&state);
}

isc_session *start(uint32_t delivery) {
    isc_options options;
    isc_session *session = NULL;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.delivery = delivery;
    options.product = "host";
    options.version = "1.0.0";
    options.callback = on_event;
    CHECK(isc_init(&options, &session) == ISC_OK);
    CHECK(session != NULL);
    return session;
}

void by_thread(void) {
    isc_session *session = start(ISC_DELIVER_THREAD);
    int fd;
    CHECK(isc_heartbeat(session, NULL) == ISC_OK);
    await_heartbeats(1);
    CHECK(isc_run_callbacks(session, 0, NULL) == ISC_E_UNSUPPORTED);
    CHECK(isc_event_fd(session, &fd) == ISC_E_UNSUPPORTED);
    CHECK(isc_shutdown(session) == ISC_OK);
    CHECK(isc_shutdown(session) == ISC_E_NOT_INITIALIZED);
}

static void by_pump(void) {
    isc_session *session = start(ISC_DELIVER_PUMP);
    uint32_t delivered = 7;
    CHECK(isc_run_callbacks(session, 0, &delivered) == ISC_OK && delivered == 0);
    CHECK(isc_heartbeat(session, NULL) == ISC_OK);
    CHECK(heartbeats == 0);
    CHECK(isc_run_callbacks(session, 5000, &delivered) == ISC_OK && delivered == 1);
    CHECK(heartbeats == 1);
    to_shut_down = session; /* inside the callback, on this very thread */
    CHECK(isc_heartbeat(session, NULL) == ISC_OK);
    CHECK(isc_run_callbacks(session, 5000, &delivered) == ISC_OK);
    CHECK(heartbeats == 2);
    CHECK(isc_run_callbacks(session, 0, NULL) == ISC_E_NOT_INITIALIZED);
}

static void shutdown_in_callback(void) {
    isc_session *session = start(ISC_DELIVER_THREAD);
    to_shut_down = session;
    CHECK(isc_heartbeat(session, NULL) == ISC_OK);
    await_heartbeats(1);
    CHECK(isc_shutdown(session) == ISC_E_NOT_INITIALIZED);
}

static void again_and_again(const char *times) {
    int handles = 0, threads = 0;
    for (int i = 0; i < atoi(times); i++) {
        isc_session *session = start((uint32_t)i % 3);
        CHECK(isc_heartbeat(session, NULL) == ISC_OK);
        CHECK(isc_shutdown(session) == ISC_OK);
        if (i == 20) {
            handles = count_handles();
            threads = count_threads();
        }
    }
    CHECK(count_handles() <= handles + slack_of_handles);
    CHECK(count_threads() <= threads + 4);
}

static void many_calls(void *session) {
    isc_heartbeat_reply reply = {.struct_size = sizeof reply};
    for (int i = 0; i < 100; i++) {
        CHECK(isc_heartbeat(session, &reply) == ISC_OK);
        CHECK(reply.state == ISC_STATE_ONLINE && reply.interval_seconds == 60);
        CHECK(isc_license_check(session, NULL, NULL) == ISC_E_LEASE_NOT_HELD);
        CHECK(strlen(isc_last_error()) > 0);
    }
}

static void calls_until_shutdown(void *session) {
    isc_heartbeat_reply reply = {.struct_size = sizeof reply};
    isc_status status;
    while ((status = isc_heartbeat(session, &reply)) == ISC_OK) {
    }
    CHECK(status == ISC_E_NOT_INITIALIZED || status == ISC_E_SHUTTING_DOWN ||
          status == ISC_E_SERVICE_UNAVAILABLE);
}

static void from_64_threads(void) {
    thread threads[64];
    isc_session *session = start(ISC_DELIVER_THREAD), *other = start(ISC_DELIVER_PUMP);
    CHECK(session != other);
    for (int i = 0; i < 64; i++)
        thread_start(&threads[i], many_calls, i % 2 ? session : other);
    for (int i = 0; i < 64; i++)
        thread_join(&threads[i]);
    for (int i = 0; i < 64; i++)
        thread_start(&threads[i], calls_until_shutdown, session);
    CHECK(isc_shutdown(session) == ISC_OK);
    for (int i = 0; i < 64; i++)
        thread_join(&threads[i]);
    CHECK(isc_shutdown(other) == ISC_OK);
}

static void sizes(void) {
    struct {
        isc_options options;
        char newer[64];
    } larger;
    isc_session *session = NULL;
    isc_heartbeat_reply reply;
    memset(&larger, 0, sizeof larger);
    memset(larger.newer, 0x5a, sizeof larger.newer);
    larger.options.struct_size = sizeof larger;
    CHECK(isc_init(&larger.options, &session) == ISC_OK && isc_shutdown(session) == ISC_OK);
    memset(&larger, 0x5a, sizeof larger); /* beyond struct_size nothing is read */
    larger.options.struct_size = 16;
    larger.options.delivery = ISC_DELIVER_THREAD;
    larger.options.timeout_ms = larger.options.shutdown_timeout_ms = 0;
    CHECK(isc_init(&larger.options, &session) == ISC_OK);
    memset(&reply, 0x5a, sizeof reply);
    reply.struct_size = 8;
    CHECK(isc_heartbeat(session, &reply) == ISC_OK);
    CHECK(reply.state == ISC_STATE_ONLINE && reply.interval_seconds == 0x5a5a5a5a);
    reply.struct_size = 0;
    CHECK(isc_heartbeat(session, &reply) == ISC_E_INVALID_ARGUMENT);
    CHECK(isc_shutdown(session) == ISC_OK);
    larger.options.struct_size = 0;
    CHECK(isc_init(&larger.options, &session) == ISC_E_INVALID_ARGUMENT && session == NULL);
    CHECK(isc_init(NULL, NULL) == ISC_E_INVALID_ARGUMENT);
    memset(&larger, 0, sizeof larger);
    larger.options.struct_size = sizeof larger.options;
    larger.options.delivery = 3;
    CHECK(isc_init(&larger.options, &session) == ISC_E_INVALID_ARGUMENT);
    larger.options.delivery = 0;
    larger.options.lease_keys = "not a key";
    CHECK(isc_init(&larger.options, &session) == ISC_E_LEASE_UNKNOWN_KEY);
}

static void bad_arguments(void) {
    isc_session *session = start(ISC_DELIVER_THREAD);
    static char device[6000];
    char text[8], whole[512];
    isc_event_type type;
    memset(device, 'x', sizeof device - 1);
    CHECK(isc_save(session, NULL, 0, NULL) == ISC_E_INVALID_ARGUMENT);
    CHECK(isc_save(session, NOWHERE "x.step", 0, NULL) == ISC_E_FILE_UNREADABLE);
    CHECK(isc_save(session, A_FOLDER, 0, NULL) == ISC_E_NOT_A_FILE);
    CHECK(isc_save(session, A_FILE, 1, NULL) == ISC_E_ASSEMBLY_NOT_FOLDER);
    CHECK(isc_save(session, A_DEVICE, 0, NULL) == NO_DOCUMENT);
    CHECK(isc_save(session, "\xff\xfe", 0, NULL) == NOT_UTF8);
    CHECK(isc_license_request_string(session, device, NULL) == ISC_E_TOO_LARGE);
    CHECK(isc_license_request_file(session, NOWHERE "x.lic", NULL, NULL) == ISC_E_FILE_UNWRITABLE);
    CHECK(isc_trial_expired(session, 2, NULL, NULL, NULL) == ISC_E_INVALID_ARGUMENT);
    CHECK(isc_license_acquire(session, NULL) == ISC_E_LEASE_UNKNOWN_KEY);
    CHECK(isc_license_release(session) == ISC_E_LEASE_NOT_HELD);
    CHECK(isc_next_event(session, NULL, NULL, 0, NULL) == ISC_E_INVALID_ARGUMENT);
    CHECK(isc_next_event(session, &type, NULL, 1, NULL) == ISC_E_INVALID_ARGUMENT);
    CHECK(isc_event_fd(session, NULL) == ISC_E_INVALID_ARGUMENT);
    CHECK(isc_heartbeat(NULL, NULL) == ISC_E_NOT_INITIALIZED);
    CHECK(isc_heartbeat((isc_session *)(uintptr_t)0xdeadbeef, NULL) == ISC_E_NOT_INITIALIZED);
    CHECK(isc_error_text(ISC_E_TIMEOUT, "en", text, sizeof text) == ISC_E_BUFFER_TOO_SMALL &&
          strlen(text) == 7);
    CHECK(isc_error_text(ISC_E_TIMEOUT, "zh_CN", text, sizeof text) == ISC_E_BUFFER_TOO_SMALL &&
          strlen(text) == 6);
    CHECK(isc_error_text(ISC_E_TIMEOUT, "zh_CN", whole, sizeof whole) == ISC_OK);
    CHECK(isc_error_text(ISC_OK, NULL, whole, sizeof whole) == ISC_OK && whole[0] == 0);
    CHECK(isc_error_text(999, NULL, whole, sizeof whole) == ISC_E_NOT_FOUND && whole[0] == 0);
    CHECK(isc_error_text(ISC_E_TIMEOUT, NULL, NULL, 0) == ISC_E_INVALID_ARGUMENT);
    CHECK(isc_shutdown(session) == ISC_OK);
}

/* late: a service that hangs costs no more than the timeout and a second. */
static void hangs(void) {
    isc_options options;
    isc_session *session = NULL;
    time_t begin = time(NULL);
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.timeout_ms = 300;
    CHECK(isc_init(&options, &session) == ISC_OK);
    CHECK(isc_license_verify_notify(session, 1, NULL) == ISC_E_TIMEOUT);
    CHECK(isc_check_new_versions(session, NULL) == ISC_E_TIMEOUT);
    CHECK(isc_open_cloud_file(session, NULL) == ISC_E_TIMEOUT);
    CHECK(isc_license_request_string(session, NULL, NULL) == ISC_E_TIMEOUT);
    CHECK(isc_shutdown(session) == ISC_OK);
    CHECK(time(NULL) - begin <= 6);
}

int main(int argc, char **argv) {
    const char *way = argc > 1 ? argv[1] : "";
    begin();
    if (!strcmp(way, "thread"))
        by_thread();
    else if (!strcmp(way, "pump"))
        by_pump();
    else if (!strcmp(way, "shutdown-in-callback"))
        shutdown_in_callback();
    else if (!strcmp(way, "again") && argc > 2)
        again_and_again(argv[2]);
    else if (!strcmp(way, "threads"))
        from_64_threads();
    else if (!strcmp(way, "sizes"))
        sizes();
    else if (!strcmp(way, "arguments"))
        bad_arguments();
    else if (!strcmp(way, "hang"))
        hangs();
    else if (!here_only(way, argc > 2 ? argv[2] : ""))
        return 2;
    puts("ok");
    return 0;
}
