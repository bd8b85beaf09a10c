/**
 * @file iscdesk_events.h
 * @brief The events that the library delivers, and their messages.
 *
 * Every message is one JSON object in UTF-8 with exactly these members:
 *
 *     {"operate": "...", "params": {...}, "comeBackParams": {...}}
 *
 * Booleans in params are the strings "true" and "false". comeBackParams is
 * {} or, where the call that led to the event was given a tag,
 * {"tag": "<the tag>"}.
 *
 * An event that reports a failure carries two members more in params:
 * `reason`, the name of the status in lower case without ISC_E_ (such as
 * "document_read_only"), and `text`, a sentence for people in the language of
 * the session. Readers must accept members that they do not know.
 */
#ifndef ISCDESK_EVENTS_H
#define ISCDESK_EVENTS_H

#include <stdint.h>

/** The kind of an event: one of the ISC_EVENT_ numbers. */
typedef int32_t isc_event_type;

/** The kinds of events, in the order in which an application meets them. */
enum isc_event_number {
    /** No event (isc_next_event() on an empty queue). */
    ISC_EVENT_NONE = 0,

    /** The answer to a licence request.
     *
     *     {"operate":"LicenseVerify","params":{"Status":"success","LicenseContent":"0078...","LicenseType":"string"},"comeBackParams":{}}
     *     {"operate":"LicenseVerify","params":{"Status":"success","LicenseFilePath":"/home/u/license.lic","LicenseType":"file"},"comeBackParams":{}}
     *     {"operate":"LicenseVerify","params":{"Status":"failed","LicenseType":"string","reason":"license_not_entitled","text":"..."},"comeBackParams":{}}
     *
     * With the reason "license_pending" the decision is still to come as
     * another event of this kind; Status is then "pending". `cached` "true"
     * tells that the answer was kept from an earlier day. */
    ISC_EVENT_LICENSE_VERIFY = 1,

    /** The engineer has opened a file of the cloud.
     *
     *     {"operate":"OpenFile","params":{"mainFile":"/home/u/iscdesk/.../part.step","openType":"OpenOnly","workState":"CHECKIN","assembly":"false"},"comeBackParams":{}}
     *
     * openType is OpenOnly or OpenAndCheckout, workState CHECKIN or CHECKOUT.
     * With assembly "true" mainFile is the folder of the assembly; open the
     * file in it that bears the folder's name. Extra members: `path` (in the
     * cloud) and `version`. A failure, the engineer's cancelling included, has
     * an empty mainFile, `reason` and `text`. */
    ISC_EVENT_OPENCLOUDFILE_RESULT = 2,

    /** The content of a save is safe on this machine, or will not be.
     *
     *     {"operate":"SaveResult","params":{"status":"success","filePath":"/home/u/part.step"},"comeBackParams":{}}
     *     {"operate":"SaveResult","params":{"status":"failed","filePath":"...","reason":"document_read_only","text":"..."},"comeBackParams":{}}
     *
     * success: the service has the content on disk (fsync) and publishes it in
     * the cloud by itself, over crashes and lost networks;
     * ::ISC_EVENT_PUBLISH_RESULT follows. Extra members: `operation`, and `path`
     * (in the cloud) where it is known already. */
    ISC_EVENT_SAVE_RESULT = 3,

    /** The library begins to read the file. Do not save the same file again
     * before ::ISC_EVENT_UPLOAD_END.
     *
     *     {"operate":"UploadStart","params":{"filePath":"/home/u/part.step"},"comeBackParams":{}} */
    ISC_EVENT_UPLOAD_START = 4,

    /** The library has read the file; it may be saved again. This never
     * waits for the network. It follows every ::ISC_EVENT_UPLOAD_START, right
     * after ::ISC_EVENT_SAVE_RESULT.
     *
     *     {"operate":"UploadEnd","params":{"status":"success","filePath":"/home/u/part.step"},"comeBackParams":{}}
     */
    ISC_EVENT_UPLOAD_END = 5,

    /** The answer to isc_check_new_versions().
     *
     *     {"operate":"UpgradeNotice","params":{"available":"false"},"comeBackParams":{}}
     *
     * Extra members where one is available: `version`, `forced`, `notes`.
     * Where the question failed: `reason` and `text`. */
    ISC_EVENT_UPGRADENOTICE = 6,

    /** The user said yes to an upgrade, or it is forced.
     *
     *     {"operate":"Update","params":{"fromForceWin":"true"},"comeBackParams":{}}
     *
     * fromForceWin "true": it is forced. The application saves its work, calls
     * isc_upgrade_notify() and exits. Extra member: `version`. */
    ISC_EVENT_UPDATE = 7,

