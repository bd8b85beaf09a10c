// MiniCAD: a small CAD program on the ISCDesk SDK, to copy from. It has no
// screen; each step prints a line, and the first that fails ends it with a
// status other than 0.
#include <atomic>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "keys.h"
#define ISCDESK_PRODUCT "minicad"
#define ISCDESK_PRODUCT_VERSION "1.0.0"
#include "interface/SdkInvoker.h"
#include "sdk/IscdeskSdkIdl.h"

#include "../common/EventInbox.h"
#include "../common/Platform.h"
#include "../common/Steps.h"
#include "License.h"
#include "Results.h"
#include "StepFile.h"

namespace {

const char *const usage =
    "minicad - a small CAD program on the ISCDesk SDK\n\n"
    "  minicad [--folder PATH]       the whole tour; PATH is the folder of the cloud that holds the\n"
    "                                samples bracket.step and beam.inp (default /projects)\n"
    "  minicad save FILE             save FILE to the cloud and nothing else\n"
    "  minicad save-assembly FOLDER  save an assembly and nothing else\n"
    "  minicad lease SECONDS         hold a seat for so long, and check it every second\n"
    "  minicad lease -               the same until standard input ends\n"
    "  minicad --help                this text\n\n"
    "ISCDESK_CLI, where it is set, names the program that answers when a file has to be\n"
    "picked (iscdesk); else pick yourself.\n";

const std::chrono::seconds soon(60);
const std::chrono::seconds solving(240);

class MiniCad {
  public:
    void start() {
        must(sdk_, "Init", sdk_.IscdeskFactory()->Init());
        must(sdk_, "RegisterEventRecall", sdk_->RegisterEventRecall(&inbox_, &EventInbox::EventRecall));
        ok("Init", "connected to ISCDesk");
    }

    // licences: asks for the licence in both forms and believes neither before
    // its signature was checked.
    void licences() {
        must(sdk_, "GetLicenseStringRequest", sdk_->GetLicenseStringRequest("", "start"));
        const std::string text = json::member(licence("start"), "LicenseContent");
        accept("GetLicenseStringRequest", text);

        must(sdk_, "GetLicenseFileRequest", sdk_->GetLicenseFileRequest("minicad.lic", "", "file"));
        const std::string path = json::member(licence("file"), "LicenseFilePath");
        accept("GetLicenseFileRequest", platform::read(path));
    }

    // seat: a lease is checked in the process itself, wherever a feature begins.
    void seat() {
        must(sdk_, "AcquireLicense", sdk_->AcquireLicense("modelling"));
        ok("AcquireLicense", "a seat with the feature modelling");
        isc_lease_info info = isc_lease_info();
        info.struct_size = sizeof info;
        must(sdk_, "CheckLicense", sdk_->CheckLicense("modelling", &info));
        if (sdk_->CheckLicense("no such feature") == RESULT_STATUS_SUCCESS)
            throw std::runtime_error("CheckLicense: a feature that nobody bought is there");
        ok("CheckLicense",
           "good until " + std::to_string(info.expires) + ", with grace " + std::to_string(info.grace_until));
    }

    // hold checks the seat once a second until the time is over or ended.
    void hold(std::chrono::seconds time, const std::atomic<bool> &ended) {
        const auto end = std::chrono::steady_clock::now() + time;
        int checks = 0;
        for (; !ended && std::chrono::steady_clock::now() < end; checks++) {
            must(sdk_, "CheckLicense", sdk_->CheckLicense("modelling"));
            std::this_thread::sleep_for(std::chrono::seconds(1));
        }
        ok("CheckLicense", "held, checked " + std::to_string(checks) + " times");
    }

    void give_seat_back() {
        must(sdk_, "ReleaseLicense", sdk_->ReleaseLicense());
        if (sdk_->CheckLicense() == RESULT_STATUS_SUCCESS)
            throw std::runtime_error("ReleaseLicense: the seat is still held");
        ok("ReleaseLicense", "the seat is free again");
    }

