#include "guard.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* The text of a thread's last failure lies on the heap: what is thread-local
 * in a Go library comes out of the few hundred bytes that the loader keeps for
 * all libraries that are loaded late. */
static pthread_key_t last_error;
static int has_last_error;
static _Thread_local uintptr_t delivering;

static pid_t home; /* the process that loaded the library; Go lives in it alone */
static sigset_t loading;
static _Thread_local iscc_guard *inside; /* of the innermost call of this thread */

char *iscc_error_buffer(int make) {
    char *own = has_last_error ? pthread_getspecific(last_error) : NULL;
    if (own || !make || !has_last_error)
        return own;
    own = calloc(1, ISCC_ERROR_SIZE);
    if (own && pthread_setspecific(last_error, own) != 0) {
        free(own);
        own = NULL;
    }
    return own;
}

int iscc_in_callback(uintptr_t session) {
    return delivering == session;
}

/* Those that the hardware raises stay: Go and the application need them. */
static void asynchronous(sigset_t *set) {
    sigfillset(set);
    sigdelset(set, SIGSEGV);
    sigdelset(set, SIGBUS);
    sigdelset(set, SIGFPE);
    sigdelset(set, SIGILL);
    sigdelset(set, SIGTRAP);
    sigdelset(set, SIGABRT);
    sigdelset(set, SIGSYS);
}

/* The Go runtime starts between these two, and its threads inherit the mask:
 * no signal meant for the application is ever delivered to them. */
__attribute__((constructor(101))) static void before_go(void) {
    sigset_t all;
    has_last_error = pthread_key_create(&last_error, free) == 0;
    home = getpid();
    asynchronous(&all);
    pthread_sigmask(SIG_BLOCK, &all, &loading);
}

__attribute__((constructor)) static void after_go(void) {
    pthread_sigmask(SIG_SETMASK, &loading, NULL);
}

int iscc_enter(iscc_guard *guard) {
    sigset_t set;
    if (getpid() != home)
        return 0;
    asynchronous(&set);
    pthread_sigmask(SIG_BLOCK, &set, &guard->mask);
    guard->outer = inside;
    inside = guard;
    return 1;
}

void iscc_leave(iscc_guard *guard) {
    inside = guard->outer;
    pthread_sigmask(SIG_SETMASK, &guard->mask, NULL);
}

void iscc_deliver(isc_event_callback callback, void *user, uintptr_t session, isc_event_type type,
                  const char *message) {
    iscc_guard *guard = inside;
    uintptr_t outer = delivering;
    sigset_t mask;
    if (guard)
        pthread_sigmask(SIG_SETMASK, &guard->mask, &mask);
    delivering = session;
    callback(user, type, message);
    delivering = outer;
    if (guard)
        pthread_sigmask(SIG_SETMASK, &mask, NULL);
}
