/* The ways of the host that only Linux has: signals, fork, descriptors. */
#include "host.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

void monitor_enter(monitor *m) {
    pthread_mutex_lock(&m->lock);
}

void monitor_leave(monitor *m) {
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
}

void monitor_wait(monitor *m, int seconds) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    CHECK(pthread_cond_timedwait(&m->changed, &m->lock, &until) == 0);
}

static void *run_thread(void *t) {
    ((thread *)t)->run(((thread *)t)->argument);
    return NULL;
}

void thread_start(thread *t, void (*run)(void *), void *argument) {
    t->run = run;
    t->argument = argument;
    CHECK(pthread_create(&t->handle, NULL, run_thread, t) == 0);
}

void thread_join(thread *t) {
    pthread_join(t->handle, NULL);
}

void begin(void) {
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

int count_handles(void) {
    return count_entries("/proc/self/fd");
}

int count_threads(void) {
    return count_entries("/proc/self/task");
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

static void unloads(const char *path) {
    for (int i = 0; i < 5; i++) {
        void *library = dlopen(path, RTLD_NOW);
        CHECK(library != NULL && dlclose(library) == 0);
    }
    by_thread();
}

int here_only(const char *way, const char *argument) {
    if (!strcmp(way, "descriptor"))
        by_descriptor();
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
    else if (!strcmp(way, "unload") && *argument)
        unloads(argument);
    else
        return 0;
    return 1;
}
