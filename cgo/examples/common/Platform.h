// What the examples need of the system: files and folders by names in UTF-8,
// as the SDK gives and takes them. On Windows they go through the wide
// functions, because the others know the names of one code page only.
#ifndef EXAMPLES_PLATFORM_H
#define EXAMPLES_PLATFORM_H

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#if defined(_WIN32)
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>
#include <shellapi.h>
#else
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace platform {

#if defined(_WIN32)

inline std::wstring wide(const std::string &text) {
    const int size = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(),
                                         static_cast<int>(text.size()), nullptr, 0);
    std::wstring out(static_cast<std::size_t>(size), L'\0');
    if (size > 0)
        MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), &out[0], size);
    return out;
}

inline std::string utf8(const std::wstring &text) {
    const int size = WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), nullptr, 0,
                                         nullptr, nullptr);
    std::string out(static_cast<std::size_t>(size), '\0');
    if (size > 0)
        WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), &out[0], size, nullptr,
                            nullptr);
    return out;
}

// arguments are those of the command line, without the program's name.
inline std::vector<std::string> arguments(int, char **) {
    SetConsoleOutputCP(CP_UTF8);
    int count = 0;
    std::unique_ptr<wchar_t *, HLOCAL(WINAPI *)(HLOCAL)> list(CommandLineToArgvW(GetCommandLineW(), &count),
                                                              LocalFree);
    std::vector<std::string> out;
    for (int i = 1; list && i < count; i++)
        out.push_back(utf8(list.get()[i]));
    return out;
}

inline std::string variable(const char *name) {
    const wchar_t *const value = _wgetenv(wide(name).c_str());
    return value ? utf8(value) : "";
}

inline std::FILE *open(const std::string &path, const char *mode) {
    return _wfopen(wide(path).c_str(), wide(mode).c_str());
}

inline bool replace(const std::string &from, const std::string &to) {
    return MoveFileExW(wide(from).c_str(), wide(to).c_str(),
                       MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) != 0;
}

inline void make_folder(const std::string &path) {
    CreateDirectoryW(wide(path).c_str(), nullptr);
}

inline bool is_file(const std::string &path) {
    const DWORD attributes = GetFileAttributesW(wide(path).c_str());
    return attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

inline std::vector<std::string> entries(const std::string &folder) {
    std::vector<std::string> out;
    WIN32_FIND_DATAW entry;
    const HANDLE search = FindFirstFileW(wide(folder + "\\*").c_str(), &entry);
    if (search == INVALID_HANDLE_VALUE)
        return out;
    do
        out.push_back(utf8(entry.cFileName));
    while (FindNextFileW(search, &entry));
    FindClose(search);
    return out;
}

inline long process_id() {
    return static_cast<long>(GetCurrentProcessId());
}

// quoted is text as one argument of a command. It must hold no '"'.
inline std::string quoted(const std::string &text) {
    return '"' + text + '"';
}

// run has the command interpreter run a command, without its output.
inline bool run(const std::string &command) {
    return _wsystem(wide('"' + command + " >NUL\"").c_str()) == 0;
}

#else

inline std::vector<std::string> arguments(int count, char **list) {
    return std::vector<std::string>(list + (count > 0), list + count);
}

inline std::string variable(const char *name) {
    const char *const value = std::getenv(name);
    return value ? value : "";
}

inline std::FILE *open(const std::string &path, const char *mode) {
    return std::fopen(path.c_str(), mode);
}

inline bool replace(const std::string &from, const std::string &to) {
    return std::rename(from.c_str(), to.c_str()) == 0;
}

inline void make_folder(const std::string &path) {
    mkdir(path.c_str(), 0777);
}

inline bool is_file(const std::string &path) {
    struct stat info;
    return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

inline std::vector<std::string> entries(const std::string &folder) {
    std::vector<std::string> out;
    std::unique_ptr<DIR, int (*)(DIR *)> list(opendir(folder.c_str()), closedir);
    while (dirent *entry = list ? readdir(list.get()) : nullptr)
        out.push_back(entry->d_name);
    return out;
}

inline long process_id() {
    return static_cast<long>(getpid());
}

// quoted is text as one argument of a command.
inline std::string quoted(const std::string &text) {
    std::string out = "'";
    for (char c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

// run has the command interpreter run a command, without its output.
inline bool run(const std::string &command) {
    return std::system((command + " >/dev/null").c_str()) == 0;
}

#endif

// read gives the content of a file; it throws std::runtime_error.
inline std::string read(const std::string &path) {
    std::unique_ptr<std::FILE, int (*)(std::FILE *)> in(open(path, "rb"), std::fclose);
    std::string out;
    char part[65536];
    while (std::size_t n = in ? std::fread(part, 1, sizeof part, in.get()) : 0)
        out.append(part, n);
    if (!in || std::ferror(in.get()))
        throw std::runtime_error("cannot read " + path);
    return out;
}

// write replaces a file as a whole; it throws std::runtime_error.
inline void write(const std::string &path, const std::string &content) {
    const std::string beside = path + ".part";
    std::FILE *const out = open(beside, "wb");
    const bool written = out && std::fwrite(content.data(), 1, content.size(), out) == content.size();
    const bool closed = out && std::fclose(out) == 0;
    if (!written || !closed || !replace(beside, path))
        throw std::runtime_error("cannot write " + path);
}

} // namespace platform

#endif
