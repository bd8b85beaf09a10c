/* What every exported function does before and after it enters Go. */
#ifndef ISCDESK_GUARD_H
#define ISCDESK_GUARD_H

#include <stdint.h>

#include "iscdesk.h"

#if defined(_WIN32)
typedef struct iscc_guard {
    uint32_t last_error; /* of the thread, which a call leaves as it was */
} iscc_guard;
#else
#include <signal.h>
typedef struct iscc_guard {
    sigset_t mask; /* of the thread, as the application set it */
    struct iscc_guard *outer;
} iscc_guard;
#endif

/* iscc_enter tells whether Go may be entered. On Linux it blocks the thread's
 * asynchronous signals: the application's handlers must not run on the stack
 * of a goroutine, which may have less room than a signal frame needs. On
 * Windows the first call starts Go. */
int iscc_enter(iscc_guard *guard);

/* iscc_leave undoes iscc_enter. */
void iscc_leave(iscc_guard *guard);

/* iscc_forked is the status of a call that iscc_enter refused. */
isc_status iscc_forked(void);

/* iscc_set_error keeps the text of a failure for isc_last_error. */
void iscc_set_error(const char *text);

/* iscc_error_buffer is where the calling thread's text is, ISCC_ERROR_SIZE
 * bytes; NULL where there is none yet and make is 0, or no memory for it. */
enum { ISCC_ERROR_SIZE = 1024 };
char *iscc_error_buffer(int make);

/* iscc_deliver calls the application's callback for an event, with the signals
 * of the thread as the application set them. */
void iscc_deliver(isc_event_callback callback, void *user, uintptr_t session, isc_event_type type,
                  const char *message);

/* iscc_in_callback tells whether the calling thread is inside a callback of the
 * session. */
int iscc_in_callback(uintptr_t session);

#endif
