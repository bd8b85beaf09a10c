// Collects the events of the SDK, so that a program of one thread can wait for
// them. A program with a user interface reacts to events instead of waiting.
#ifndef EXAMPLES_EVENT_INBOX_H
#define EXAMPLES_EVENT_INBOX_H

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>

#include "Json.h"
#include "sdk/IscdeskSdkIdl.h"

class EventInbox {
  public:
    // EventRecall is what the SDK calls, on its own thread.
    void EventRecall(EventType type, const std::string &message) {
        std::lock_guard<std::mutex> lock(mutex_);
        events_.push_back(Event{type, message});
        changed_.notify_all();
    }

    using Condition = std::function<bool(const std::string &message)>;

    // wait takes the first event of that kind whose message fulfils the
    // condition, and gives the message. It throws when none comes in time.
    std::string wait(EventType type, std::chrono::seconds limit, const Condition &condition = Condition()) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        std::unique_lock<std::mutex> lock(mutex_);
        for (;;) {
            for (auto e = events_.begin(); e != events_.end(); ++e)
                if (e->type == type && (!condition || condition(e->message))) {
                    std::string message = e->message;
                    events_.erase(e);
                    return message;
                }
            if (changed_.wait_until(lock, deadline) == std::cv_status::timeout)
                throw std::runtime_error("no event " + std::to_string(type) + " came within " +
                                         std::to_string(limit.count()) + " s");
        }
    }

  private:
    struct Event {
        EventType type;
        std::string message;
    };
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Event> events_;
};

// with_tag is the condition that the event answers the call with that tag.
inline EventInbox::Condition with_tag(const std::string &tag) {
    return [tag](const std::string &message) { return json::member(message, "tag") == tag; };
}

#endif
