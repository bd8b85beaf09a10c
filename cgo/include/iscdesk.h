/**
 * @file iscdesk.h
 * @brief The ISCDesk SDK for C: licences, cloud documents, upgrades and solves
 * for CAD and CAE applications.
 *
 * Rules that hold for every function, unless it says otherwise:
 *
 * - Strings are UTF-8 and end with NUL. The library copies what it is given
 *   before it returns; nothing that the caller passes is kept, and nothing that
 *   the library returns has to be freed.
 * - Any thread may call any function at any time, from inside an event
 *   callback too.
 * - A call that talks to the service returns at the latest after the session's
 *   call timeout (isc_options::timeout_ms, 5 s unless set) plus one second.
 *   Functions that do not block say so.
 * - No panic, exception or signal of the library's own reaches the caller: what
 *   goes wrong inside is ::ISC_E_INTERNAL.
 * - While a thread is inside the library its asynchronous signals are blocked
 *   and are delivered when the call returns; so the application's handlers
 *   never run on the library's stacks. SIGPROF is the exception: an application
 *   that handles it installs its handler with SA_ONSTACK.
 * - After fork() without exec the child's calls return ::ISC_E_UNSUPPORTED.
 *   fork() followed by exec is safe: no descriptor of the library is inherited.
 * - Every structure begins with `struct_size`; set it to sizeof of the
 *   structure. Libraries accept the sizes of older and newer headers.
 * - These four statuses can come from every function that takes a session and
 *   are not repeated below: ::ISC_E_INTERNAL, ::ISC_E_INVALID_ARGUMENT (a NULL
 *   where none is allowed, text that is not UTF-8, a value out of range),
 *   ::ISC_E_NOT_INITIALIZED (the session is NULL or was shut down) and
 *   ::ISC_E_UNSUPPORTED (after fork).
 */
#ifndef ISCDESK_H
#define ISCDESK_H

#include <stddef.h>
#include <stdint.h>

#include "iscdesk_events.h"
#include "iscdesk_status.h"

#if defined(_WIN32) && defined(ISCDESK_BUILD)
#define ISC_API /* the library itself: a .def file names what it exports */
#elif defined(_WIN32)
#define ISC_API __declspec(dllimport)
#elif defined(__GNUC__)
/** Marks what the library exports. */
#define ISC_API __attribute__((visibility("default")))
#else
#define ISC_API
#endif

#if defined(_WIN32)
#define ISC_CALL __cdecl
#else
/** The calling convention of every function and callback: on Windows __cdecl,
 * whatever the compiler's own default is. */
#define ISC_CALL
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this header; the library's own is isc_version(). */
#define ISC_HEADER_VERSION "1.0.0"

/** A connection of this application to ISCDesk. Several may exist at once. The
 * value is opaque and never reused: a session that was shut down is
 * recognised. */
typedef struct isc_session isc_session;

/** Receives the events: their kind and their message (iscdesk_events.h).
 * message is valid until the callback returns. No lock of the library is held;
 * the callback may call every function, isc_shutdown() included. It must not
 * let a C++ exception out, and must not longjmp. */
typedef void(ISC_CALL *isc_event_callback)(void *user, isc_event_type type, const char *message);

/** How events are delivered. */
enum isc_delivery_number {
    /** One thread of the library calls the callback, one event after the other. */
    ISC_DELIVER_THREAD = 0,
    /** The callback is called inside isc_run_callbacks(), on its thread. */
    ISC_DELIVER_PUMP = 1,
    /** isc_event_fd() can be waited for, isc_next_event() takes the event. */
    ISC_DELIVER_DESCRIPTOR = 2
};

