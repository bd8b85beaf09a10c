/* Links the library with nothing else, as MSVC's linker does; it ends with 0
 * when the library answers. */
#include "iscdesk.h"

int start(void);
int start(void) {
    const char *version = isc_version();
    return version[0] >= '1' && version[0] <= '9' && isc_heartbeat(0, 0) == ISC_E_NOT_INITIALIZED ? 0 : 1;
}

#if __STDC_HOSTED__
int main(void) {
    return start();
}
#else
/* Without a C runtime it ends the process by itself: threads of the library
 * would keep it. */
__declspec(dllimport) void __stdcall ExitProcess(unsigned code);
int begin(void);
int begin(void) {
    ExitProcess((unsigned)start());
    return 1;
}
#endif
