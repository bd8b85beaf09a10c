/* The functions that the library exports. Each one guards and translates into
 * the Go function of the same name; what they promise stands in iscdesk.h. */
#include <string.h>

#include "_cgo_export.h"
#include "guard.h"

#define ENTER(call)                                                                                          \
    do {                                                                                                     \
        iscc_guard guard;                                                                                    \
        isc_status result;                                                                                   \
        if (!iscc_enter(&guard))                                                                             \
            return iscc_forked();                                                                            \
        result = (call);                                                                                     \
        iscc_leave(&guard);                                                                                  \
        return result;                                                                                       \
    } while (0)

#define HANDLE ((uintptr_t)session)

/* adopt copies what the caller's structure and ours have in common. */
static int adopt(void *ours, size_t size, const void *theirs, uint32_t their_size) {
    if (their_size < 2 * sizeof(uint32_t))
        return 0;
    memset(ours, 0, size);
    memcpy(ours, theirs, their_size < size ? their_size : size);
    return 1;
}

/* give copies a result into the caller's structure, as far as that reaches. */
static void give(void *theirs, uint32_t their_size, const void *ours, size_t size) {
    size_t n = their_size < size ? their_size : size;
    if (n > sizeof(uint32_t))
        memcpy((char *)theirs + sizeof(uint32_t), (const char *)ours + sizeof(uint32_t),
               n - sizeof(uint32_t));
}

static isc_status invalid(const char *text) {
    iscc_set_error(text);
    return ISC_E_INVALID_ARGUMENT;
}

const char *ISC_CALL isc_version(void) {
    return ISC_HEADER_VERSION;
}

isc_status ISC_CALL IscdeskSdkCheckingEnvironment(void) {
    ENTER(iscgo_environment());
}

isc_status ISC_CALL isc_init(const isc_options *options, isc_session **session) {
    isc_options own;
    uintptr_t handle = 0;
    iscc_guard guard;
    isc_status status;
    if (!session)
        return invalid("isc_init: session is NULL.");
    *session = NULL;
    memset(&own, 0, sizeof own);
    if (options && !adopt(&own, sizeof own, options, options->struct_size))
        return invalid("isc_init: options->struct_size is not set.");
    if (!iscc_enter(&guard))
        return iscc_forked();
    status = iscgo_init(&own, &handle);
    iscc_leave(&guard);
    *session = (isc_session *)handle;
    return status;
}

isc_status ISC_CALL isc_shutdown(isc_session *session) {
    ENTER(iscgo_shutdown(HANDLE));
}

isc_status ISC_CALL isc_error_text(isc_status status, const char *lang, char *buf, size_t len) {
    if (!buf || !len)
        return invalid("isc_error_text: buf is NULL or has no room.");
    ENTER(iscgo_error_text(status, (char *)lang, buf, len));
}

isc_status ISC_CALL isc_set_event_callback(isc_session *session, isc_event_callback callback, void *user) {
    ENTER(iscgo_set_event_callback(HANDLE, callback, user));
}

isc_status ISC_CALL isc_run_callbacks(isc_session *session, uint32_t timeout_ms, uint32_t *delivered) {
    uint32_t count = 0;
    if (!delivered)
        delivered = &count;
    *delivered = 0;
    ENTER(iscgo_run_callbacks(HANDLE, timeout_ms, delivered));
}

isc_status ISC_CALL isc_event_fd(isc_session *session, int *fd) {
    if (!fd)
        return invalid("isc_event_fd: fd is NULL.");
    *fd = -1;
    ENTER(iscgo_event_fd(HANDLE, fd));
}

isc_status ISC_CALL isc_next_event(isc_session *session, isc_event_type *type, char *buf, size_t len,
                                   size_t *needed) {
    size_t size = 0;
    if (!type || (!buf && len))
        return invalid("isc_next_event: type or buf is NULL.");
    *type = ISC_EVENT_NONE;
    if (!needed)
        needed = &size;
    *needed = 0;
    ENTER(iscgo_next_event(HANDLE, type, buf, len, needed));
}

