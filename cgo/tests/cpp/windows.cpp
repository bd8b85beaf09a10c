// The headers go together with windows.h after them, or before them, and with
// functions of both conventions.
#include "interface/SdkInvoker.h"
#include "sdk/IscdeskSdkIdl.h"

#include <windows.h>

void plainly(EventType, const char *) {
}
void CALLBACK by_callback(int, std::string) {
}

struct Example {
    void EventRecall(EventType, std::string) {}
};

int main() {
    SdkInvoker invoker;
    Example example;
    HMODULE sdkHandle = LoadLibraryA("IscdeskApi64.dll");
    if (sdkHandle == NULL)
        return 1;
    invoker.IscdeskFactory()->Init();
    invoker->RegisterEventRecall(&example, &Example::EventRecall);
    invoker->RegisterEventRecall(plainly);
    invoker->RegisterEventRecall(&by_callback);
    return invoker->ShutOut();
}