    // edit: opens a drawing of the cloud, changes it and saves it back.
    void edit(const std::string &cloud) {
        must(sdk_, "OpenCloudFile", sdk_->OpenCloudFile("open"));
        engineer_.will_pick("--path " + platform::quoted(cloud) + " --checkout");
        const std::string opened = inbox_.wait(EVENT_OPENCLOUDFILE_RESULT, soon, with_tag("open"));
        const std::string path = json::member(opened, "mainFile");
        if (path.empty())
            throw std::runtime_error("OpenCloudFile: " + json::member(opened, "text"));
        ok("OpenCloudFile",
           path + " (" + json::member(opened, "openType") + ", " + json::member(opened, "workState") + ")");

        StepFile drawing = StepFile::read(path);
        const std::size_t points = drawing.scale(1.25);
        drawing.rename("minicad " + std::to_string(platform::process_id()));
        drawing.write(path);
        if (StepFile::read(path).count("CARTESIAN_POINT") != points || points == 0)
            throw std::runtime_error("the drawing that was written is not the one that was read");
        ok("edit", std::to_string(drawing.entities().size()) + " entities, " + std::to_string(points) +
                       " points scaled by 1.25");

        must(sdk_, "Save", sdk_->Save(path, false, "save"));
        published("Save", "save");
        const std::string folder = cloud.substr(0, cloud.rfind('/') + 1);
        must(sdk_, "SelectSaveAsPath", sdk_->SelectSaveAsPath(path, false, "as"));
        engineer_.will_pick("--path " + platform::quoted(folder) + " --name bracket-large.step --overwrite");
        published("SelectSaveAsPath", "as");
        drawing.write("bracket-large.step");
    }

    // assembly: a folder that bears its main file's name and holds every part.
    void assembly() {
        const std::string folder = "minicad-frame";
        platform::make_folder(folder);
        StepFile drawing = StepFile::read("bracket-large.step");
        drawing.write(folder + "/minicad-frame.step");
        drawing.scale(0.5);
        drawing.write(folder + "/plate.step");
        must(sdk_, "Save", sdk_->Save(folder, true, "assembly"));
        published("Save (assembly)", "assembly");
    }

    void save(const std::string &path, bool assembly) {
        must(sdk_, "Save", sdk_->Save(path, assembly, "only"));
        const std::string result = saved("only");
        ok("Save", path + " is safe here (" + json::member(result, "operation") + ")");
    }

    void upgrades() {
        must(sdk_, "CheckNewVersions", sdk_->CheckNewVersions("upgrade"));
        const std::string notice = inbox_.wait(EVENT_UPGRADENOTICE, soon);
        const bool available = json::member(notice, "available") == "true";
        ok("CheckNewVersions", available ? json::member(notice, "version") + " is there" : "nothing newer");
        if (!available)
            return;
        must(sdk_, "UpgradeNotify", sdk_->UpgradeNotify(false));
        ok("UpgradeNotify", "not now");
    }

    // solve: a model of the cloud is opened, solved there, and its results read.
    void solve(const std::string &cloud) {
        must(sdk_, "OpenCloudFile", sdk_->OpenCloudFile("model"));
        engineer_.will_pick("--path " + platform::quoted(cloud) + " --checkout");
        const std::string model =
            json::member(inbox_.wait(EVENT_OPENCLOUDFILE_RESULT, soon, with_tag("model")), "mainFile");
        if (model.empty())
            throw std::runtime_error("the model was not opened");
        must(sdk_, "GetSolution", sdk_->GetSolution(model, "solve"));
        saved("solve");
        const std::string solution = inbox_.wait(EVENT_SOLUTION_RESULT, solving, with_tag("solve"));
        if (json::member(solution, "status") != "success")
            throw std::runtime_error("GetSolution: " + json::member(solution, "text"));
        const Displacement tip = largest_displacement(json::member(solution, "resultFile"));
        ok("GetSolution", json::member(solution, "resultPath") + ": node " + std::to_string(tip.node) +
                              " moves by " + std::to_string(tip.size));
    }