/** What isc_init() needs to know. Zero everything, then set struct_size. */
typedef struct isc_options {
    uint32_t struct_size; /**< sizeof(isc_options) */
    uint32_t delivery;    /**< one of the ISC_DELIVER_ numbers */
    /** How long isc_init() and each call may wait for the service, in
     * milliseconds; 0: 5,000. */
    uint32_t timeout_ms;
    /** How long isc_shutdown() may wait for saves under way, in milliseconds;
     * 0: 30,000. */
    uint32_t shutdown_timeout_ms;
    /** The product as the marketplace's catalogue names it. NULL: the
     * environment variable ISCDESK_PRODUCT, else the member "product" of
     * iscdesk-app.json beside the executable, else the executable's name. */
    const char *product;
    /** Its version. NULL: ISCDESK_PRODUCT_VERSION, else "version" of
     * iscdesk-app.json, else 0.0.0. */
    const char *version;
    /** The public keys that sign this product's leases, separated by commas or
     * spaces, as `iscmarket product-key --format base64` (or hex) prints them.
     * NULL: no leases. Compile them in: whoever can change them can forge
     * leases. */
    const char *lease_keys;
    /** The service's socket. NULL: ISCDESK_SOCKET, else the user's own service,
     * else the machine's. */
    const char *socket;
    /** The language of the texts, such as "zh_CN" or "en". NULL: the process'
     * locale (LC_ALL, LC_MESSAGES, LANG). */
    const char *language;
    /** The folder that cloud documents are opened in. NULL: ISCDESK_WORKSPACE, else
     * the one that the user has set in iscdesk, else iscdesk in the user's home. */
    const char *workspace;
    /** Receives the events; may be set later. */
    isc_event_callback callback;
    /** Handed to the callback. */
    void *user;
} isc_options;

/** The state of the service as a heartbeat reports it. */
enum isc_service_state_number {
    ISC_STATE_ONLINE = 1,    /**< signed in, the marketplace answers */
    ISC_STATE_OFFLINE = 2,   /**< signed in, the marketplace does not answer */
    ISC_STATE_SIGNED_OUT = 3 /**< nobody is signed in */
};

/** The reply to a heartbeat. */
typedef struct isc_heartbeat_reply {
    uint32_t struct_size;      /**< sizeof(isc_heartbeat_reply) */
    int32_t state;             /**< one of the ISC_STATE_ numbers */
    uint32_t interval_seconds; /**< when the next automatic heartbeat is due */
    uint32_t reserved;         /**< 0 */
    int64_t lease_deadline;    /**< when the lease ends, grace period included, unless it
                                    is renewed; Unix seconds; 0: none held */
} isc_heartbeat_reply;

/** The kinds of licence. */
enum isc_license_type_number {
    ISC_LICENSE_STRING = 0, /**< handed over in the event */
    ISC_LICENSE_FILE = 1    /**< written to a file, whose path is in the event */
};

/** A verified lease. */
typedef struct isc_lease_info {
    uint32_t struct_size; /**< sizeof(isc_lease_info) */
    uint32_t in_grace;    /**< 1: expired, and the grace period runs */
    int64_t expires;      /**< Unix seconds */
    int64_t grace_until;  /**< when the grace period ends, Unix seconds */
} isc_lease_info;

/** @defgroup begin Begin and end
 * @{ */

/** The library's version, such as "1.0.0". Does not block. The text is
 * constant and lives as long as the library. */
ISC_API const char *ISC_CALL isc_version(void);

/** Tells whether this machine can run the SDK: the service's socket exists and
 * belongs to this user or to the system. Call it after loading the library and
 * before isc_init(). It needs no session. Does not block.
 * @return ::ISC_OK; ::ISC_E_SERVICE_UNAVAILABLE: no service is installed or
 *   started; ::ISC_E_SERVICE_IMPOSTOR: somebody else's program is behind the
 *   socket; ::ISC_E_UNSUPPORTED after fork. */
ISC_API isc_status ISC_CALL IscdeskSdkCheckingEnvironment(void);

