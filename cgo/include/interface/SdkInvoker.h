/**
 * @file SdkInvoker.h
 * @brief The C++ interface of the SDK: SdkInvoker and its functions.
 *
 * Header-only C++11 over the C API of iscdesk.h, compiled by the application's
 * own compiler. It loads the library (libiscdesk.so.1, IscdeskApi64.dll,
 * IscdeskApi.dll) by itself; define ISCDESK_LINK to link against it instead.
 *
 *     SdkInvoker invoker;
 *     invoker.IscdeskFactory()->Init();
 *     invoker->RegisterEventRecall(&example, &Example::EventRecall);
 *     invoker->Save(saveFilePath);
 *     invoker->ShutOut();
 *
 * Define ISCDESK_PRODUCT, ISCDESK_PRODUCT_VERSION and ISCDESK_LEASE_KEYS as
 * string literals before including it to compile them in (see isc_options).
 */
#ifndef ISCDESK_SDK_INVOKER_H
#define ISCDESK_SDK_INVOKER_H

#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "../iscdesk.h"
#include "../sdk/IscdeskSdkIdl.h"
#include "SdkLibrary.h"
#include "SdkRecall.h"

namespace Sdk {
namespace detail {

/* Text is a text parameter: std::string, or const char* where NULL is "". */
class Text {
  public:
    Text(const char *text) : text_(text ? text : "") {}
    Text(const std::string &text) : text_(text) {}
    const char *c_str() const { return text_.c_str(); }

  private:
    std::string text_;
};

/* Truth is a yes-or-no parameter: bool, or the strings that events use. */
class Truth {
  public:
    Truth(bool value) : value_(value) {}
    Truth(int value) : value_(value != 0) {}
    Truth(const char *value) : value_(value && says_yes(value)) {}
    Truth(const std::string &value) : value_(says_yes(value.c_str())) {}
    int number() const { return value_ ? 1 : 0; }

  private:
    static bool says_yes(const char *text) {
        return !std::strcmp(text, "true") || !std::strcmp(text, "TRUE") || !std::strcmp(text, "True") ||
               !std::strcmp(text, "success") || !std::strcmp(text, "1");
    }
    bool value_;
};

/* Connection is the one session of the application. All SdkInvokers share it,
 * because the guide's samples make one wherever they need it. It is never
 * destroyed: events may come until the process ends. */
class Connection {
  public:
    static Connection &get() {
        static Connection *const connection = new Connection();
        return *connection;
    }

    isc_session *session() {
        Lock lock(mutex_);
        return session_;
    }

    isc_status init(isc_options options) {
        const Library &c = Library::get();
        if (!c.loaded())
            return ISC_E_SERVICE_UNAVAILABLE;
        Lock one_at_a_time(starting_);
        if (isc_session *running = session())
            return again(running);
        options.callback = &Connection::receive;
        options.user = this;
        isc_session *started = nullptr;
        const isc_status status = c.isc_init(&options, &started);
        Lock lock(mutex_);
        session_ = started;
        waiting_ = status != ISC_OK;
        return status;
    }

    isc_status shut_out() {
        isc_session *ending;
        {
            Lock lock(mutex_);
            ending = session_;
            session_ = nullptr;
        }
        const Library &c = Library::get();
        return c.loaded() ? c.isc_shutdown(ending) : static_cast<isc_status>(ISC_E_NOT_INITIALIZED);
    }

    void receive_with(Recall recall) {
        Lock lock(mutex_);
        recall_ = std::make_shared<Recall>(std::move(recall));
    }

  private:
    Connection() : session_(nullptr), waiting_(false) {}

    /* again is an Init while there is a session: how it is, where the first
     * Init found no service. */
    isc_status again(isc_session *running) {
        {
            Lock lock(mutex_);
            if (!waiting_)
                return ISC_E_ALREADY_INITIALIZED;
        }
        isc_heartbeat_reply reply = isc_heartbeat_reply();
        reply.struct_size = sizeof reply;
        const isc_status status = Library::get().isc_heartbeat(running, &reply);
        Lock lock(mutex_);
        waiting_ = status != ISC_OK;
        return status;
    }

    /* receive is the C callback: no exception of the application leaves it. */
    static void ISC_CALL receive(void *user, isc_event_type type, const char *message) {
        Connection *const self = static_cast<Connection *>(user);
        std::string thrown;
        if (!self->call(type, message, thrown))
            return;
        std::fprintf(stderr, "iscdesk: the event recall threw an exception: %s\n", thrown.c_str());
        const std::string failure = "{\"operate\":\"Failure\",\"params\":{\"during\":\"callback\",\"reason\":"
                                    "\"internal\",\"text\":\"" +
                                    escaped(thrown) + "\"},\"comeBackParams\":{}}";
        std::string again;
        if (type != ISC_EVENT_FAILURE)
            self->call(ISC_EVENT_FAILURE, failure.c_str(), again);
    }

