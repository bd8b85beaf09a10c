// Makes every call of the SDK in the form that the public guide shows, and
// reports the event that each one leads to. The folders of the headers, the
// three spellings of the receiver and the member function as callback are the
// guide's.
//
// Usage: guide [cloud path of a file to open]
// It writes its files into the working directory.
#if defined(_WIN32)
#include <windows.h>
#else
#include <dlfcn.h>
#endif

#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include "interface/SdkInvoker.h"
#include "sdk/IscdeskSdkIdl.h"

#include "../common/EventInbox.h"
#include "../common/Platform.h"
#include "../common/Steps.h"

namespace {

const std::chrono::seconds soon(60);
const std::chrono::seconds solving(180);

SdkInvoker invoker;

class Example {
  public:
    void EventRecall(EventType type, std::string message) { inbox.EventRecall(type, message); }
    EventInbox inbox;
};

Example example;
Engineer engineer;

std::string write_file(const std::string &path, const std::string &content) {
    platform::write(path, content);
    return path;
}

std::string step_file(const std::string &name) {
    return "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION(('guide'),'2;1');\nFILE_NAME('" + name +
           "','2026-01-01T00:00:00',('guide'),(''),'','','');\nFILE_SCHEMA(('AUTOMOTIVE_DESIGN'));\nENDSEC;"
           "\nDATA;\n"
           "#1=CARTESIAN_POINT('',(0.,0.,0.));\nENDSEC;\nEND-ISO-10303-21;\n";
}

// A bar of one element that is pulled at one end.
const char *const model =
    "*NODE, NSET=ALL\n1,0,0,0\n2,10,0,0\n3,10,10,0\n4,0,10,0\n5,0,0,10\n6,10,0,10\n"
    "7,10,10,10\n8,0,10,10\n*ELEMENT, TYPE=C3D8, ELSET=BAR\n1,1,2,3,4,5,6,7,8\n"
    "*MATERIAL, NAME=STEEL\n*ELASTIC\n210000,0.3\n*SOLID SECTION, ELSET=BAR, MATERIAL=STEEL\n"
    "*BOUNDARY\n1,1,3\n4,1,3\n5,1,3\n8,1,3\n*STEP\n*STATIC\n*CLOAD\n2,1,100\n3,1,100\n6,1,100\n"
    "7,1,100\n*NODE FILE\nU\n*NODE PRINT, NSET=ALL\nU\n*END STEP\n";

bool decided(const std::string &message) {
    return json::member(message, "Status") != "pending";
}

bool ended(const std::string &message) {
    return !json::member(message, "status").empty();
}

std::string saved(const char *function) {
    example.inbox.wait(EVENT_UPLOAD_START, soon);
    const std::string result = example.inbox.wait(EVENT_SAVE_RESULT, soon);
    need(result, "status", "success");
    example.inbox.wait(EVENT_UPLOAD_END, soon);
    ok(function, result);
    return result;
}

typedef isc_status(ISC_CALL *Checking)();

#if defined(_WIN32)
Checking load() {
    const char *const name = sizeof(void *) == 8 ? "IscdeskApi64.dll" : "IscdeskApi.dll";
    HMODULE sdkHandle = LoadLibraryA(name);
    if (sdkHandle == NULL)
        throw std::runtime_error(std::string(name) + " cannot be loaded: error " +
                                 std::to_string(GetLastError()));
    return reinterpret_cast<Checking>(
        reinterpret_cast<void *>(GetProcAddress(sdkHandle, "IscdeskSdkCheckingEnvironment")));
}
#else
Checking load() {
    void *sdkHandle = dlopen("libiscdesk.so.1", RTLD_NOW);
    if (sdkHandle == NULL)
        throw std::runtime_error(std::string("dlopen: ") + dlerror());
    return reinterpret_cast<Checking>(dlsym(sdkHandle, "IscdeskSdkCheckingEnvironment"));
}
#endif

void begin() {
    const Checking checking = load();
    if (checking == NULL || checking() != ISC_OK)
        throw std::runtime_error("IscdeskSdkCheckingEnvironment: this machine cannot run the SDK");
    ok("IscdeskSdkCheckingEnvironment", "this machine can run the SDK");

    must(invoker, "Init", invoker.IscdeskFactory()->Init());
    ok("Init", "connected");
    must(invoker, "RegisterEventRecall", invoker->RegisterEventRecall(&example, &Example::EventRecall));
    must(invoker, "Heartbeat", invoker->Heartbeat());
    ok("RegisterEventRecall", example.inbox.wait(EVENT_HEARTBEAT, soon));
}

void licences() {
    const std::string devInfo, errorMsg;
    must(invoker, "GetLicenseStringRequest", invoker->GetLicenseStringRequest(devInfo));
    std::string answer = example.inbox.wait(EVENT_LICENSE_VERIFY, soon, decided);
    need(answer, "Status", "success");
    need(answer, "LicenseType", "string");
    ok("GetLicenseStringRequest", answer);

    const std::string fileName = "guide.lic";
    must(invoker, "GetLicenseFileRequest", invoker->GetLicenseFileRequest(fileName, devInfo));
    answer = example.inbox.wait(EVENT_LICENSE_VERIFY, soon, decided);
    need(answer, "Status", "success");
    if (!platform::is_file(json::member(answer, "LicenseFilePath")))
        throw std::runtime_error("GetLicenseFileRequest: the file is not there: " + answer);
    ok("GetLicenseFileRequest", answer);

    const bool verifyResult = true;
    must(invoker, "LicenseVerifyNotify", invoker->LicenseVerifyNotify(verifyResult, errorMsg));
    ok("LicenseVerifyNotify", "told that the licence is good");

    must(invoker, "TrialExpirationAndGetLicense",
         invoker->TrialExpirationAndGetLicense(LicenseType::LICENSE_TYPE_FILE, "", "trial.lic"));
    answer = example.inbox.wait(EVENT_LICENSE_VERIFY, soon, decided);
    need(answer, "LicenseType", "file");
    need(answer, "Status", "success");
    ok("TrialExpirationAndGetLicense", answer);
}

void upgrades() {
    ResultStatus status = invoker->CheckNewVersions();
    must(invoker, "CheckNewVersions", status);
    ok("CheckNewVersions", example.inbox.wait(EVENT_UPGRADENOTICE, soon));
    const bool bUpgrade = false;
    status = invoker.IscdeskFactory()->invoker->UpgradeNotify(bUpgrade);
    if (status != static_cast<ResultStatus>(ISC_E_NOT_FOUND)) // the guide's own sample has no newer version
        must(invoker, "UpgradeNotify", status);
    ok("UpgradeNotify", "told: not now");
}

void documents(const std::string &cloud) {
    must(invoker, "OpenCloudFile", invoker->OpenCloudFile());
    engineer.will_pick("--path " + platform::quoted(cloud));
    const std::string opened = example.inbox.wait(EVENT_OPENCLOUDFILE_RESULT, soon);
    if (json::member(opened, "mainFile").empty())
        throw std::runtime_error("OpenCloudFile: " + opened);
    ok("OpenCloudFile", opened);

    const std::string saveFilePath = write_file("guide.step", step_file("guide.step"));
    must(invoker, "Save", invoker->Save(saveFilePath));
    saved("Save");

    const std::string folder = "guide-assembly";
    platform::make_folder(folder);
    write_file(folder + "/guide-assembly.step", step_file("guide-assembly.step"));
    write_file(folder + "/bolt.step", step_file("bolt.step"));
    must(invoker, "Save", invoker->Save(folder, true));
    saved("Save");

    must(invoker, "SelectSaveAsPath", invoker->SelectSaveAsPath(saveFilePath));
    engineer.will_pick("--path " + platform::quoted(cloud.substr(0, cloud.rfind('/') + 1)) +
                       " --name guide-copy.step --overwrite");
    const std::string operation = json::member(saved("SelectSaveAsPath"), "operation");
    const std::string published =
        example.inbox.wait(EVENT_PUBLISH_RESULT, soon, [&operation](const std::string &message) {
            return json::member(message, "operation") == operation;
        });
    need(published, "status", "published");
    ok("SelectSaveAsPath", published);
}

void solve() {
    const std::string filePath = write_file("guide-bar.inp", model);
    must(invoker, "GetSolution", invoker->GetSolution(filePath));
    example.inbox.wait(EVENT_SAVE_RESULT, soon);
    const std::string solution = example.inbox.wait(EVENT_SOLUTION_RESULT, solving, ended);
    need(solution, "status", "success");
    ok("GetSolution", solution);
}

} // namespace

int main(int argc, char **argv) {
    const std::vector<std::string> arguments = platform::arguments(argc, argv);
    try {
        begin();
        licences();
        upgrades();
        documents(arguments.empty() ? "/projects/bracket.step" : arguments[0]);
        solve();
        must(invoker, "ShutOut", invoker->ShutOut());
        ok("ShutOut", "disconnected");
        return 0;
    } catch (const std::exception &e) {
        std::cout << "not ok  " << e.what() << std::endl;
        return 1;
    }
}
