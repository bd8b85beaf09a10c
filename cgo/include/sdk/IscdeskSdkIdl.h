/**
 * @file IscdeskSdkIdl.h
 * @brief The types of the C++ interface: results, kinds of licence, events.
 *
 * All names live in namespace Sdk and are usable without it as well:
 * `LicenseType::LICENSE_TYPE_FILE`, `Sdk::LicenseType::LICENSE_TYPE_FILE` and
 * `LICENSE_TYPE_FILE` are the same. Define ISCDESK_NO_GLOBAL_NAMES before
 * including this header to keep them in the namespace.
 */
#ifndef ISCDESK_SDK_IDL_H
#define ISCDESK_SDK_IDL_H

#include "../iscdesk_events.h"
#include "../iscdesk_status.h"

/** The C++ interface of the SDK. */
namespace Sdk {

/** What a function returns: RESULT_STATUS_SUCCESS, or the number of an
 * ISC_E_ status; SdkInvoker::LastError() has its text. */
enum ResultStatus : int32_t {
    RESULT_STATUS_SUCCESS = ISC_OK,                                /**< it worked */
    RESULT_STATUS_FAILED = ISC_E_INTERNAL,                         /**< something went wrong inside ISCDesk */
    RESULT_STATUS_INVALID_ARGUMENT = ISC_E_INVALID_ARGUMENT,       /**< a parameter is not valid */
    RESULT_STATUS_NOT_INITIALIZED = ISC_E_NOT_INITIALIZED,         /**< Init() has not been called */
    RESULT_STATUS_ALREADY_INITIALIZED = ISC_E_ALREADY_INITIALIZED, /**< Init() has been called already */
    RESULT_STATUS_SERVICE_UNAVAILABLE = ISC_E_SERVICE_UNAVAILABLE, /**< ISCDesk does not run */
    RESULT_STATUS_TIMEOUT = ISC_E_TIMEOUT,                         /**< no answer came in time */
    RESULT_STATUS_BUSY = ISC_E_BUSY,                               /**< too much at once */
    RESULT_STATUS_OFFLINE = ISC_E_OFFLINE,                         /**< the marketplace does not answer */
    RESULT_STATUS_SIGNED_OUT = ISC_E_SIGNED_OUT                    /**< nobody is signed in */
};

/** The form in which a licence is handed over. */
enum LicenseType : int32_t {
    LICENSE_TYPE_STRING = 0, /**< in the event */
    LICENSE_TYPE_FILE = 1    /**< in a file whose path is in the event */
};

/** The kinds of events; iscdesk_events.h describes their messages. */
enum EventType : int32_t {
    EVENT_LICENSE_VERIFY = ISC_EVENT_LICENSE_VERIFY,             /**< ::ISC_EVENT_LICENSE_VERIFY */
    EVENT_OPENCLOUDFILE_RESULT = ISC_EVENT_OPENCLOUDFILE_RESULT, /**< ::ISC_EVENT_OPENCLOUDFILE_RESULT */
    EVENT_SAVE_RESULT = ISC_EVENT_SAVE_RESULT,                   /**< ::ISC_EVENT_SAVE_RESULT */
    EVENT_UPLOAD_START = ISC_EVENT_UPLOAD_START,                 /**< ::ISC_EVENT_UPLOAD_START */
    EVENT_UPLOAD_END = ISC_EVENT_UPLOAD_END,                     /**< ::ISC_EVENT_UPLOAD_END */
    EVENT_UPGRADENOTICE = ISC_EVENT_UPGRADENOTICE,               /**< ::ISC_EVENT_UPGRADENOTICE */
    EVENT_UPDATE = ISC_EVENT_UPDATE,                             /**< ::ISC_EVENT_UPDATE */
    EVENT_HEARTBEAT = ISC_EVENT_HEARTBEAT,                       /**< ::ISC_EVENT_HEARTBEAT */
    EVENT_ISCDESK_CLOSED = ISC_EVENT_CLOSED,                     /**< ::ISC_EVENT_CLOSED */
    EVENT_ISCDESK_CONNECTED = ISC_EVENT_CONNECTED,               /**< ::ISC_EVENT_CONNECTED */
    EVENT_PUBLISH_RESULT = ISC_EVENT_PUBLISH_RESULT,             /**< ::ISC_EVENT_PUBLISH_RESULT */
    EVENT_UPLOAD_PROGRESS = ISC_EVENT_UPLOAD_PROGRESS,           /**< ::ISC_EVENT_UPLOAD_PROGRESS */
    EVENT_LICENSE_CHANGED = ISC_EVENT_LICENSE_CHANGED,           /**< ::ISC_EVENT_LICENSE_CHANGED */
    EVENT_LEASE_RENEWED = ISC_EVENT_LEASE_RENEWED,               /**< ::ISC_EVENT_LEASE_RENEWED */
    EVENT_LEASE_LOST = ISC_EVENT_LEASE_LOST,                     /**< ::ISC_EVENT_LEASE_LOST */
    EVENT_SOLUTION_RESULT = ISC_EVENT_SOLUTION_RESULT,           /**< ::ISC_EVENT_SOLUTION_RESULT */
    EVENT_SOLUTION_PROGRESS = ISC_EVENT_SOLUTION_PROGRESS,       /**< ::ISC_EVENT_SOLUTION_PROGRESS */
    EVENT_INSTALL_PROGRESS = ISC_EVENT_INSTALL_PROGRESS,         /**< ::ISC_EVENT_INSTALL_PROGRESS */
    EVENT_FAILURE = ISC_EVENT_FAILURE                            /**< ::ISC_EVENT_FAILURE */
};

} // namespace Sdk

