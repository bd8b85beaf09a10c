// Reports what a program does, a line per function of the SDK, and plays the
// engineer where a file has to be picked.
#ifndef EXAMPLES_STEPS_H
#define EXAMPLES_STEPS_H

#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>

#include "Platform.h"
#include "interface/SdkInvoker.h"

// ok prints "ok  <function>  <what happened>".
inline void ok(const std::string &function, const std::string &detail) {
    std::printf("ok  %-28s  %s\n", function.c_str(), detail.c_str());
    std::fflush(stdout);
}

// must throws unless the function succeeded.
inline void must(SdkInvoker &invoker, const std::string &function, ResultStatus status) {
    if (status != RESULT_STATUS_SUCCESS)
        throw std::runtime_error(function + ": " + invoker.LastError() + " (" + std::to_string(status) + ")");
}

// need throws unless the member of the event is as wanted.
inline void need(const std::string &message, const std::string &member, const std::string &wanted) {
    if (json::member(message, member) != wanted)
        throw std::runtime_error("wanted " + member + " = " + wanted + " in " + message);
}

// Engineer answers what ISCDesk asks the user: with the program named by
// ISCDESK_CLI (the command line tool, iscdesk) if that is set, else by asking
// the person in front of the screen.
class Engineer {
  public:
    ~Engineer() {
        if (answering_.joinable())
            answering_.join();
    }

    // will_pick answers the next question with "iscdesk pick --wait <arguments>".
    void will_pick(const std::string &arguments) {
        const std::string cli = platform::variable("ISCDESK_CLI");
        if (cli.empty()) {
            std::printf("--  choose now: iscdesk pick %s\n", arguments.c_str());
            std::fflush(stdout);
            return;
        }
        if (answering_.joinable())
            answering_.join();
        const std::string command = platform::quoted(cli) + " pick --wait --timeout 60s " + arguments;
        answering_ = std::thread([command] {
            if (!platform::run(command))
                std::fprintf(stderr, "not picked: %s\n", command.c_str());
        });
    }

  private:
    std::thread answering_;
};

#endif
