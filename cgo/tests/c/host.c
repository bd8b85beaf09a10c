/* A host process that is as rough with the library as a CAD program: each
 * subcommand is one way, and ends with 0 when the library has borne it. It is
 * C99 and links the library. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <dirent.h>

#include "iscdesk.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s (last error: %s)\n", __FILE__, __LINE__, #condition,                  \
                    isc_last_error());                                                                       \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int heartbeats;
static isc_session *to_shut_down;

static void on_event(void *user, isc_event_type type, const char *message) {
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
    pthread_mutex_lock(&lock);
    heartbeats++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void await_heartbeats(int count) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    pthread_mutex_lock(&lock);
    while (heartbeats < count)
        CHECK(pthread_cond_timedwait(&changed, &lock, &until) == 0);
    pthread_mutex_unlock(&lock);
}

static isc_session *start(uint32_t delivery) {
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

static int count_entries(const char *folder) {
    DIR *d = opendir(folder);
    int n = 0;
    CHECK(d != NULL);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static void by_thread(void) {
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

static void by_descriptor(void) {
    isc_session *session = start(ISC_DELIVER_DESCRIPTOR);
    struct pollfd p;
    isc_event_type type;
    size_t needed;
    char small[8], text[4096];
    memset(&p, 0, sizeof p);
    CHECK(isc_event_fd(session, &p.fd) == ISC_OK);
    p.events = POLLIN;
    CHECK(poll(&p, 1, 0) == 0);
    CHECK(isc_next_event(session, &type, text, sizeof text, NULL) == ISC_OK && type == ISC_EVENT_NONE);
    CHECK(isc_heartbeat(session, NULL) == ISC_OK);
    CHECK(poll(&p, 1, 5000) == 1);
    CHECK(isc_next_event(session, &type, small, sizeof small, &needed) == ISC_E_BUFFER_TOO_SMALL);
    CHECK(isc_next_event(session, &type, NULL, 0, &needed) == ISC_E_BUFFER_TOO_SMALL);
    CHECK(isc_next_event(session, &type, text, needed, &needed) == ISC_OK);
    CHECK(type == ISC_EVENT_HEARTBEAT && strlen(text) + 1 == needed);
    CHECK(poll(&p, 1, 0) == 0);
    CHECK(isc_shutdown(session) == ISC_OK);
}

static void shutdown_in_callback(void) {
    isc_session *session = start(ISC_DELIVER_THREAD);
    to_shut_down = session;
    CHECK(isc_heartbeat(session, NULL) == ISC_OK);
    await_heartbeats(1);
    CHECK(isc_shutdown(session) == ISC_E_NOT_INITIALIZED);
}

static void again_and_again(const char *times) {
    int fds = 0, threads = 0;
    for (int i = 0; i < atoi(times); i++) {
        isc_session *session = start((uint32_t)i % 3);
        CHECK(isc_heartbeat(session, NULL) == ISC_OK);
        CHECK(isc_shutdown(session) == ISC_OK);
        if (i == 20) {
            fds = count_entries("/proc/self/fd");
            threads = count_entries("/proc/self/task");
        }
    }
    CHECK(count_entries("/proc/self/fd") <= fds);
    CHECK(count_entries("/proc/self/task") <= threads + 4);
}

static void *many_calls(void *session) {
    isc_heartbeat_reply reply = {.struct_size = sizeof reply};
    for (int i = 0; i < 100; i++) {
        CHECK(isc_heartbeat(session, &reply) == ISC_OK);
        CHECK(reply.state == ISC_STATE_ONLINE && reply.interval_seconds == 60);
        CHECK(isc_license_check(session, NULL, NULL) == ISC_E_LEASE_NOT_HELD);
        CHECK(strlen(isc_last_error()) > 0);
    }
    return NULL;
}

static void *calls_until_shutdown(void *session) {
    isc_heartbeat_reply reply = {.struct_size = sizeof reply};
    isc_status status;
    while ((status = isc_heartbeat(session, &reply)) == ISC_OK) {
    }
    CHECK(status == ISC_E_NOT_INITIALIZED || status == ISC_E_SHUTTING_DOWN ||
          status == ISC_E_SERVICE_UNAVAILABLE);
    return NULL;
}

static void from_64_threads(void) {
    pthread_t threads[64];
    isc_session *session = start(ISC_DELIVER_THREAD), *other = start(ISC_DELIVER_PUMP);
    CHECK(session != other);
    for (int i = 0; i < 64; i++)
        CHECK(pthread_create(&threads[i], NULL, many_calls, i % 2 ? session : other) == 0);
    for (int i = 0; i < 64; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 64; i++)
        CHECK(pthread_create(&threads[i], NULL, calls_until_shutdown, session) == 0);
    CHECK(isc_shutdown(session) == ISC_OK);
    for (int i = 0; i < 64; i++)
        pthread_join(threads[i], NULL);
    CHECK(isc_shutdown(other) == ISC_OK);
}

static volatile sig_atomic_t signals;
static void count_signal(int number) {
    char frame[16384]; /* a handler that needs stack, as real ones do */
    memset(frame, number, sizeof frame);
    signals += frame[100] == number;
}