/** Connects to the service and starts a session. Blocks for at most
 * timeout_ms, plus one second.
 * @param options what to start with, or NULL for the defaults
 * @param session receives the session; not NULL
 * @return ::ISC_OK. ::ISC_E_SERVICE_UNAVAILABLE: no service answers (yet); the
 *   session is valid all the same, goes on connecting in the background, and
 *   ::ISC_EVENT_CONNECTED tells when it has succeeded. With all other failures
 *   *session is NULL: ::ISC_E_SERVICE_TOO_OLD, ::ISC_E_SERVICE_TOO_NEW (the two
 *   have no protocol in common), ::ISC_E_SERVICE_IMPOSTOR,
 *   ::ISC_E_PERMISSION_DENIED, ::ISC_E_PROTOCOL, ::ISC_E_BUSY (the service has
 *   too many sessions of this user, or this process has 64),
 *   ::ISC_E_INVALID_ARGUMENT, ::ISC_E_LEASE_UNKNOWN_KEY (lease_keys cannot be
 *   read), ::ISC_E_INTERNAL. */
ISC_API isc_status ISC_CALL isc_init(const isc_options *options, isc_session **session);

/** Ends the session ("ShutOut"): waits until the saves that were accepted are
 * safe on this machine, gives the lease back, stops the delivery of events and
 * frees everything. Blocks for at most shutdown_timeout_ms, plus one second for
 * the service and five seconds for a callback that is running in another
 * thread. Once it has returned ::ISC_OK no callback runs and none will.
 *
 * Called inside a callback of the session it returns ::ISC_OK at once; the rest
 * happens after that callback has returned, on a thread of the library.
 * @return ::ISC_OK; ::ISC_E_TIMEOUT: a save was still under way after
 *   shutdown_timeout_ms and has been given up, the session is ended;
 *   ::ISC_E_BUSY: a callback still runs after five seconds, the session is
 *   ended and no other callback will run. */
ISC_API isc_status ISC_CALL isc_shutdown(isc_session *session);

/** The text of the last failure on the calling thread, with its particulars, in
 * the session's language; "" where nothing has failed yet. Does not block. The
 * text is valid until the thread's next call that fails. */
ISC_API const char *ISC_CALL isc_last_error(void);

/** The text of a status for people, with a way out where there is one. Names
 * in braces stand for particulars, which isc_last_error() fills in. Does not
 * block.
 * @param status the status
 * @param lang "en", "zh_CN", any locale name; NULL: the process' locale
 * @param buf receives the text, cut at a whole character where it does not fit
 * @param len the size of buf in bytes; 512 holds every text
 * @return ::ISC_OK; ::ISC_E_BUFFER_TOO_SMALL: the text was cut;
 *   ::ISC_E_NOT_FOUND: no such status, buf holds "";
 *   ::ISC_E_INVALID_ARGUMENT: buf is NULL. */
ISC_API isc_status ISC_CALL isc_error_text(isc_status status, const char *lang, char *buf, size_t len);

/** @}
 * @defgroup events Events
 * @{ */

/** Sets who receives the events. Events that came before are kept (up to
 * 4,096) and delivered to the first callback. NULL keeps them again. Does not
 * block; a callback that is running goes on to its end.
 * @return ::ISC_OK */
ISC_API isc_status ISC_CALL isc_set_event_callback(isc_session *session, isc_event_callback callback,
                                                   void *user);

/** Calls the callback for the events that have come, on the calling thread
 * (::ISC_DELIVER_PUMP). Of several threads that pump one at a time delivers.
 * @param session the session
 * @param timeout_ms how long to wait for a first event; 0: not at all
 * @param delivered receives how many events were delivered; may be NULL
 * @return ::ISC_OK, also with none delivered; ::ISC_E_UNSUPPORTED: the session
 *   delivers by thread or descriptor. */
ISC_API isc_status ISC_CALL isc_run_callbacks(isc_session *session, uint32_t timeout_ms, uint32_t *delivered);

/** What a thread can wait on for events (::ISC_DELIVER_PUMP and
 * ::ISC_DELIVER_DESCRIPTOR). On Linux it is a descriptor that is readable while
 * events wait, for poll, select, epoll, QSocketNotifier and the like; do not
 * read from it. On Windows it is the handle of a manual-reset event that is set
 * while events wait, for WaitForSingleObject, MsgWaitForMultipleObjects,
 * QWinEventNotifier and the like: ISC_EVENT_HANDLE(fd); do not set or reset it.
 * It is closed by isc_shutdown(), not by you. Does not block.
 * @return ::ISC_OK; ::ISC_E_UNSUPPORTED: the session delivers by thread. */
