// Events reach the recall in the form that it asks for, and what it throws
// stays in the application.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>

#include "interface/SdkInvoker.h"

namespace {

class Example {
  public:
    void EventRecall(EventType type, std::string message) {
        std::unique_lock<std::mutex> lock(mutex_);
        if (type == EVENT_HEARTBEAT)
            heartbeats_++;
        if (type == EVENT_FAILURE)
            failure_ = message;
        changed_.notify_all();
        lock.unlock();
        if (type == EVENT_HEARTBEAT)
            throw std::runtime_error("a \"bad\" recall");
    }

    std::string failure() {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(20),
                          [this] { return heartbeats_ == 1 && !failure_.empty(); });
        return failure_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int heartbeats_ = 0;
    std::string failure_;
};

void expect(bool ok, const char *what) {
    if (ok)
        return;
    std::printf("not ok  %s (%s)\n", what, SdkInvoker().LastError().c_str());
    std::exit(1);
}

} // namespace

int main() {
    static Example example;
    SdkInvoker invoker;
    invoker->RegisterEventRecall(&example, &Example::EventRecall); // before Init, too
    expect(invoker.IscdeskFactory()->Init() == RESULT_STATUS_SUCCESS, "Init");
    expect(SdkInvoker()->Init() == RESULT_STATUS_ALREADY_INITIALIZED,
           "Init of the same session by another invoker");
    expect(invoker->Heartbeat() == RESULT_STATUS_SUCCESS, "Heartbeat");
    const std::string failure = example.failure();
    expect(failure.find("\"during\":\"callback\"") != std::string::npos, failure.c_str());
    expect(failure.find("a \\\"bad\\\" recall") != std::string::npos, failure.c_str());

    // ShutOut inside the recall deadlocks in the original; here it does not.
    std::mutex mutex;
    std::condition_variable changed;
    int status = -1;
    invoker->RegisterEventRecall([&](EventType, const char *) {
        const int result = SdkInvoker()->ShutOut();
        std::lock_guard<std::mutex> lock(mutex);
        status = result;
        changed.notify_all();
    });
    expect(invoker->Heartbeat() == RESULT_STATUS_SUCCESS, "Heartbeat");
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait_for(lock, std::chrono::seconds(20), [&] { return status != -1; });
    expect(status == RESULT_STATUS_SUCCESS, "ShutOut inside the recall");
    expect(invoker->ShutOut() == RESULT_STATUS_NOT_INITIALIZED, "ShutOut again");
    expect(invoker->Init() == RESULT_STATUS_SUCCESS, "Init after ShutOut");
    expect(invoker->ShutOut() == RESULT_STATUS_SUCCESS, "ShutOut");
    std::puts("ok");
}