static void handle(int number) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = count_signal; /* without SA_ONSTACK, as most hosts do */
    CHECK(sigaction(number, &action, NULL) == 0);
}

static void check_handler(int number) {
    struct sigaction action;
    CHECK(sigaction(number, NULL, &action) == 0);
    CHECK(action.sa_handler == count_signal);
}

static volatile int done;
static void *storm(void *target) {
    while (!done) {
        pthread_kill(*(pthread_t *)target, SIGUSR1);
        kill(getpid(), SIGUSR1);
        kill(getpid(), SIGURG); /* Go's own use of it must not meet the host's handler */
        usleep(200);
    }
    return NULL;
}

static void keeps_signals(void) {
    static const int kept[] = {SIGINT, SIGUSR1, SIGUSR2, SIGPIPE, SIGCHLD, SIGALRM, SIGTERM, SIGURG};
    pthread_t self = pthread_self(), thread;
    isc_heartbeat_reply reply = {.struct_size = sizeof reply};
    isc_session *session;
    int pipes[2];
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        handle(kept[i]);
    session = start(ISC_DELIVER_THREAD);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        check_handler(kept[i]);
    CHECK(pthread_create(&thread, NULL, storm, &self) == 0);
    for (int i = 0; i < 5000; i++)
        CHECK(isc_heartbeat(session, &reply) == ISC_OK);
    done = 1;
    pthread_join(thread, NULL);
    CHECK(signals > 100);
    signals = 0;
    CHECK(pipe(pipes) == 0 && close(pipes[0]) == 0);
    CHECK(write(pipes[1], "x", 1) == -1 && errno == EPIPE);
    CHECK(signals == 1); /* SIGPIPE is the host's */
    raise(SIGINT);
    CHECK(signals == 2);
    CHECK(isc_shutdown(session) == ISC_OK);
}

static void crash_handler(int number) {
    (void)number;
    _exit(42);
}