ISC_API isc_status ISC_CALL isc_event_fd(isc_session *session, int *fd);

#if defined(_WIN32)
#define ISC_EVENT_HANDLE(fd) ((void *)(intptr_t)(fd))
#endif

/** Takes the next event (::ISC_DELIVER_PUMP and ::ISC_DELIVER_DESCRIPTOR).
 * Does not block.
 * @param session the session
 * @param type receives the kind; ::ISC_EVENT_NONE where none waits
 * @param buf receives the message
 * @param len the size of buf in bytes
 * @param needed receives the size that the message needs, NUL included; may be
 *   NULL
 * @return ::ISC_OK; ::ISC_E_BUFFER_TOO_SMALL: the event stays the next one;
 *   ::ISC_E_UNSUPPORTED: the session delivers by thread. */
ISC_API isc_status ISC_CALL isc_next_event(isc_session *session, isc_event_type *type, char *buf, size_t len,
                                           size_t *needed);

/** Asks the service how it is. Heartbeats are sent by themselves at the
 * interval that the marketplace sets; this is one more.
 * @param session the session
 * @param reply receives the reply; NULL: it comes as ::ISC_EVENT_HEARTBEAT
 * @return ::ISC_OK; ::ISC_E_SERVICE_UNAVAILABLE; ::ISC_E_TIMEOUT. */
ISC_API isc_status ISC_CALL isc_heartbeat(isc_session *session, isc_heartbeat_reply *reply);

/** @}
 * @defgroup license Licences
 * @{ */

/** Asks for the licence as a string. The answer is ::ISC_EVENT_LICENSE_VERIFY,
 * at once where it is known from before, also offline.
 * @param session the session
 * @param device_info the application's own description of the machine; NULL or
 *   "": the service takes the fingerprint
 * @param tag comes back in comeBackParams; may be NULL
 * @return ::ISC_OK: the request is under way; ::ISC_E_SIGNED_OUT;
 *   ::ISC_E_LICENSE_NOT_ENTITLED; ::ISC_E_SERVICE_UNAVAILABLE;
 *   ::ISC_E_TIMEOUT; ::ISC_E_TOO_LARGE: device_info is longer than 5 KB;
 *   ::ISC_E_BUSY. */
ISC_API isc_status ISC_CALL isc_license_request_string(isc_session *session, const char *device_info,
                                                       const char *tag);

/** Asks for the licence as a file, which the library writes with the user's own
 * rights: whole or not at all, replacing what was there.
 * @param session the session
 * @param file_name where to write it. A relative name is taken from the working
 *   directory of the moment of this call. NULL or "": the name that the vendor
 *   gave it, in the folder iscdesk-licenses of the user's data folder
 * @param device_info as in isc_license_request_string()
 * @param tag comes back in comeBackParams; may be NULL
 * @return as isc_license_request_string(); ::ISC_E_FILE_UNWRITABLE: the folder of
 *   file_name does not exist. */
ISC_API isc_status ISC_CALL isc_license_request_file(isc_session *session, const char *file_name,
                                                     const char *device_info, const char *tag);

/** Tells ISCDesk what the application's own check of the licence said.
 * @param session the session
 * @param accepted not 0: the licence is good
 * @param message why it is not; may be NULL
 * @return ::ISC_OK; ::ISC_E_SERVICE_UNAVAILABLE; ::ISC_E_TIMEOUT;
 *   ::ISC_E_NOT_FOUND: no licence was asked for. */
ISC_API isc_status ISC_CALL isc_license_verify_notify(isc_session *session, int accepted,
                                                      const char *message);