#ifndef ISCDESK_NO_GLOBAL_NAMES
using Sdk::EventType;
using Sdk::LicenseType;
using Sdk::ResultStatus;

using Sdk::RESULT_STATUS_ALREADY_INITIALIZED;
using Sdk::RESULT_STATUS_BUSY;
using Sdk::RESULT_STATUS_FAILED;
using Sdk::RESULT_STATUS_INVALID_ARGUMENT;
using Sdk::RESULT_STATUS_NOT_INITIALIZED;
using Sdk::RESULT_STATUS_OFFLINE;
using Sdk::RESULT_STATUS_SERVICE_UNAVAILABLE;
using Sdk::RESULT_STATUS_SIGNED_OUT;
using Sdk::RESULT_STATUS_SUCCESS;
using Sdk::RESULT_STATUS_TIMEOUT;

using Sdk::LICENSE_TYPE_FILE;
using Sdk::LICENSE_TYPE_STRING;

using Sdk::EVENT_FAILURE;
using Sdk::EVENT_HEARTBEAT;
using Sdk::EVENT_INSTALL_PROGRESS;
using Sdk::EVENT_ISCDESK_CLOSED;
using Sdk::EVENT_ISCDESK_CONNECTED;
using Sdk::EVENT_LEASE_LOST;
using Sdk::EVENT_LEASE_RENEWED;
using Sdk::EVENT_LICENSE_CHANGED;
using Sdk::EVENT_LICENSE_VERIFY;
using Sdk::EVENT_OPENCLOUDFILE_RESULT;
using Sdk::EVENT_PUBLISH_RESULT;
using Sdk::EVENT_SAVE_RESULT;
using Sdk::EVENT_SOLUTION_PROGRESS;
using Sdk::EVENT_SOLUTION_RESULT;
using Sdk::EVENT_UPDATE;
using Sdk::EVENT_UPGRADENOTICE;
using Sdk::EVENT_UPLOAD_END;
using Sdk::EVENT_UPLOAD_PROGRESS;
using Sdk::EVENT_UPLOAD_START;
#endif

#endif // ISCDESK_SDK_IDL_H
