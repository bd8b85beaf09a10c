#include "guard.h"

#include <stdio.h>

void iscc_set_error(const char *text) {
    char *own = iscc_error_buffer(1);
    if (own)
        snprintf(own, ISCC_ERROR_SIZE, "%s", text);
}

const char *ISC_CALL isc_last_error(void) {
    const char *own = iscc_error_buffer(0);
    return own ? own : "";
}

isc_status iscc_forked(void) {
    iscc_set_error("iscdesk cannot be used after fork() without exec().");
    return ISC_E_UNSUPPORTED;
}
