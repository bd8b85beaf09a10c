/* What the parts of the host share, and the little that they need of the
 * system. */
#ifndef HOST_H
#define HOST_H

#if !defined(_WIN32)
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "iscdesk.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s (last error: %s)\n", __FILE__, __LINE__, #condition,                  \
                    isc_last_error());                                                                       \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

#if defined(_WIN32)
#include <windows.h>
typedef struct monitor {
    SRWLOCK lock;
    CONDITION_VARIABLE changed;
} monitor;
#define NOWHERE "C:\\nowhere\\"
#define A_FOLDER "C:\\windows"
#define A_FILE "C:\\windows\\win.ini"
#define A_DEVICE "NUL"
#define NO_DOCUMENT ISC_E_NAME_INVALID
#define NOT_UTF8 ISC_E_FILE_UNREADABLE /* it is text of the code page */
enum { slack_of_handles = 8 };         /* of threads that have just ended */
#else
#include <pthread.h>
typedef struct monitor {
    pthread_mutex_t lock;
    pthread_cond_t changed;
} monitor;
#define NOWHERE "/dev/null/" /* nobody can make a folder of it */
#define A_FOLDER "/tmp"
#define A_FILE "/etc/hostname"
#define A_DEVICE "/dev/null"
#define NO_DOCUMENT ISC_E_NOT_A_FILE
#define NOT_UTF8 ISC_E_INVALID_ARGUMENT
enum { slack_of_handles = 0 };
#endif

/* A monitor, zero at first, is entered by one thread at a time. */
void monitor_enter(monitor *m);
/* monitor_leave also wakes those who wait. */
void monitor_leave(monitor *m);
/* monitor_wait leaves the monitor until another has, and fails the host after
 * so many seconds. */
void monitor_wait(monitor *m, int seconds);

typedef struct thread {
    void (*run)(void *);
    void *argument;
#if defined(_WIN32)
    HANDLE handle;
#else
    pthread_t handle;
#endif
} thread;
void thread_start(thread *t, void (*run)(void *), void *argument);
void thread_join(thread *t);

int count_handles(void);
int count_threads(void);

/* begin is what main does first. */
void begin(void);
/* here_only goes a way that only this system has, and tells whether it has it. */
int here_only(const char *way, const char *argument);

/* start begins a session whose events host.c counts. */
isc_session *start(uint32_t delivery);
void await_heartbeats(int count);
/* by_thread is a whole life with events on the library's thread. */
void by_thread(void);

#endif
