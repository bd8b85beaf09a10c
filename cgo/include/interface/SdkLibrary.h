/**
 * @file SdkLibrary.h
 * @brief Finds the C library for the C++ interface; applications do not include
 * it themselves.
 */
#ifndef ISCDESK_SDK_LIBRARY_H
#define ISCDESK_SDK_LIBRARY_H

#include <cstdlib>
#include <string>

#include "../iscdesk.h"

#if defined(_WIN32)
#include "SdkWindows.h"
#else
#include <mutex>
#if !defined(ISCDESK_LINK)
#include <dlfcn.h>
#include <unistd.h>
#endif
#endif

namespace Sdk {
namespace detail {

/* Mutex is std::mutex, which a mingw with Windows' own threads lacks before
 * GCC 13. */
#if defined(_WIN32)
class Mutex {
  public:
    Mutex() : lock_(nullptr) {}
    void lock() { AcquireSRWLockExclusive(as_srw_lock(&lock_)); }
    void unlock() { ReleaseSRWLockExclusive(as_srw_lock(&lock_)); }

  private:
    Mutex(const Mutex &);
    Mutex &operator=(const Mutex &);
    void *lock_;
};
#else
typedef std::mutex Mutex;
#endif

/* Lock holds a Mutex as long as it lives. */
class Lock {
  public:
    explicit Lock(Mutex &mutex) : mutex_(mutex) { mutex_.lock(); }
    ~Lock() { mutex_.unlock(); }

  private:
    Lock(const Lock &);
    Lock &operator=(const Lock &);
    Mutex &mutex_;
};

/* The functions of the C API that the C++ interface calls: X(name). */
#define ISCDESK_FUNCTIONS(X)                                                                                 \
    X(isc_version)                                                                                           \
    X(isc_init)                                                                                              \
    X(isc_shutdown)                                                                                          \
    X(isc_last_error)                                                                                        \
    X(isc_error_text)                                                                                        \
    X(isc_set_event_callback)                                                                                \
    X(isc_run_callbacks)                                                                                     \
    X(isc_heartbeat)                                                                                         \
    X(isc_license_request_string)                                                                            \
    X(isc_license_request_file)                                                                              \
    X(isc_license_verify_notify)                                                                             \
    X(isc_trial_expired)                                                                                     \
    X(isc_license_acquire)                                                                                   \
    X(isc_license_check)                                                                                     \
    X(isc_license_release)                                                                                   \
    X(isc_check_new_versions)                                                                                \
    X(isc_upgrade_notify)                                                                                    \
    X(isc_open_cloud_file)                                                                                   \
    X(isc_save)                                                                                              \
    X(isc_select_save_as_path)                                                                               \
    X(isc_get_solution)

/* Library holds the functions, and why there are none. */
class Library {
  public:
#define ISCDESK_MEMBER(name) decltype(&::name) name;
    ISCDESK_FUNCTIONS(ISCDESK_MEMBER)
#undef ISCDESK_MEMBER

    bool loaded() const {
        return complete_;
    }
    const std::string &error() const {
        return error_;
    }

    /* get loads the library on first use. It is never unloaded: a Go runtime
     * cannot be. */
    static const Library &get() {
        static const Library *const library = new Library();
        return *library;
    }

  private:
    bool complete_;
    std::string error_;

#if defined(ISCDESK_LINK)
    Library() : complete_(true) {
#define ISCDESK_TAKE(n) this->n = &::n;
        ISCDESK_FUNCTIONS(ISCDESK_TAKE)
#undef ISCDESK_TAKE
    }
#else
    Library() : complete_(true) {
        void *const handle = open();
#define ISCDESK_TAKE(n) take(handle, #n, this->n);
        ISCDESK_FUNCTIONS(ISCDESK_TAKE)
#undef ISCDESK_TAKE
    }

    template <class Function> void take(void *handle, const char *name, Function &function) {
        void *const address = handle ? symbol(handle, name) : nullptr;
        function = reinterpret_cast<Function>(address);
        if (address)
            return;
        if (handle && error_.empty())
            error_ = std::string("the iscdesk library lacks ") + name + "; it is older than this application";
        complete_ = false;
    }

#if defined(_WIN32)
    static void *symbol(void *handle, const char *name) {
        return reinterpret_cast<void *>(GetProcAddress(static_cast<Module>(handle), name));
    }

