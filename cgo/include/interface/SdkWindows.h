/**
 * @file SdkWindows.h
 * @brief The few functions of Windows that the C++ interface calls;
 * applications do not include it themselves.
 *
 * They are declared as in windows.h, which the application may include before
 * or after, whole or lean, with winsock2.h or without: this header leaves that
 * to it.
 */
#ifndef ISCDESK_SDK_WINDOWS_H
#define ISCDESK_SDK_WINDOWS_H

struct HINSTANCE__;
struct _RTL_SRWLOCK;

namespace Sdk {
namespace detail {
#if defined(NO_STRICT) && !defined(STRICT)
typedef void *Module; // as windows.h has it then
#else
typedef HINSTANCE__ *Module;
#endif
#if defined(_WIN64)
typedef long long(__stdcall *Procedure)();
#else
typedef int(__stdcall *Procedure)();
#endif
} // namespace detail
} // namespace Sdk

#if !defined(_WINDOWS_) && !defined(_INC_WINDOWS)
extern "C" {
__declspec(dllimport) Sdk::detail::Module __stdcall GetModuleHandleW(const wchar_t *name);
__declspec(dllimport) int __stdcall GetModuleHandleExW(unsigned long flags, const wchar_t *name,
                                                       Sdk::detail::Module *module);
__declspec(dllimport) unsigned long __stdcall GetModuleFileNameW(Sdk::detail::Module module, wchar_t *name,
                                                                 unsigned long size);
__declspec(dllimport) Sdk::detail::Module
    __stdcall LoadLibraryExW(const wchar_t *name, void *file, unsigned long flags);
__declspec(dllimport) Sdk::detail::Procedure
    __stdcall GetProcAddress(Sdk::detail::Module module, const char *name);
__declspec(dllimport) unsigned long __stdcall GetEnvironmentVariableW(const wchar_t *name, wchar_t *value,
                                                                      unsigned long size);
__declspec(dllimport) unsigned long __stdcall GetLastError(void);
__declspec(dllimport) void __stdcall AcquireSRWLockExclusive(_RTL_SRWLOCK *lock);
__declspec(dllimport) void __stdcall ReleaseSRWLockExclusive(_RTL_SRWLOCK *lock);
}
#endif

namespace Sdk {
namespace detail {

/* as_srw_lock: a SRWLOCK is one pointer, NULL at first. */
inline _RTL_SRWLOCK *as_srw_lock(void **lock) {
    return reinterpret_cast<_RTL_SRWLOCK *>(lock);
}

} // namespace detail
} // namespace Sdk

#endif // ISCDESK_SDK_WINDOWS_H