isc_status ISC_CALL isc_heartbeat(isc_session *session, isc_heartbeat_reply *reply) {
    isc_heartbeat_reply own;
    iscc_guard guard;
    isc_status status;
    if (!reply)
        ENTER(iscgo_heartbeat_event(HANDLE));
    if (reply->struct_size < 2 * sizeof(uint32_t))
        return invalid("isc_heartbeat: reply->struct_size is not set.");
    memset(&own, 0, sizeof own);
    if (!iscc_enter(&guard))
        return iscc_forked();
    status = iscgo_heartbeat(HANDLE, &own);
    iscc_leave(&guard);
    give(reply, reply->struct_size, &own, sizeof own);
    return status;
}

isc_status ISC_CALL isc_license_request_string(isc_session *session, const char *device_info,
                                               const char *tag) {
    ENTER(iscgo_license_request(HANDLE, ISC_LICENSE_STRING, 0, NULL, (char *)device_info, (char *)tag));
}

isc_status ISC_CALL isc_license_request_file(isc_session *session, const char *file_name,
                                             const char *device_info, const char *tag) {
    ENTER(iscgo_license_request(HANDLE, ISC_LICENSE_FILE, 0, (char *)file_name, (char *)device_info,
                                (char *)tag));
}

isc_status ISC_CALL isc_license_verify_notify(isc_session *session, int accepted, const char *message) {
    ENTER(iscgo_license_verify_notify(HANDLE, accepted, (char *)message));
}

isc_status ISC_CALL isc_trial_expired(isc_session *session, int32_t license_type, const char *device_info,
                                      const char *file_name, const char *tag) {
    if (license_type != ISC_LICENSE_STRING && license_type != ISC_LICENSE_FILE)
        return invalid("isc_trial_expired: license_type is not one of the ISC_LICENSE_ numbers.");
    ENTER(
        iscgo_license_request(HANDLE, license_type, 1, (char *)file_name, (char *)device_info, (char *)tag));
}

isc_status ISC_CALL isc_license_acquire(isc_session *session, const char *features) {
    ENTER(iscgo_license_acquire(HANDLE, (char *)features));
}

isc_status ISC_CALL isc_license_check(isc_session *session, const char *feature, isc_lease_info *info) {
    isc_lease_info own;
    iscc_guard guard;
    isc_status status;
    if (info && info->struct_size < 2 * sizeof(uint32_t))
        return invalid("isc_license_check: info->struct_size is not set.");
    memset(&own, 0, sizeof own);
    if (!iscc_enter(&guard))
        return iscc_forked();
    status = iscgo_license_check(HANDLE, (char *)feature, &own);
    iscc_leave(&guard);
    if (info)
        give(info, info->struct_size, &own, sizeof own);
    return status;
}

isc_status ISC_CALL isc_license_release(isc_session *session) {
    ENTER(iscgo_license_release(HANDLE));
}

isc_status ISC_CALL isc_open_cloud_file(isc_session *session, const char *tag) {
    ENTER(iscgo_open_cloud_file(HANDLE, (char *)tag));
}

enum { SAVE, SAVE_AS, SOLVE };

isc_status ISC_CALL isc_save(isc_session *session, const char *path, int assembly, const char *tag) {
    ENTER(iscgo_save(HANDLE, SAVE, (char *)path, assembly, (char *)tag));
}

isc_status ISC_CALL isc_select_save_as_path(isc_session *session, const char *path, int assembly,
                                            const char *tag) {
    ENTER(iscgo_save(HANDLE, SAVE_AS, (char *)path, assembly, (char *)tag));
}

isc_status ISC_CALL isc_get_solution(isc_session *session, const char *path, const char *tag) {
    ENTER(iscgo_save(HANDLE, SOLVE, (char *)path, 0, (char *)tag));
}

isc_status ISC_CALL isc_check_new_versions(isc_session *session, const char *tag) {
    ENTER(iscgo_check_new_versions(HANDLE, (char *)tag));
}

isc_status ISC_CALL isc_upgrade_notify(isc_session *session, int accept) {
    ENTER(iscgo_upgrade_notify(HANDLE, accept));
}