    /** The reply to a heartbeat, automatic or asked for.
     *
     *     {"operate":"Heartbeat","params":{"state":"online","intervalSeconds":60,"leaseDeadline":0},"comeBackParams":{}}
     *
     * state is online, offline or signed_out; intervalSeconds is when the next
     * automatic heartbeat is due; leaseDeadline is when the lease ends, its
     * grace period included, unless it is renewed, in Unix seconds, 0 without one. */
    ISC_EVENT_HEARTBEAT = 8,

    /** The connection to ISCDesk is lost, or ISCDesk is closing. Nothing that
     * was saved is lost, a lease goes on to its end; the library reconnects by
     * itself.
     *
     *     {"operate":"ISCDeskClosed","params":{"reason":"service_unavailable","text":"..."},"comeBackParams":{}}
     */
    ISC_EVENT_CLOSED = 9,

    /** The library is connected again, or for the first time after an isc_init()
     * that found no service.
     *
     *     {"operate":"ISCDeskConnected","params":{"state":"online","service":"1.0.0"},"comeBackParams":{}} */
    ISC_EVENT_CONNECTED = 10,

    /** What became of a save in the cloud.
     *
     *     {"operate":"PublishResult","params":{"status":"published","filePath":"/home/u/part.step","path":"/Personal/part.step","version":3},"comeBackParams":{}}
     *     {"operate":"PublishResult","params":{"status":"conflict","filePath":"...","path":"/Personal/part
     * (conflict).step","version":1,"conflictOf":"/Personal/part.step","reason":"document_conflict","text":"..."},"comeBackParams":{}}
     *
     * status is published, conflict (somebody published first: both versions
     * are kept, this one at `path`), or failed. Extra member: `operation`. */
    ISC_EVENT_PUBLISH_RESULT = 11,

    /** How far an upload to the cloud has come.
     *
     *     {"operate":"UploadProgress","params":{"path":"/Personal/part.step","sent":1048576,"total":4194304},"comeBackParams":{}}
     */
    ISC_EVENT_UPLOAD_PROGRESS = 12,

    /** A licence of this product was frozen, unfrozen, released, renewed,
     * assigned or has expired.
     *
     *     {"operate":"LicenseChanged","params":{"change":"frozen","status":"frozen","expireTime":1767225600,"reason":"license_frozen","text":"..."},"comeBackParams":{}}
     */
    ISC_EVENT_LICENSE_CHANGED = 13,

    /** The lease was renewed and the new one verified.
     *
     *     {"operate":"LeaseRenewed","params":{"expires":1767225600,"graceUntil":1767232800},"comeBackParams":{}}
     */
    ISC_EVENT_LEASE_RENEWED = 14,

    /** The lease is gone; isc_license_check() fails from now on.
     *
     *     {"operate":"LeaseLost","params":{"reason":"lease_revoked","text":"..."},"comeBackParams":{}} */
    ISC_EVENT_LEASE_LOST = 15,

    /** A solve has ended.
     *
     *     {"operate":"SolutionResult","params":{"status":"success","solve":"...","path":"/Personal/beam.inp","resultPath":"/Personal/beam.results","resultVersion":1,"resultFile":"/home/u/iscdesk/.../beam.results"},"comeBackParams":{}}
     *
     * status is success, failed or cancelled; `resultFile` is where the
     * library put the results on this machine, a folder where they are more
     * than one file. A failure carries `reason` and `text`; `message` is the
     * solver's last word, where it has one. ::ISC_EVENT_SAVE_RESULT of the model
     * has the same `solve`. */
    ISC_EVENT_SOLUTION_RESULT = 16,

    /** How far a solve has come.
     *
     *     {"operate":"SolutionProgress","params":{"state":"running","percent":40,"solve":"...","path":"/Personal/beam.inp"},"comeBackParams":{}}
     */
    ISC_EVENT_SOLUTION_PROGRESS = 17,

    /** How far the installation of an upgrade has come.
     *
     *     {"operate":"InstallProgress","params":{"state":"downloading","version":"2.1.0","done":1024,"total":4096},"comeBackParams":{}}
     */
    ISC_EVENT_INSTALL_PROGRESS = 18,

    /** Something failed that no other event reports; `during` names it. A
     * callback of the application that threw a C++ exception is reported so.
     *
     *     {"operate":"Failure","params":{"during":"callback","reason":"internal","text":"..."},"comeBackParams":{}}
     */
    ISC_EVENT_FAILURE = 19
};

#endif /* ISCDESK_EVENTS_H */