/* A host that crashes reaches its own handler, installed before or after. */
static void keeps_crash_handler(int after) {
    pid_t child = fork();
    int status;
    CHECK(child >= 0);
    if (child == 0) {
        char *args[] = {"host", after ? "crash-after" : "crash-before", NULL};
        execv("/proc/self/exe", args);
        _exit(1);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

static void crash(int after) {
    isc_session *session;
    volatile int *nowhere = NULL;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = crash_handler;
    if (!after)
        CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
    session = start(ISC_DELIVER_THREAD);
    if (after)
        CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
    CHECK(isc_heartbeat(session, NULL) == ISC_OK);
    *nowhere = 1;
}

static void forks(void) {
    isc_session *session = start(ISC_DELIVER_THREAD);
    isc_heartbeat_reply reply = {.struct_size = sizeof reply};
    pid_t child = fork();
    int status;
    CHECK(child >= 0);
    if (child == 0) {
        alarm(10);
        if (isc_heartbeat(session, &reply) != ISC_E_UNSUPPORTED ||
            isc_shutdown(session) != ISC_E_UNSUPPORTED || isc_init(NULL, &session) != ISC_E_UNSUPPORTED ||
            strlen(isc_last_error()) == 0)
            _exit(1);
        exit(0); /* with every destructor and atexit handler */
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(isc_heartbeat(session, &reply) == ISC_OK);
    CHECK(isc_shutdown(session) == ISC_OK);
}

static void forks_and_executes(void) {
    isc_session *session = start(ISC_DELIVER_THREAD);
    pid_t child = fork();
    int status;
    CHECK(child >= 0);
    if (child == 0) { /* what is inherited over exec: standard streams and ls itself */
        execl("/bin/sh", "sh", "-c",
              "for f in /proc/self/fd/*; do readlink $f; done | grep -E 'socket|eventfd|eventpoll' && exit 1 "
              "|| exit 0",
              (char *)NULL);
        _exit(1);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(isc_heartbeat(session, NULL) == ISC_OK);
    CHECK(isc_shutdown(session) == ISC_OK);
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
    CHECK(isc_save(session, "/nowhere/x.step", 0, NULL) == ISC_E_FILE_UNREADABLE);
    CHECK(isc_save(session, "/tmp", 0, NULL) == ISC_E_NOT_A_FILE);
    CHECK(isc_save(session, "/etc/hostname", 1, NULL) == ISC_E_ASSEMBLY_NOT_FOLDER);
    CHECK(isc_save(session, "/dev/null", 0, NULL) == ISC_E_NOT_A_FILE);
    CHECK(isc_save(session, "\xff\xfe", 0, NULL) == ISC_E_INVALID_ARGUMENT);
    CHECK(isc_license_request_string(session, device, NULL) == ISC_E_TOO_LARGE);
    CHECK(isc_license_request_file(session, "/nowhere/x.lic", NULL, NULL) == ISC_E_FILE_UNWRITABLE);
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
    CHECK(isc_error_text(29, NULL, whole, sizeof whole) == ISC_E_NOT_FOUND && whole[0] == 0);
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

static void unloads(const char *path) {
    for (int i = 0; i < 5; i++) {
        void *library = dlopen(path, RTLD_NOW);
        CHECK(library != NULL && dlclose(library) == 0);
    }
    by_thread();
}

int main(int argc, char **argv) {
    const char *way = argc > 1 ? argv[1] : "";
    if (!strcmp(way, "thread"))
        by_thread();
    else if (!strcmp(way, "pump"))
        by_pump();
    else if (!strcmp(way, "descriptor"))
        by_descriptor();
    else if (!strcmp(way, "shutdown-in-callback"))
        shutdown_in_callback();
    else if (!strcmp(way, "again") && argc > 2)
        again_and_again(argv[2]);
    else if (!strcmp(way, "threads"))
        from_64_threads();
    else if (!strcmp(way, "signals"))
        keeps_signals();
    else if (!strcmp(way, "crash")) {
        keeps_crash_handler(0);
        keeps_crash_handler(1);
    } else if (!strcmp(way, "crash-before"))
        crash(0);
    else if (!strcmp(way, "crash-after"))
        crash(1);
    else if (!strcmp(way, "fork"))
        forks();
    else if (!strcmp(way, "fork-exec"))
        forks_and_executes();
    else if (!strcmp(way, "sizes"))
        sizes();
    else if (!strcmp(way, "arguments"))
        bad_arguments();
    else if (!strcmp(way, "hang"))
        hangs();
    else if (!strcmp(way, "unload") && argc > 2)
        unloads(argv[2]);
    else
        return 2;
    puts("ok");
    return 0;
}