    void stop() {
        must(sdk_, "ShutOut", sdk_->ShutOut());
        ok("ShutOut", "disconnected");
    }

  private:
    std::string licence(const std::string &tag) {
        return inbox_.wait(EVENT_LICENSE_VERIFY, soon, [&tag](const std::string &message) {
            return json::member(message, "tag") == tag && json::member(message, "Status") != "pending";
        });
    }

    void accept(const std::string &function, const std::string &text) {
        try {
            const License license = check_license(text, ISCDESK_VENDOR_KEY, ISCDESK_PRODUCT);
            must(sdk_, "LicenseVerifyNotify", sdk_->LicenseVerifyNotify(true, ""));
            ok(function, "our signature, instance " + license.instance);
        } catch (const std::exception &e) {
            sdk_->LicenseVerifyNotify(false, e.what());
            throw std::runtime_error(function + ": " + e.what());
        }
        ok("LicenseVerifyNotify", "told that it is good");
    }

    std::string saved(const std::string &tag) {
        const std::string result = inbox_.wait(EVENT_SAVE_RESULT, soon, with_tag(tag));
        if (json::member(result, "status") != "success")
            throw std::runtime_error("Save: " + json::member(result, "text"));
        inbox_.wait(EVENT_UPLOAD_END, soon, with_tag(tag));
        return result;
    }

    void published(const std::string &function, const std::string &tag) {
        saved(tag);
        const std::string result = inbox_.wait(EVENT_PUBLISH_RESULT, soon, with_tag(tag));
        if (json::member(result, "status") != "published")
            throw std::runtime_error(function + ": " + json::member(result, "text"));
        ok(function, json::member(result, "path") + ", version " + json::member(result, "version"));
    }

    SdkInvoker sdk_;
    EventInbox inbox_;
    Engineer engineer_;
};

void tour(MiniCad &cad, const std::string &folder) {
    cad.start();
    cad.licences();
    cad.seat();
    cad.edit(folder + "/bracket.step");
    cad.assembly();
    cad.upgrades();
    cad.solve(folder + "/beam.inp");
    cad.give_seat_back();
    cad.stop();
}

void lease(MiniCad &cad, const std::string &time) {
    static std::atomic<bool> ended(false); // the reader may outlive this function
    std::chrono::seconds length(std::atoi(time.c_str()));
    if (time == "-") {
        length = std::chrono::hours(24);
        std::thread([] {
            while (std::cin.get() != std::istream::traits_type::eof()) {
            }
            ended = true;
        }).detach();
    }
    cad.seat();
    cad.hold(length, ended);
    cad.give_seat_back();
}

int run(const std::vector<std::string> &arguments) {
    const std::string command = arguments.size() > 0 ? arguments[0] : "";
    const std::string argument = arguments.size() > 1 ? arguments[1] : "";
    static MiniCad cad; // events may come until the process ends
    if (command.empty() || (command == "--folder" && !argument.empty())) {
        tour(cad, argument.empty() ? "/projects" : argument);
    } else if ((command == "save" || command == "save-only" || command == "save-assembly" ||
                command == "lease") &&
               !argument.empty()) {
        cad.start();
        if (command == "lease") {
            lease(cad, argument);
        } else {
            cad.save(argument, command == "save-assembly");
        }
        cad.stop();
    } else {
        std::cout << usage;
        return command == "--help" ? 0 : 2;
    }
    return 0;
}

} // namespace

int main(int argc, char **argv) {
    try {
        return run(platform::arguments(argc, argv));
    } catch (const std::exception &e) {
        std::cout << "not ok  " << e.what() << std::endl;
        return 1;
    }
}
