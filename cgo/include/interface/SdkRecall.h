/**
 * @file SdkRecall.h
 * @brief Turns whatever an application registers for events into one kind of
 * callable; applications do not include it themselves.
 */
#ifndef ISCDESK_SDK_RECALL_H
#define ISCDESK_SDK_RECALL_H

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "../sdk/IscdeskSdkIdl.h"

namespace Sdk {
namespace detail {

/* Recall is what receives events: the number of the kind, and the message. */
using Recall = std::function<void(int, const char *)>;

/* kind gives the number of an event as the receiver's first parameter wants
 * it: any enumeration or arithmetic type. */
template <class Kind> typename std::decay<Kind>::type kind(int number) {
    using Value = typename std::decay<Kind>::type;
    static_assert(std::is_enum<Value>::value || std::is_arithmetic<Value>::value,
                  "the first parameter of an event recall is the event's kind");
    return static_cast<Value>(number);
}

/* invoke calls f with the message as the receiver's second parameter wants it:
 * std::string, const std::string&, const char*, std::string_view. */
template <class Kind, class Text, class Function> void invoke(Function &&f, int number, const char *message) {
    typename std::decay<Text>::type text(message);
    f(kind<Kind>(number), static_cast<Text>(text));
}

template <class Object, class Method, class Kind, class Text> Recall bind(Object object, Method method) {
    return [object, method](int number, const char *message) {
        invoke<Kind, Text>([&object, method](typename std::decay<Kind>::type k,
                                             Text text) { ((*object).*method)(k, static_cast<Text>(text)); },
                           number, message);
    };
}

/* recall for methods: object is a pointer, plain or smart. */
template <class Object, class Class, class Result, class Kind, class Text>
Recall recall(Object object, Result (Class::*method)(Kind, Text)) {
    return bind<Object, Result (Class::*)(Kind, Text), Kind, Text>(std::move(object), method);
}

template <class Object, class Class, class Result, class Kind, class Text>
Recall recall(Object object, Result (Class::*method)(Kind, Text) const) {
    return bind<Object, Result (Class::*)(Kind, Text) const, Kind, Text>(std::move(object), method);
}

/* recall for functions. On 32-bit Windows they come in two conventions. */
#if defined(_WIN32) && !defined(_WIN64)
template <class Result, class Kind, class Text> Recall recall(Result(__cdecl *function)(Kind, Text)) {
    return [function](int number, const char *message) { invoke<Kind, Text>(function, number, message); };
}

template <class Result, class Kind, class Text> Recall recall(Result(__stdcall *function)(Kind, Text)) {
    return [function](int number, const char *message) { invoke<Kind, Text>(function, number, message); };
}
#else
template <class Result, class Kind, class Text> Recall recall(Result (*function)(Kind, Text)) {
    return [function](int number, const char *message) { invoke<Kind, Text>(function, number, message); };
}
#endif

/* recall for lambdas and other objects that are called: by the parameters of
 * their operator(), or with (EventType, const std::string&) where that is a
 * template or overloaded. */
template <class Callable, class Result, class Class, class Kind, class Text>
Recall recall_by(Callable callable, Result (Class::*)(Kind, Text) const) {
    return [callable](int number, const char *message) { invoke<Kind, Text>(callable, number, message); };
}

template <class Callable, class Result, class Class, class Kind, class Text>
Recall recall_by(Callable callable, Result (Class::*)(Kind, Text)) {
    auto shared = std::make_shared<Callable>(std::move(callable));
    return [shared](int number, const char *message) { invoke<Kind, Text>(*shared, number, message); };
}

template <class Callable>
auto recall_object(Callable callable, int) -> decltype(&Callable::operator(), Recall()) {
    return recall_by(std::move(callable), &Callable::operator());
}

template <class Callable> Recall recall_object(Callable callable, long) {
    auto shared = std::make_shared<Callable>(std::move(callable));
    return [shared](int number, const char *message) {
        (*shared)(static_cast<EventType>(number), std::string(message));
    };
}

template <class Callable>
typename std::enable_if<std::is_class<Callable>::value, Recall>::type recall(Callable callable) {
    return recall_object(std::move(callable), 0);
}

} // namespace detail
} // namespace Sdk

#endif // ISCDESK_SDK_RECALL_H