    /* call tells whether the application threw. */
    bool call(isc_event_type type, const char *message, std::string &thrown) {
        std::shared_ptr<Recall> recall;
        {
            Lock lock(mutex_);
            recall = recall_;
        }
#if defined(__EXCEPTIONS) || defined(__cpp_exceptions) || defined(_CPPUNWIND)
        try {
            if (recall && *recall)
                (*recall)(type, message);
            return false;
        } catch (const std::exception &e) {
            thrown = e.what();
        } catch (...) {
            thrown = "not a std::exception";
        }
        return true;
#else
        (void)thrown;
        if (recall && *recall)
            (*recall)(type, message);
        return false;
#endif
    }

    static std::string escaped(const std::string &text) {
        std::string out;
        for (char c : text) {
            if (c == '"' || c == '\\')
                out += '\\';
            out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
        return out;
    }

    Mutex starting_; // held during isc_init
    Mutex mutex_;    // guards what follows; never held during a call
    isc_session *session_;
    bool waiting_; // the session has not been connected yet
    std::shared_ptr<Recall> recall_;
};

} // namespace detail

/** The functions of the SDK. Objects are cheap and all share the application's
 * one session; copy them, or make one wherever you need it. Every function may
 * be called from any thread and from inside the event recall. */
class SdkInvoker {
  public:
    /** This object, for the spelling `invoker.IscdeskFactory()->invoker->…`. */
    SdkInvoker *invoker;

    /** Makes an invoker; it does not connect, Init() does. */
    SdkInvoker() : invoker(this) {}
    /** Makes another invoker of the same session. */
    SdkInvoker(const SdkInvoker &) : invoker(this) {}
    /** Changes nothing: all invokers are of the same session. */
    SdkInvoker &operator=(const SdkInvoker &) { return *this; }

    /** Access to the functions, for the spelling `invoker->Save(…)`. */
    SdkInvoker *operator->() const { return invoker; }
    /** Access to the functions, for the spelling `invoker.IscdeskFactory()->…`. */
    SdkInvoker *IscdeskFactory() const { return invoker; }

    /** Connects to ISCDesk. It must come before everything but
     * RegisterEventRecall(). RESULT_STATUS_SERVICE_UNAVAILABLE: ISCDesk does not
     * run (yet); the SDK goes on trying, EVENT_ISCDESK_CONNECTED tells when it has
     * succeeded, and Init() may be called again to ask. See isc_init(). */
    ResultStatus Init() {
        isc_options options = isc_options();
        options.struct_size = sizeof options;
        return Init(options);
    }
    /** Init() with options; what is left 0 takes its default. The callback
     * belongs to RegisterEventRecall(). */
    ResultStatus Init(isc_options options) {
#ifdef ISCDESK_PRODUCT
        if (!options.product)
            options.product = ISCDESK_PRODUCT;
#endif
#ifdef ISCDESK_PRODUCT_VERSION
        if (!options.version)
            options.version = ISCDESK_PRODUCT_VERSION;
#endif
#ifdef ISCDESK_LEASE_KEYS
        if (!options.lease_keys)
            options.lease_keys = ISCDESK_LEASE_KEYS;
#endif
        return result(detail::Connection::get().init(options));
    }

    /** Registers who receives the events: an object (pointer, plain or smart)
     * and its method. Its parameters are the kind (EventType or any integer) and
     * the message (std::string, const std::string& or const char*). The last one
     * that was registered receives. */
    template <class Object, class Method> ResultStatus RegisterEventRecall(Object object, Method method) {
        detail::Connection::get().receive_with(detail::recall(std::move(object), method));
        return RESULT_STATUS_SUCCESS;
    }
    /** The same with a function or a lambda. */
    template <class Callable> ResultStatus RegisterEventRecall(Callable callable) {
        detail::Connection::get().receive_with(detail::recall(std::move(callable)));
        return RESULT_STATUS_SUCCESS;
    }

    /** Ends the session; may be called inside the recall. See isc_shutdown(). */
    ResultStatus ShutOut() {
        return result(detail::Connection::get().shut_out());
    }