/** Tells ISCDesk that the trial is over and asks for a licence. ISCDesk shows the
 * user a reminder that offers to apply for one. The answer is
 * ::ISC_EVENT_LICENSE_VERIFY.
 * @param session the session
 * @param license_type ::ISC_LICENSE_STRING or ::ISC_LICENSE_FILE
 * @param device_info as in isc_license_request_string()
 * @param file_name as in isc_license_request_file()
 * @param tag comes back in comeBackParams; may be NULL
 * @return as isc_license_request_file() */
ISC_API isc_status ISC_CALL isc_trial_expired(isc_session *session, int32_t license_type,
                                              const char *device_info, const char *file_name,
                                              const char *tag);

/** Takes a seat: gets a lease, signed by the vendor's key for this user, this
 * machine and this product, and verifies it against isc_options::lease_keys.
 * The service renews it in the background; it is given back by
 * isc_license_release(), isc_shutdown(), or when the process ends. A lease that
 * is held is replaced.
 * @param session the session
 * @param features the features that must be in it, separated by commas; NULL:
 *   those of the licence
 * @return ::ISC_OK; ::ISC_E_LEASE_NO_SEAT; ::ISC_E_LICENSE_NOT_ENTITLED;
 *   ::ISC_E_LICENSE_FROZEN; ::ISC_E_LICENSE_EXPIRED; ::ISC_E_SIGNED_OUT;
 *   ::ISC_E_OFFLINE; ::ISC_E_SERVICE_UNAVAILABLE; ::ISC_E_TIMEOUT;
 *   ::ISC_E_DEVICE_UNKNOWN; ::ISC_E_LEASE_UNKNOWN_KEY: no key was given, or
 *   another signed it; the other ISC_E_LEASE_ numbers: what came back is not a
 *   lease for here and now. */
ISC_API isc_status ISC_CALL isc_license_acquire(isc_session *session, const char *features);

/** Checks the lease in the process itself: no call to the service, no
 * allocation to speak of, about a microsecond. Call it as often as you like, at
 * many places.
 * @param session the session
 * @param feature the feature that must be in it; NULL: any lease will do
 * @param info receives the lease's times; may be NULL
 * @return ::ISC_OK, also in the grace period; ::ISC_E_LEASE_NOT_HELD;
 *   ::ISC_E_LEASE_EXPIRED; ::ISC_E_LEASE_REVOKED; ::ISC_E_LEASE_NO_FEATURE;
 *   ::ISC_E_LEASE_NOT_YET_VALID; ::ISC_E_LEASE_CLOCK_SET_BACK. */
ISC_API isc_status ISC_CALL isc_license_check(isc_session *session, const char *feature,
                                              isc_lease_info *info);

/** Gives the seat back.
 * @return ::ISC_OK: also where the service cannot be reached, it gives the seat
 *   back itself then; ::ISC_E_LEASE_NOT_HELD. */
ISC_API isc_status ISC_CALL isc_license_release(isc_session *session);

/** @}
 * @defgroup document Cloud documents
 * @{ */

/** Lets the engineer choose a file of the cloud, downloads it into the user's
 * workspace and says where it is in ::ISC_EVENT_OPENCLOUDFILE_RESULT.
 * @param session the session
 * @param tag comes back in comeBackParams; may be NULL
 * @return ::ISC_OK: ISCDesk asks the engineer; ::ISC_E_SIGNED_OUT;
 *   ::ISC_E_NO_PICKER; ::ISC_E_BUSY; ::ISC_E_SERVICE_UNAVAILABLE;
 *   ::ISC_E_TIMEOUT. */
ISC_API isc_status ISC_CALL isc_open_cloud_file(isc_session *session, const char *tag);

