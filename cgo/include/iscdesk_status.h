/**
 * @file iscdesk_status.h
 * @brief Every status that a function of the library returns.
 *
 * Numbers are part of the binary contract: they are never reused and never
 * change their meaning. A library newer than this header may return a number
 * that is not listed here; treat it as a failure and show isc_error_text().
 *
 * Blocks: 1 general, 30 licences, 50 leases, 70 documents, 90 applications
 * and solves, 110 policy.
 */
#ifndef ISCDESK_STATUS_H
#define ISCDESK_STATUS_H

#include <stdint.h>

/** A status: ISC_OK or one of the ISC_E_ numbers. */
typedef int32_t isc_status;

/** The statuses. The name of the `reason` of an event is the same word in
 * lower case, without the prefix. */
enum isc_status_number {
    ISC_OK = 0,                    /**< It worked. */
    ISC_E_INTERNAL = 1,            /**< Something went wrong inside iscdesk. */
    ISC_E_INVALID_ARGUMENT = 2,    /**< The value of {argument} is not valid: {reason}. */
    ISC_E_NOT_INITIALIZED = 3,     /**< The SDK is not initialised. */
    ISC_E_ALREADY_INITIALIZED = 4, /**< The SDK is initialised already. */
    ISC_E_BUFFER_TOO_SMALL = 5,    /**< The buffer is too small: {needed} bytes are needed. */
    ISC_E_SERVICE_UNAVAILABLE = 6, /**< The iscdesk service cannot be reached. */
    ISC_E_SERVICE_TOO_OLD = 7,    /**< The iscdesk service is too old for this application (it speaks protocol
                                     {service}, needed is {client}). */
    ISC_E_SERVICE_TOO_NEW = 8,    /**< This application's SDK is too old for the iscdesk service (the service
                                     speaks protocol {service}, the SDK {client}). */
    ISC_E_TIMEOUT = 9,            /**< No answer came in time. */
    ISC_E_CANCELLED = 10,         /**< The operation was cancelled. */
    ISC_E_BUSY = 11,              /**< Too many requests at once. */
    ISC_E_OFFLINE = 12,           /**< The marketplace cannot be reached. */
    ISC_E_SIGNED_OUT = 13,        /**< Nobody is signed in. */
    ISC_E_PERMISSION_DENIED = 14, /**< You are not allowed to do this. */
    ISC_E_NOT_FOUND = 15,         /**< {what} does not exist. */
    ISC_E_EXISTS = 16,            /**< {what} exists already. */
    ISC_E_TOO_LARGE = 17,         /**< {what} is larger than allowed ({limit}). */
    ISC_E_UNSUPPORTED = 18,       /**< This is not supported: {what}. */
    ISC_E_PROTOCOL = 19,          /**< A malformed message was received. */
    ISC_E_SHUTTING_DOWN = 20,     /**< iscdesk is shutting down. */
    ISC_E_MARKETPLACE_FAILED = 21, /**< The marketplace could not do this ({status}). */
    ISC_E_NO_PICKER = 22,          /**< No window is open in which a file could be chosen. */
    ISC_E_LOGIN_FAILED = 23,       /**< Signing in did not succeed: {reason}. */
    ISC_E_SERVICE_IMPOSTOR = 24, /**< The program behind the socket is not the iscdesk service ({reason}). */
    ISC_E_CLOCK_WRONG = 25,      /**< This machine's clock is off by {minutes} minutes. */
    ISC_E_DISK_LOW = 26,         /**< Only {free} are free where iscdesk keeps what you save ({path}). */
    ISC_E_STATE_DAMAGED = 27,    /**< The data that iscdesk keeps on this machine is damaged ({detail}). */
    ISC_E_MARKETPLACE_UNTRUSTED = 28,      /**< The marketplace's certificate is not trusted ({reason}). */
    ISC_E_MARKETPLACE_NOT_CONFIGURED = 29, /**< No marketplace is set for this machine. */
    ISC_E_LICENSE_PENDING = 30,            /**< The vendor has not answered yet. */
    ISC_E_LICENSE_NOT_ENTITLED = 31,       /**< No licence of {product} is assigned to you. */
    ISC_E_LICENSE_VENDOR_UNREACHABLE = 32, /**< The vendor's licence server cannot be reached. */
    ISC_E_LICENSE_VENDOR_REFUSED = 33, /**< The vendor refused the licence ({vendorCode}: {vendorMessage}). */
    ISC_E_LICENSE_QUOTA_EXHAUSTED = 34, /**< All licences of the order in force are in use. */
    ISC_E_LICENSE_OUTSIDE_PERIOD = 35,  /**< The order is not in force at this time. */
    ISC_E_LICENSE_EXPIRY_REQUIRED = 36, /**< The vendor asks for an end date that the order does not have. */
    ISC_E_LICENSE_FINGERPRINT_REQUIRED =
        37, /**< The vendor needs this machine's fingerprint, and none could be read. */
    ISC_E_LICENSE_FROZEN =
        38, /**< The licence of {product} is frozen, usually because the order has expired. */
    ISC_E_LICENSE_RELEASED = 39, /**< The licence of {product} was released. */
    ISC_E_LICENSE_EXPIRED = 40,  /**< The licence of {product} expired on {date}. */
    ISC_E_LICENSE_UNDECIDED =
        41, /**< The vendor did not decide within the time that the marketplace allows. */
    ISC_E_LICENSE_REJECTED_BY_APPLICATION = 42, /**< The application did not accept the licence: {message}. */
    ISC_E_LICENSE_EXPIRING = 43,                /**< The licence of {product} ends on {date}. */
    ISC_E_LEASE_NO_SEAT = 50,                   /**< All {total} seats of {product} are in use. */
    ISC_E_LEASE_MALFORMED = 51,                 /**< The lease is damaged. */
    ISC_E_LEASE_BAD_SIGNATURE = 52,             /**< The lease was not signed by the vendor. */
    ISC_E_LEASE_UNKNOWN_KEY = 53, /**< The lease was signed with a key that this application does not know. */
    ISC_E_LEASE_WRONG_PRODUCT = 54,      /**< The lease is for another product. */
    ISC_E_LEASE_WRONG_DEVICE = 55,       /**< The lease is for another machine. */
    ISC_E_LEASE_WRONG_USER = 56,         /**< The lease is for another user. */
    ISC_E_LEASE_NOT_YET_VALID = 57,      /**< The lease is not valid yet. */
    ISC_E_LEASE_EXPIRED = 58,            /**< The lease has expired and its grace period is over. */
    ISC_E_LEASE_REVOKED = 59,            /**< The lease was revoked by the marketplace. */
    ISC_E_LEASE_CLOCK_SET_BACK = 60,     /**< This machine's clock was set back. */
    ISC_E_LEASE_NOT_HELD = 61,           /**< No lease is held. */
    ISC_E_LEASE_NO_FEATURE = 62,         /**< The feature {feature} is not part of the licence. */
    ISC_E_DEVICE_UNKNOWN = 63,           /**< This machine has no identity to bind a lease to. */
    ISC_E_DOCUMENT_READ_ONLY = 70,       /**< {path} was opened for reading only. */
    ISC_E_DOCUMENT_CONFLICT = 71,        /**< Somebody published a newer version of {path}. */
    ISC_E_DOCUMENT_CHECKED_OUT = 72,     /**< {path} is checked out by {owner}. */
    ISC_E_DOCUMENT_NOT_CHECKED_OUT = 73, /**< {path} is not checked out by you. */
    ISC_E_ASSEMBLY_NOT_FOLDER = 74,      /**< {path} is not a folder. */
    ISC_E_ASSEMBLY_MAIN_MISSING = 75,    /**< The folder {folder} holds no file of that name ({folder}.*'). */
    ISC_E_ASSEMBLY_DEPENDENCY_MISSING = 76, /**< {file} is needed by {by} and is not in the folder. */
    ISC_E_ASSEMBLY_EMPTY = 77,              /**< The folder {folder} is empty. */
    ISC_E_NAME_INVALID = 78,                /**< {name} cannot be used as a name: {reason}. */
    ISC_E_FILE_UNREADABLE = 79,             /**< {path} cannot be read: {reason}. */
    ISC_E_FILE_UNWRITABLE = 80,             /**< {path} cannot be written: {reason}. */
    ISC_E_FILE_CHANGED = 81,                /**< {path} changed while it was being saved. */
    ISC_E_FILE_MODIFIED = 82,               /**< {path} has changes that were never saved to the cloud. */
    ISC_E_CONTENT_DAMAGED = 83,             /**< The content of {what} does not match its checksum. */
    ISC_E_DISK_FULL = 84,  /**< The disk is full: nothing more can be saved by iscdesk until there is room. */
    ISC_E_NOT_A_FILE = 85, /**< {path} is not a regular file. */
    ISC_E_SAVED_BY_OTHER = 86,   /**< This was saved under another account. */
    ISC_E_TRANSFERS_FAILED = 87, /**< {count} saved documents could not be published. */
    ISC_E_UPLOADS_PAUSED = 88,   /**< Uploads are paused. */
    ISC_E_SAVES_WAITING = 89,    /**< {path} has saves that are not published yet. */
    ISC_E_PACKAGE_DAMAGED = 90,  /**< The package of {product} does not match its checksum. */
    ISC_E_PACKAGE_UNSAFE = 91,   /**< The package of {product} holds an unsafe entry ({entry}). */
    ISC_E_INSTALL_FAILED = 92,   /**< The install script of {product} failed with status {status}. */
    ISC_E_APP_RUNNING = 93,      /**< {product} is still running. */
    ISC_E_SOLVE_FAILED = 94,     /**< The solve failed: {reason}. */
    ISC_E_UPGRADE_WAITING = 95, /**< Version {version} of {product} is available and waits for your answer. */
    ISC_E_POLICY_FORBIDS = 110, /**< Your administrator does not allow this. */
    ISC_E_POLICY_VALUE = 111,   /**< The setting {key} has a wrong value ({where}). */
    ISC_E_POLICY_UNKNOWN = 112, /**< There is no setting {key} ({where}). */
    ISC_E_POLICY_REFUSED = 113, /**< The policy at {where} is not used: {reason}. */
    ISC_E_POLICY_OVERRULED = 114, /**< The setting {key} is locked. */
    ISC_E_PROXY_FAILED = 115,     /**< The network cannot be used as the administrator set it up: {reason}. */
    ISC_E_TENANT_REFUSED = 116,   /**< Only accounts of {tenant} may sign in on this machine. */
    ISC_E_STAGING_FULL = 117, /**< Unpublished documents take up all the room that is allowed ({limit}). */
    ISC_E_CA_FILE_UNUSABLE =
        118, /**< The certificate authorities of ca_file ({path}) are not trusted: {reason}. */
    ISC_E_DOCUMENT_CHANGED = 130 /**< {path} has changed since it was looked at. */
};

#endif /* ISCDESK_STATUS_H */
