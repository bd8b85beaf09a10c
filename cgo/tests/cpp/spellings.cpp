// Every spelling that the guide and its readers use has to compile, and to
// reach the one session. Without a service the calls fail with a status.
#include <cstdio>
#include <memory>
#include <string>

#include "interface/SdkInvoker.h"
#include "sdk/IscdeskSdkIdl.h"

namespace {

int failures = 0;

void expect(bool ok, const char *what) {
    if (!ok) {
        std::printf("not ok  %s\n", what);
        failures++;
    }
}

enum class Kind : unsigned char { none = 0 };

struct Example {
    void EventRecall(EventType, std::string) { calls++; }
    void ByReference(int, const std::string &) { calls++; }
    void ByPointer(unsigned, const char *) const {}
    int ByOtherEnum(Kind, std::string) noexcept { return 0; }
    void ByLong(long long, const std::string &) const noexcept {}
    void ByKindReference(const Sdk::EventType &, std::string &&) {}
    virtual ~Example() {}
    int calls = 0;
};

struct Derived : Example {};

struct Functor {
    void operator()(int, const char *) const {}
};

struct Overloaded {
    void operator()(int, const std::string &) {}
    void operator()(double, const std::string &) {}
};

void freely(EventType, const std::string &) {
}
void plainly(int, const char *) {
}

void receivers(SdkInvoker &invoker) {
    Example example;
    Derived derived;
    auto shared = std::make_shared<Example>();
    invoker->RegisterEventRecall(&example, &Example::EventRecall);
    invoker->RegisterEventRecall(&example, &Example::ByReference);
    invoker->RegisterEventRecall(&example, &Example::ByPointer);
    invoker->RegisterEventRecall(&example, &Example::ByOtherEnum);
    invoker->RegisterEventRecall(&example, &Example::ByLong);
    invoker->RegisterEventRecall(&example, &Example::ByKindReference);
    invoker->RegisterEventRecall(&derived, &Derived::EventRecall);
    invoker->RegisterEventRecall(shared, &Example::EventRecall);
    invoker->RegisterEventRecall(&freely);
    invoker->RegisterEventRecall(plainly);
    invoker->RegisterEventRecall(Functor());
    invoker->RegisterEventRecall(Overloaded());
    int seen = 0;
    invoker->RegisterEventRecall([&seen](EventType, std::string) { seen++; });
    invoker->RegisterEventRecall([seen](int, const std::string &) mutable { seen++; });
#if __cplusplus >= 201402L
    invoker->RegisterEventRecall([](auto, const auto &) {});
#endif
}

class Document {
  public:
    ResultStatus save() const { return invoker_->Save("x"); }
    ResultStatus end() const { return invoker_.IscdeskFactory()->ShutOut(); }

  private:
    SdkInvoker invoker_;
};

void calls(SdkInvoker invoker) {
    std::string saveFilePath = "/nowhere/part.step", devInfo, fileName = "license.lic", errorMsg = "expired";
    std::string verifyResult = "true";
    bool bUpgrade = false;
    const ResultStatus none = RESULT_STATUS_NOT_INITIALIZED;
    expect(invoker->GetLicenseStringRequest(devInfo) == none, "GetLicenseStringRequest");
    expect(invoker->GetLicenseFileRequest(fileName, devInfo) == none, "GetLicenseFileRequest");
    expect(invoker->GetLicenseFileRequest("", "") == none, "GetLicenseFileRequest with literals");
    expect(invoker->GetLicenseFileRequest(nullptr, nullptr) == none, "GetLicenseFileRequest with NULL");
    expect(invoker->LicenseVerifyNotify(verifyResult, errorMsg) == none, "LicenseVerifyNotify with a string");
    expect(invoker->LicenseVerifyNotify(true, "") == none, "LicenseVerifyNotify with a bool");
    expect(invoker->LicenseVerifyNotify("false", errorMsg.c_str()) == none,
           "LicenseVerifyNotify with a literal");
    expect(invoker->TrialExpirationAndGetLicense(LicenseType::LICENSE_TYPE_FILE, "devInfo", "fileName") ==
               none,
           "TrialExpirationAndGetLicense");
    expect(invoker->TrialExpirationAndGetLicense(Sdk::LicenseType::LICENSE_TYPE_STRING, devInfo) == none,
           "Sdk::");
    expect(invoker->TrialExpirationAndGetLicense(LICENSE_TYPE_STRING) == none, "bare");
    expect(invoker->CheckNewVersions() == none, "CheckNewVersions");
    expect(invoker.IscdeskFactory()->invoker->UpgradeNotify(bUpgrade) == none, "UpgradeNotify");
    expect(invoker->OpenCloudFile() == none, "OpenCloudFile");
    expect(invoker->Save(saveFilePath) == none, "Save");
    expect(invoker->Save(saveFilePath, true) == none, "Save of an assembly");
    expect(invoker->Save("/nowhere", false, "tag") == none, "Save with a tag");
    expect(invoker->SelectSaveAsPath(saveFilePath) == none, "SelectSaveAsPath");
    expect(invoker->GetSolution(saveFilePath) == none, "GetSolution");
    expect(invoker->ShutOut() == none, "ShutOut");
    expect(!invoker->LastError().empty(), "LastError");
}

} // namespace

int main() {
    SdkInvoker invoker;
    SdkInvoker *pointer = &invoker;
    std::unique_ptr<SdkInvoker> unique(new SdkInvoker());
    std::shared_ptr<Sdk::SdkInvoker> shared = std::make_shared<Sdk::SdkInvoker>();
    calls(invoker);
    expect(pointer->Save("x") == Sdk::RESULT_STATUS_NOT_INITIALIZED, "a pointer");
    expect(unique->Save("x") == Sdk::ResultStatus::RESULT_STATUS_NOT_INITIALIZED, "a unique_ptr");
    expect(shared->IscdeskFactory()->invoker->Save("x") != ResultStatus::RESULT_STATUS_SUCCESS,
           "a shared_ptr");
    expect(Document().save() == RESULT_STATUS_NOT_INITIALIZED, "a member of a const object");
    expect(invoker->Save("") != RESULT_STATUS_SUCCESS && Document().end() == RESULT_STATUS_NOT_INITIALIZED &&
               invoker->LastError().find("Init") != std::string::npos,
           "the text of ShutOut's failure");
    receivers(invoker);
    isc_options options = isc_options();
    options.struct_size = sizeof options;
    options.socket = "/nonexistent/agent.sock";
    options.timeout_ms = 100;
    expect(pointer->IscdeskFactory()->Init(options) == RESULT_STATUS_SERVICE_UNAVAILABLE,
           "Init without a service");
    expect(invoker.IscdeskFactory()->Init() == RESULT_STATUS_SERVICE_UNAVAILABLE, "Init again");
    expect(invoker->ShutOut() == RESULT_STATUS_SUCCESS, "ShutOut of a session that waits");
    std::printf("%s\n", failures ? "failed" : "ok");
    return failures ? 1 : 0;
}