    /** Asks for the licence as a string. See isc_license_request_string(). */
    ResultStatus GetLicenseStringRequest(const detail::Text &devInfo = "", const detail::Text &tag = "") {
        return call(c().isc_license_request_string, devInfo.c_str(), tag.c_str());
    }
    /** Asks for the licence as a file. See isc_license_request_file(). */
    ResultStatus GetLicenseFileRequest(const detail::Text &fileName = "", const detail::Text &devInfo = "",
                                       const detail::Text &tag = "") {
        return call(c().isc_license_request_file, fileName.c_str(), devInfo.c_str(), tag.c_str());
    }
    /** Tells the result of the application's own check. verifyResult is a bool
     * or the string "true" or "false". See isc_license_verify_notify(). */
    ResultStatus LicenseVerifyNotify(const detail::Truth &verifyResult, const detail::Text &errorMsg = "") {
        return call(c().isc_license_verify_notify, verifyResult.number(), errorMsg.c_str());
    }
    /** Tells that the trial is over and asks for a licence. See
     * isc_trial_expired(). */
    ResultStatus TrialExpirationAndGetLicense(LicenseType type, const detail::Text &devInfo = "",
                                              const detail::Text &fileName = "",
                                              const detail::Text &tag = "") {
        return call(c().isc_trial_expired, static_cast<int32_t>(type), devInfo.c_str(), fileName.c_str(),
                    tag.c_str());
    }

    /** Asks for newer versions. See isc_check_new_versions(). */
    ResultStatus CheckNewVersions(const detail::Text &tag = "") {
        return call(c().isc_check_new_versions, tag.c_str());
    }
    /** The application's own answer to an upgrade. See isc_upgrade_notify(). */
    ResultStatus UpgradeNotify(const detail::Truth &bUpgrade) {
        return call(c().isc_upgrade_notify, bUpgrade.number());
    }

    /** Lets the engineer open a file of the cloud. See isc_open_cloud_file(). */
    ResultStatus OpenCloudFile(const detail::Text &tag = "") {
        return call(c().isc_open_cloud_file, tag.c_str());
    }
    /** Saves a file, or the folder of an assembly; returns once it is safe on
     * this machine. See isc_save(). */
    ResultStatus Save(const detail::Text &saveFilePath, bool isAssembly = false,
                      const detail::Text &tag = "") {
        return call(c().isc_save, saveFilePath.c_str(), isAssembly ? 1 : 0, tag.c_str());
    }
    /** Save() to a place that the user picks. See isc_select_save_as_path(). */
    ResultStatus SelectSaveAsPath(const detail::Text &saveFilePath, bool isAssembly = false,
                                  const detail::Text &tag = "") {
        return call(c().isc_select_save_as_path, saveFilePath.c_str(), isAssembly ? 1 : 0, tag.c_str());
    }
    /** Has a model solved in the cloud. See isc_get_solution(). */
    ResultStatus GetSolution(const detail::Text &filePath, const detail::Text &tag = "") {
        return call(c().isc_get_solution, filePath.c_str(), tag.c_str());
    }

    /** Asks ISCDesk how it is; the reply is EVENT_HEARTBEAT. See isc_heartbeat(). */
    ResultStatus Heartbeat() {
        return call(c().isc_heartbeat, static_cast<isc_heartbeat_reply *>(nullptr));
    }
    /** Takes a seat. See isc_license_acquire(). */
    ResultStatus AcquireLicense(const detail::Text &features = "") {
        return call(c().isc_license_acquire, features.c_str());
    }
    /** Checks the seat, in about a microsecond. See isc_license_check(). */
    ResultStatus CheckLicense(const char *feature = nullptr, isc_lease_info *info = nullptr) {
        return call(c().isc_license_check, feature, info);
    }
    /** Gives the seat back. See isc_license_release(). */
    ResultStatus ReleaseLicense() {
        return call(c().isc_license_release);
    }
    /** Delivers events on this thread. See isc_run_callbacks(). */
    ResultStatus RunCallbacks(uint32_t timeoutMs = 0, uint32_t *delivered = nullptr) {
        return call(c().isc_run_callbacks, timeoutMs, delivered);
    }

    /** The text of the calling thread's last failure. */
    std::string LastError() const {
        return c().loaded() ? c().isc_last_error() : c().error();
    }
    /** The session, for the functions of iscdesk.h; NULL without one. */
    isc_session *Session() const {
        return detail::Connection::get().session();
    }

  private:
    static const detail::Library &c() {
        return detail::Library::get();
    }

    static ResultStatus result(isc_status status) {
        return static_cast<ResultStatus>(status);
    }

    template <class... Parameters, class... Arguments>
    static ResultStatus call(isc_status(ISC_CALL *const &function)(isc_session *, Parameters...),
                             Arguments... arguments) {
        if (!c().loaded())
            return RESULT_STATUS_SERVICE_UNAVAILABLE;
        return result(function(detail::Connection::get().session(), arguments...));
    }
};

} // namespace Sdk

#ifndef ISCDESK_NO_GLOBAL_NAMES
using Sdk::SdkInvoker;
#endif

#endif // ISCDESK_SDK_INVOKER_H