/** Saves a file, or the folder of an assembly, to the cloud: to the document
 * that was opened there, else as a new document in the user's own space. First
 * write the file, then call this.
 *
 * Returns once the content is on this machine's disk in ISCDesk's keeping, which
 * takes little longer than copying the file, or with the reason why it is not.
 * Saves happen one after the other, in the order of the calls. What takes longer
 * than the call timeout (a very large file, a service that is away) goes on in
 * the background: the call then returns ::ISC_E_TIMEOUT, and
 * ::ISC_EVENT_SAVE_RESULT tells how it ended. While no service answers the save
 * waits for up to a minute. One that is tried again after ::ISC_E_TIMEOUT is the
 * same save where the content is the same: it has events of its own, the same
 * operation and one version. It never waits for the network:
 * ::ISC_EVENT_PUBLISH_RESULT tells when the cloud has the version. The other
 * events, ::ISC_EVENT_UPLOAD_START, ::ISC_EVENT_SAVE_RESULT and
 * ::ISC_EVENT_UPLOAD_END, come for every save that was accepted.
 * @param session the session
 * @param path the file or folder; a relative one is taken from the working
 *   directory
 * @param assembly not 0: path is the folder of an assembly, named like its main
 *   file and holding everything that it depends on
 * @param tag comes back in comeBackParams; may be NULL
 * @return ::ISC_OK: saved, safe here. ::ISC_E_TIMEOUT: not yet, see above.
 *   Refused before anything was read, without events: ::ISC_E_FILE_UNREADABLE;
 *   ::ISC_E_NOT_A_FILE; ::ISC_E_ASSEMBLY_NOT_FOLDER; ::ISC_E_BUSY: 256 saves
 *   wait already. Not saved, with events: ::ISC_E_DOCUMENT_READ_ONLY;
 *   ::ISC_E_DOCUMENT_CHECKED_OUT; ::ISC_E_EXISTS; ::ISC_E_ASSEMBLY_MAIN_MISSING;
 *   ::ISC_E_ASSEMBLY_DEPENDENCY_MISSING; ::ISC_E_ASSEMBLY_EMPTY;
 *   ::ISC_E_NAME_INVALID; ::ISC_E_FILE_CHANGED; ::ISC_E_DISK_FULL;
 *   ::ISC_E_SIGNED_OUT; ::ISC_E_SERVICE_UNAVAILABLE; ::ISC_E_SHUTTING_DOWN:
 *   another thread has shut the session down meanwhile. */
ISC_API isc_status ISC_CALL isc_save(isc_session *session, const char *path, int assembly, const char *tag);

/** isc_save() to a place in the cloud that the user chooses. The content is safe
 * before he has chosen.
 * @return as isc_save() */
ISC_API isc_status ISC_CALL isc_select_save_as_path(isc_session *session, const char *path, int assembly,
                                                    const char *tag);

/** @}
 * @defgroup app Upgrades
 * @{ */

/** Asks the catalogue for a newer version of this application. The answer is
 * ::ISC_EVENT_UPGRADENOTICE; where one exists ISCDesk asks the user, and on yes
 * ::ISC_EVENT_UPDATE follows.
 * @return ::ISC_OK: asked; ::ISC_E_SIGNED_OUT; ::ISC_E_SERVICE_UNAVAILABLE;
 *   ::ISC_E_TIMEOUT. */
ISC_API isc_status ISC_CALL isc_check_new_versions(isc_session *session, const char *tag);

/** The application's own answer to ::ISC_EVENT_UPDATE.
 * @param session the session
 * @param accept not 0: ISCDesk upgrades after the application has exited
 * @return ::ISC_OK; ::ISC_E_NOT_FOUND: no upgrade was offered;
 *   ::ISC_E_SERVICE_UNAVAILABLE; ::ISC_E_TIMEOUT. */
ISC_API isc_status ISC_CALL isc_upgrade_notify(isc_session *session, int accept);

/** @}
 * @defgroup solve Solving
 * @{ */

/** Saves a model to the cloud and has it solved there. Returns and reports as
 * isc_save(); then ::ISC_EVENT_SOLUTION_PROGRESS and ::ISC_EVENT_SOLUTION_RESULT
 * follow, and the results are downloaded beside the workspace's copy.
 * @return as isc_save() */
ISC_API isc_status ISC_CALL isc_get_solution(isc_session *session, const char *path, const char *tag);

/** @} */

#ifdef __cplusplus
}
#endif

#endif /* ISCDESK_H */