    /* open looks at: ISCDESK_LIBRARY, an absolute path; what is loaded already
     * (by a LoadLibrary of the application's own, too); the folder of this code;
     * the executable's folder, those that the application added
     * (AddDllDirectory) and the system's. Never at the current directory or
     * PATH, where anybody may have put a file of that name. */
    void *open() {
        const std::wstring named = variable(L"ISCDESK_LIBRARY");
        if (!named.empty())
            return absolute(named) ? attempt(named, search_its_folder)
                                   : refuse("ISCDESK_LIBRARY is not an absolute path");
        const std::wstring name = sizeof(void *) == 8 ? L"IscdeskApi64.dll" : L"IscdeskApi.dll";
        if (void *already = GetModuleHandleW(name.c_str()))
            return already;
        const std::wstring beside = own_folder();
        if (!beside.empty())
            if (void *found = attempt(beside + name, search_its_folder))
                return found;
        return attempt(name, search_default_folders);
    }

    enum { search_its_folder = 0x8, search_default_folders = 0x1000 };

    void *refuse(const char *reason) {
        error_ = reason;
        return nullptr;
    }

    void *attempt(const std::wstring &path, unsigned long how) {
        void *const found = LoadLibraryExW(path.c_str(), nullptr, how);
        if (found)
            error_.clear();
        else
            error_ = (sizeof(void *) == 8 ? "IscdeskApi64.dll" : "IscdeskApi.dll") +
                     (" cannot be loaded: error " + std::to_string(GetLastError()));
        return found;
    }

    static bool absolute(const std::wstring &path) {
        return path.size() > 2 &&
               (path[1] == L':' ? path[2] == L'\\' || path[2] == L'/' : path[0] == L'\\' && path[1] == L'\\');
    }

    static std::wstring variable(const wchar_t *name) {
        std::wstring value(32767, L'\0'); // the longest there is
        value.resize(GetEnvironmentVariableW(name, &value[0], 32767));
        return value;
    }

    /* own_folder is the folder of the module that this code is part of. */
    static std::wstring own_folder() {
        static const char here = 0;
        Module module = nullptr;
        if (!GetModuleHandleExW(0x6, reinterpret_cast<const wchar_t *>(&here), &module)) // by address
            return std::wstring();
        std::wstring path(32767, L'\0');
        path.resize(GetModuleFileNameW(module, &path[0], 32767));
        return path.substr(0, path.rfind(L'\\') + 1);
    }
#else
    static void *symbol(void *handle, const char *name) {
        return dlsym(handle, name);
    }

    /* open looks at: ISCDESK_LIBRARY, what is linked or loaded already, the
     * loader's own path, the folder of this code, the executable's folder. */
    void *open() {
        const char *const named = std::getenv("ISCDESK_LIBRARY");
        if (named && *named)
            return attempt(named, RTLD_NOW);
        if (dlsym(RTLD_DEFAULT, "isc_init"))
            return dlopen(nullptr, RTLD_NOW);
        const char *const names[] = {"libiscdesk.so.1", "libiscdesk.so"};
        for (int already = 1; already >= 0; already--)
            for (const char *name : names)
                if (void *found = attempt(name, already ? RTLD_NOW | RTLD_NOLOAD : RTLD_NOW))
                    return found;
        const std::string folders[] = {own_folder(), executable_folder(), executable_folder() + "../lib/"};
        for (const std::string &folder : folders)
            for (const char *name : names)
                if (void *found = folder[0] == '/' ? attempt((folder + name).c_str(), RTLD_NOW) : nullptr)
                    return found;
        return nullptr;
    }

    void *attempt(const char *name, int flags) {
        void *const found = dlopen(name, flags);
        const char *const reason = found ? nullptr : dlerror();
        if (reason)
            error_ = reason;
        else if (found)
            error_.clear();
        return found;
    }

    static std::string folder_of(const std::string &path) {
        return path.substr(0, path.rfind('/') + 1);
    }

    static std::string own_folder() {
        static const char here = 0;
        Dl_info info;
        return dladdr(&here, &info) && info.dli_fname ? folder_of(info.dli_fname) : "-";
    }

    static std::string executable_folder() {
        char path[4096];
        const ssize_t n = readlink("/proc/self/exe", path, sizeof path);
        return n > 0 ? folder_of(std::string(path, static_cast<std::size_t>(n))) : "-";
    }
#endif
#endif // ISCDESK_LINK
};

} // namespace detail
} // namespace Sdk

#endif // ISCDESK_SDK_LIBRARY_H
